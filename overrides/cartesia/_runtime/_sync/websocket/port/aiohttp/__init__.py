# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/websocket/port/aiohttp/__init__.py
# Do not edit: change that file instead.
"""A port over aiohttp, for asyncio alone."""
