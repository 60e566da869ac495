# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/__init__.py
# Do not edit: change that file instead.
"""The parts of the runtime that do I/O, written for asyncio; ``_sync`` is derived from them."""
