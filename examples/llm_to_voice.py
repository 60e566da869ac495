"""Speak the answer of a language model while the model still writes it."""

import asyncio
from collections.abc import AsyncIterator

from cartesia import AsyncCartesia


async def write_answer() -> AsyncIterator[str]:
    """Stand in for a language model: replace it with the text deltas of yours."""
    for token in ("The ", "tokens ", "go ", "out, ", "and ", "the ", "voice ", "speaks ", "along."):
        yield token
        await asyncio.sleep(0.02)


async def main() -> None:
    """Receive audio while the text is sent."""
    async with AsyncCartesia() as client:
        seconds = 0.0
        async for event in client.tts.stream(
            transcript=write_answer(),
            model_id="sonic-3",
            voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        ):
            if event.type == "chunk" and event.audio:
                seconds += len(event.audio) / (24000 * 2)  # play it, or send it on
        print(f"{seconds:.2f} s of speech")


asyncio.run(main())
