"""Scripts of a server that listens: they keep what came, and answer as the API does."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Union

from tests.runtime.websocket.server import Peer, Script
from tests.runtime.websocket.wordbook import event

Frame = Union[str, bytes]


class Ears:
    """What the server heard.

    Attributes:
        frames: Text and binary frames, in order, over all connections.
    """

    def __init__(self) -> None:
        self.frames: queue.Queue[Frame] = queue.Queue()

    def heard(self) -> list[Frame]:
        return [self.frames.get_nowait() for _ in range(self.frames.qsize())]

    def hear(self, peer: Peer) -> Frame:
        frame = peer.connection.recv(timeout=10)
        self.frames.put(frame)
        return frame

    def listen(self, *, first: str | None = None) -> Script:
        """Answer audio with interim texts, `finalize` with a final one, `close` with done."""

        def script(peer: Peer) -> None:
            if first is not None:
                peer.send(first)
            while True:
                frame = self.hear(peer)
                if isinstance(frame, bytes):
                    peer.send(event("transcript", text=f"{len(frame)} bytes", is_final=False))
                elif frame == "finalize":
                    peer.send(event("transcript", text="all", is_final=True), event("flush_done"))
                elif "close" in frame:
                    peer.send(event("done"))
                    peer.connection.close()
                    return

        return script

    def hear_then(self, count: int, end: Callable[[Peer], None]) -> Script:
        """Answer so many frames with interim texts, then do something else."""

        def script(peer: Peer) -> None:
            for number in range(count):
                self.hear(peer)
                peer.send(event("transcript", text=f"heard {number}", is_final=False))
            end(peer)

        return script


def closing(code: int, reason: str = "") -> Callable[[Peer], None]:
    return lambda peer: peer.connection.close(code, reason)
