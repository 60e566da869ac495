"""A port over aiohttp, for asyncio alone."""
