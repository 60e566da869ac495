"""Fault injection: HTTP, SSE and WebSocket failures that a test requests."""
