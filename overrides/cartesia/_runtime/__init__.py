"""The runtime beneath the generated client: it knows how bytes move, not what the API is."""

__version__ = "0.1.0"
"""The version of this package; ``pyproject.toml`` says the same."""
