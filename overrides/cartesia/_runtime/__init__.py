"""The runtime beneath the generated client: it knows how bytes move, not what the API is."""
