"""Servers that misbehave on a WebSocket, and how the rows of the page name what came of it."""

from __future__ import annotations

import json
import random
import re
import socket
import struct
import threading
from itertools import count

from tests.runtime.websocket.server import Peer
from tests.runtime.websocket.wordbook import event

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
        self.leave(peer)

    def leave(self, peer: Peer) -> None:
        """Neither read nor write from here on."""
        self._locks.append(peer.stop_answering())

    def let_go(self) -> None:
        """Release what it holds, so that it can be shut down."""
        for lock in self._locks:
            lock.release()


class Chaos:
    """A server that speaks to many contexts at once and breaks off at random points.

    A context says how many chunks it wants: the sum of the numbers that it sends.

    Args:
        seed: Of its whims.

    Attributes:
        ended: How many connections it has ended.
        is_calm: Whether it ends none of those that are opened from now on.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 # a whim, no secret
        self.ended = 0
        self.is_calm = False

    def __call__(self, peer: Peer) -> None:
        wanted: dict[str, int] = {}
        speaking: dict[str, int] = {}
        for _ in count() if self.is_calm else range(self._random.randint(1, 150)):
            self._hear(peer, wanted, speaking)
            if speaking:
                self._say(peer, wanted, speaking)
        self.ended += 1
        end = self._random.choice(["cut", "reset", "half", "1000", "1001", "1011", "1013"])
        if end == "reset":
            reset(peer)
        elif end in {"cut", "half"}:
            if end == "half":
                peer.connection.socket.sendall(b"\x81\x7e\x10\x00{")
            peer.cut()
        else:
            # It would wait for the client's answer, which may lie behind what nobody reads here.
            peer.connection.close_timeout = 0.01
            peer.connection.close(int(end), "chaos")

    def _hear(self, peer: Peer, wanted: dict[str, int], speaking: dict[str, int]) -> None:
        """Take what came; wait for something where nothing is to be said."""
        patience: float = 10
        while True:
            try:
                message = json.loads(peer.connection.recv(timeout=0 if speaking else patience))
            except TimeoutError:
                return
            context_id = str(message["context_id"])
            if message.get("cancel"):
                wanted.pop(context_id, None)
                speaking.pop(context_id, None)
                patience = 0.05
                continue
            number = int(message["transcript"] or 0)
            wanted[context_id] = wanted.get(context_id, 0) + number
            speaking.setdefault(context_id, 0)
            if not message["continue"]:
                speaking[context_id] |= _FINISHING

    def _say(self, peer: Peer, wanted: dict[str, int], speaking: dict[str, int]) -> None:
        """Say the next of one context."""
        context_id = self._random.choice(list(speaking))
        state = speaking[context_id]
        number = state & ~_FINISHING
        if number < wanted[context_id]:
            peer.send(event("chunk", context_id, number=number, of=context_id))
            speaking[context_id] = state + 1
        elif state & _FINISHING:
            peer.send(event("done", context_id))
            del speaking[context_id], wanted[context_id]


_FINISHING = 1 << 20

FIGURES: dict[str, str] = {}
"""What the soaks of this run counted, by their world."""
