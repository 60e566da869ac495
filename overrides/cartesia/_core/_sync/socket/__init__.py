# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_core/_async/socket/__init__.py
# Do not edit: change that file instead.
"""The WebSocket connections: the session core, and what moves its messages."""
