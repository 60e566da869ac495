"""Streaming speech-to-text beneath its handlers: sessions without I/O that take audio and time."""
