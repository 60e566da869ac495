"""The parts of the runtime that do I/O, written for asyncio; ``_sync`` is derived from them."""
