"""Speak into a phone call: mu-law at 8 kHz in frames of 20 ms, sent at the pace of the call."""

import asyncio
import time

from cartesia import AsyncCartesia

FRAME = 160  # bytes: 20 ms of 8 kHz, a byte a sample
SILENCE = b"\xff"  # of mu-law


async def send_to_call(frame: bytes) -> None:
    """Stand in for the connection to the phone network."""
    if len(frame) != FRAME:
        raise ValueError(frame)


async def main() -> None:
    """Cut the audio into frames, the last one filled up with silence."""
    rest, frames, due = b"", 0, 0.0
    async with AsyncCartesia() as client:
        async for event in client.tts.stream(
            transcript="Thank you for calling. How can I help you?",
            model_id="sonic-3",
            voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
            output_format={"container": "raw", "encoding": "pcm_mulaw", "sample_rate": 8000},
        ):
            rest += (event.audio or b"") if event.type == "chunk" else b""
            if event.type == "done":
                rest += SILENCE * (-len(rest) % FRAME)
            while len(rest) >= FRAME:
                await send_to_call(rest[:FRAME])
                # From now, where the audio came late: no burst makes up for it.
                rest, frames, due = rest[FRAME:], frames + 1, max(due, time.monotonic()) + 0.02
                await asyncio.sleep(due - time.monotonic())
    print(f"{frames} frames of 20 ms")


asyncio.run(main())
