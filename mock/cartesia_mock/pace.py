"""When each piece of audio leaves the server: the first one early, the rest at a steady pace."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """The times at which one generation's audio is due.

    Attributes:
        start: When the generation was asked for, by the event loop's clock.
        first_chunk: Seconds from there to the first piece.
        realtime_factor: Seconds for one second of audio.
    """

    start: float
    first_chunk: float
    realtime_factor: float

    def due(self, audio: float) -> float:
        """Say when the piece that begins `audio` seconds into the audio is due."""
        return self.start + self.first_chunk + audio * self.realtime_factor

    async def wait(self, audio: float) -> None:
        """Wait until the piece that begins `audio` seconds into the audio is due.

        Other tasks get their turn even when it is due already.
        """
        await asyncio.sleep(max(self.due(audio) - asyncio.get_running_loop().time(), 0))
