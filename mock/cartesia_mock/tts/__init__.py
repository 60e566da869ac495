"""Streaming text-to-speech beneath its handlers: options, paced audio, and WebSocket contexts."""
