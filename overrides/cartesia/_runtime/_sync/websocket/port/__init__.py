# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/websocket/port/__init__.py
# Do not edit: change that file instead.
"""What is beneath a connection: one WebSocket, of the `websockets` library or of aiohttp."""
