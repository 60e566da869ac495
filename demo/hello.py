"""Speak a sentence in three ways, hear it back, and list voices: the main job in one run.

Runs on the mock server, which it starts itself, or on the real API when ``CARTESIA_API_KEY`` is
set.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cartesia import AsyncCartesia, Cartesia
from cartesia.types import RawOutputFormatParam, WAVOutputFormatParam

MODEL = "sonic-3"
VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
SENTENCE = "Hello! This sentence went out as text and came back as sound."
CONTEXTS = (
    "The first context counts one, two, three.",
    "The second one speaks at the very same time.",
    "And the third shares the socket with both.",
)
SAMPLE_RATE: Final = 44_100
BYTES_A_SECOND = SAMPLE_RATE * 2
WAV: WAVOutputFormatParam = {
    "container": "wav",
    "encoding": "pcm_s16le",
    "sample_rate": SAMPLE_RATE,
}
RAW: RawOutputFormatParam = {
    "container": "raw",
    "encoding": "pcm_s16le",
    "sample_rate": SAMPLE_RATE,
}
WAV_FILE = Path(__file__).with_name("hello.wav")


@dataclass
class Row:
    """One line of the table: what was spoken, and how fast the first sound was there."""

    what: str
    started: float = field(default_factory=time.perf_counter)
    first_audio: float | None = None
    size: int = 0
    words: list[str] = field(default_factory=list)

    def hear(self, audio: bytes) -> None:
        """Count one piece of audio."""
        if self.first_audio is None:
            self.first_audio = time.perf_counter() - self.started
        self.size += len(audio)

    def __str__(self) -> str:
        """Print the line."""
        first = f"{self.first_audio * 1000:.0f} ms" if self.first_audio is not None else "-"
        seconds = f"{self.size / BYTES_A_SECOND:.2f} s" if self.size else "-"
        return f"{self.what:<24}{self.size:>10,}{seconds:>10}{first:>12}   {' '.join(self.words)}"


@contextmanager
def server() -> Iterator[str | None]:
    """Give the base URL of a mock server of our own, or None where the real API is asked for."""
    if os.environ.get("CARTESIA_API_KEY"):
        yield None
        return
    from cartesia_mock.testing import serve

    with serve(first_chunk_ms=60, realtime_factor=0.2) as url:
        yield url


def by_bytes(client: Cartesia) -> Row:
    """Speak into a WAV file; the audio is written as it comes."""
    row = Row("bytes -> hello.wav")
    response = client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=WAV
    )
    for chunk in response.iter_bytes():
        row.hear(chunk)
    response.write_to_file(WAV_FILE)
    return row


def by_sse(client: Cartesia) -> Row:
    """Speak as server-sent events with the time of each word."""
    row = Row("server-sent events")
    with client.tts.generate_sse(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW, add_timestamps=True
    ) as stream:
        for event in stream:
            if event.type == "chunk":
                row.hear(event.audio or b"")
            elif event.type == "timestamps":
                times = event.word_timestamps
                row.words += [f"{word}@{at:.2f}" for word, at in zip(times.words, times.start)]
            elif event.type == "error":
                raise SystemExit(f"the server answered: {event.error}")
    return row


async def by_socket(client: AsyncCartesia) -> list[Row]:
    """Speak in three contexts of one WebSocket, each fed word by word, all at once."""
    async with client.tts.websocket_connect() as connection:

        async def speak(number: int, sentence: str) -> Row:
            row = Row(f"socket, context {number}")
            context = connection.context(
                model_id=MODEL, voice=VOICE, output_format=RAW, add_timestamps=True
            )

            async def feed() -> None:
                for word in sentence.split(" "):
                    await context.push(word + " ")
                    await asyncio.sleep(0.02)
                await context.no_more_inputs()

            feeding = asyncio.create_task(feed())
            async for event in context.receive():
                if event.type == "chunk":
                    row.hear(event.audio or b"")
                elif event.type == "timestamps" and event.word_timestamps:
                    row.words += event.word_timestamps.words
                elif event.type == "error":
                    raise SystemExit(f"the server answered: {event.error}")
            await feeding
            return row

        return await asyncio.gather(
            *(speak(number, sentence) for number, sentence in enumerate(CONTEXTS, 1))
        )


async def converse(base_url: str | None, api_key: str) -> list[Row]:
    """Open an async client for the sockets."""
    async with AsyncCartesia(api_key=api_key, base_url=base_url) as client:
        return await by_socket(client)


def by_ear(client: Cartesia) -> str:
    """Transcribe what was spoken into the file."""
    heard = client.stt.transcribe(
        file=WAV_FILE, model="ink-whisper", timestamp_granularities=["word"]
    )
    return heard.text


def main() -> None:
    """Run it all and print the table."""
    api_key = os.environ.get("CARTESIA_API_KEY") or "any-key-does-for-the-mock"
    with server() as base_url, Cartesia(api_key=api_key, base_url=base_url) as client:
        print(f"Speaking through {base_url or 'the Cartesia API'}\n")
        print(f"{'what':<24}{'bytes':>10}{'audio':>10}{'first audio':>12}   words")
        for row in (
            by_bytes(client),
            by_sse(client),
            *asyncio.run(converse(base_url, api_key)),
        ):
            print(row)
        print(f"\nheard back: {by_ear(client)}")
        voices = client.voices.list(limit=100)
        names = ", ".join(voice.name for voice in voices.data[:5])
        print(f"voices:     {len(voices.data)} ({names}, ...)")
        print(f"file:       {os.path.relpath(WAV_FILE)}")


if __name__ == "__main__":
    main()
