"""The runtime beneath the generated client: transport, retries, SSE and WebSockets of any API."""

__version__ = "0.1.0"
"""The version of this package; ``pyproject.toml`` says the same."""
