"""The server: the ASGI application, the uvicorn process, and the endpoints under `/_mock`."""

from __future__ import annotations

from cartesia_mock.server.uvicorn_server import Server, listen

__all__ = ["Server", "listen"]
