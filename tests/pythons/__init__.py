"""Tries the SDK on every Python that this machine has."""
