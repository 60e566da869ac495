# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/websocket/__init__.py
# Do not edit: change that file instead.
"""The WebSocket connections: the session core, and what moves its messages."""
