"""The main jobs in one run: on a mock server, or on the API if CARTESIA_API_KEY is set."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

from cartesia import Cartesia
from cartesia.audio import to_wav
from cartesia_mock.testing import serve

LINE = "\033[1;36m{:<12}\033[0m{}" if sys.stdout.isatty() else "{:<12}{}"
TEXT = "Hello! This went out as text, and came back as sound."
VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
FILE = Path(__file__).with_name("hello.wav")


def show(step: str, result: object) -> None:
    """Print what came of a step, as soon as it has."""
    print(LINE.format(step, result), flush=True)


with ExitStack() as stack:
    if not os.environ.get("CARTESIA_API_KEY"):
        url = stack.enter_context(serve(first_chunk_ms=60, realtime_factor=0.2))
        os.environ.update(CARTESIA_API_KEY="any", CARTESIA_BASE_URL=url)
    client = stack.enter_context(Cartesia())
    show("server", client.base_url)
    show("voice", client.voices.get(VOICE).name)
    audio, start = b"", perf_counter()
    for event in client.tts.stream(transcript=TEXT, voice=VOICE):
        if event.type == "chunk" and event.audio:
            if not audio:
                show("first sound", f"after {perf_counter() - start:.3f} s")
            audio += event.audio
    FILE.write_bytes(to_wav(audio, sample_rate=44100, encoding="pcm_f32le"))
    show("file", f"{os.path.relpath(FILE)}, {len(audio) / 176400:.2f} s")
    show("heard back", client.stt.transcribe(file=FILE, model="ink-whisper").text)
