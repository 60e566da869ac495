"""Transcribe a conversation whose turns the server detects, sending and receiving at once."""

import asyncio

from cartesia import AsyncCartesia


async def main() -> None:
    """Say two sentences with a pause between them."""
    async with AsyncCartesia() as client:
        speech = await client.tts.generate(
            model_id="sonic-3",
            transcript='How is the weather today?<break time="2s"/>Thank you.',
            voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000},
        )
        async with client.stt.auto_finalize.websocket(
            model="ink-2", encoding="pcm_s16le", sample_rate=16000
        ) as connection:

            async def talk() -> None:
                async for piece in speech.iter_bytes(3200):  # 100 ms; or a Microphone
                    await connection.send_raw(piece)
                await connection.send_raw(bytes(64000))  # two seconds of silence
                await connection.send({"type": "close"})

            talking = asyncio.create_task(talk())
            async for event in connection:
                if event.type == "turn.start":
                    print("the user talks: stop the voice")
                elif event.type == "turn.end":
                    print("answer this:", event.transcript.strip())
            await talking


asyncio.run(main())
