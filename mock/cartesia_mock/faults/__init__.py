"""Faults on demand: what can go wrong between a client and a server, when a test asks for it."""
