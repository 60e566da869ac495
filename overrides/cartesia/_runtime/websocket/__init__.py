"""The WebSocket sessions without I/O: nothing in this folder opens a socket, sleeps or awaits."""
