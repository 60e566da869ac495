"""Interrupt the voice when the user begins to talk, and answer on the same connection."""

import asyncio

from cartesia import AsyncCartesia

STORY = "Once upon a time there was a long story. " * 10


async def main() -> None:
    """Speak, cancel after half a second of audio, and speak again."""
    async with AsyncCartesia() as client, client.tts.websocket_connect() as connection:
        for text, user_interrupts in ((STORY, True), ("Yes? What would you like?", False)):
            context = connection.context(
                model_id="sonic-3",
                voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
                output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
            )
            await context.push(text)
            await context.no_more_inputs()
            seconds, limit = 0.0, 0.5 if user_interrupts else 60
            async for event in context.receive():
                if event.type == "chunk" and event.audio:
                    seconds += len(event.audio) / (24000 * 2)
                if seconds > limit:
                    await context.cancel()  # ends the loop; what is still on its way is dropped
            print(f"{context.state} after {seconds:.2f} s of speech")


asyncio.run(main())
