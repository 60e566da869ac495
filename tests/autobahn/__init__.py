"""Autobahn's fuzzing server against the WebSockets of the SDK: `make autobahn`."""
