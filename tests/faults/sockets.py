"""Servers that misbehave on a WebSocket, and how the rows of the page name what came of it."""

from __future__ import annotations

import re
import socket
import struct
import threading

from tests.core.socket.server import Peer
from tests.core.socket.wordbook import event

TTS = "Sockets that speak"
STT = "Sockets that listen"
BOUNDS = "Bounds of sockets"
SLOW = "Receivers that are too slow"

_PIECE = "x" * 4000


def said(error: BaseException) -> str:
    """Write an error as the page has it, without what differs from run to run."""
    text = re.sub(r"\d+\.\d s after", "... s after", str(error))
    text = re.sub(r"127\.0\.0\.1:\d+", "host", text)
    text = re.sub(r"\d+ events \(\d+ bytes\)", "... events (... bytes)", text)
    text = re.sub(r"after \d+ bytes", "after ... bytes", text)
    text = re.sub(r"(close frame|cannot reach host): ?[^;,]*", r"\1", text)
    text = re.sub(r"close frame \([^)]*\)", "close frame", text)
    return f"`{type(error).__name__}`: {text}"


def pour(peer: Peer, context_id: object, count: int, *, done: bool = True) -> None:
    """Say much, in chunks of 4 KB that are numbered."""
    for number in range(count):
        peer.send(event("chunk", context_id, number=number, data=_PIECE))
    if done:
        peer.send(event("done", context_id))


def read_on(peer: Peer) -> None:
    """Read until the client closes."""
    while True:
        peer.next()


def reset(peer: Peer) -> None:
    """Reset the connection."""
    peer.connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.connection.socket.close()


class Deaf:
    """A server that answers once, and then neither reads nor writes."""

    def __init__(self) -> None:
        self._locks: list[threading.Lock] = []

    def __call__(self, peer: Peer) -> None:
        peer.speak(peer.next()["context_id"], 1)
        self._locks.append(peer.stop_answering())

    def let_go(self) -> None:
        """Release what it holds, so that it can be shut down."""
        for lock in self._locks:
            lock.release()
