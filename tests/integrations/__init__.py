"""Packages of others on the mock server, each in an environment of its own; see `make integrations`."""
