"""The WebSocket connections: the session core, and what moves its messages."""
