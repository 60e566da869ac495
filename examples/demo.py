"""Speak and listen, on a mock server; on the API if CARTESIA_API_KEY is set."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

from cartesia import Cartesia
from cartesia.audio import to_wav
from cartesia.types import RawOutputFormatParam
from cartesia_mock.testing import serve

LINE = "\033[1;36m{:<13}\033[0m{}" if sys.stdout.isatty() else "{:<13}{}"
TEXT = "Hello! This went out as text, and came back as sound."
VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
RAW: RawOutputFormatParam = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 44100}
FILE = Path(__file__).with_name("hello.wav")


with ExitStack() as stack:
    if not os.environ.get("CARTESIA_API_KEY"):
        url = stack.enter_context(serve(first_chunk_ms=60, realtime_factor=0.2))
        os.environ.update(CARTESIA_API_KEY="any", CARTESIA_BASE_URL=url)
    client = stack.enter_context(Cartesia())
    print(LINE.format("server", client.base_url), flush=True)
    print(LINE.format("voice", client.voices.get(VOICE).name), flush=True)
    audio, start = b"", perf_counter()
    for event in client.tts.stream(transcript=TEXT, voice=VOICE, output_format=RAW):
        if event.type == "chunk" and event.audio:
            if not audio:
                passed = f"after {perf_counter() - start:.3f} s"
                print(LINE.format("first sound", passed), flush=True)
            audio += event.audio
    FILE.write_bytes(to_wav(audio, sample_rate=44100))
    print(LINE.format("file", f"{os.path.relpath(FILE)}, {len(audio) / 88200:.2f} s"), flush=True)
    heard = client.stt.transcribe(file=FILE, model="ink-whisper")
    print(LINE.format("heard back", heard.text))
