"""What is beneath a connection: one WebSocket, of the `websockets` library or of aiohttp."""
