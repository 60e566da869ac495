"""Listening over WebSockets: until told to finish, or turn by turn."""
