"""Conventions of the API: versions, errors, request ids, pages and JSON values."""
