"""Files of 200 MB, sent and received: how much memory they take beyond an idle client's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.limits import peak_bytes
from tests.benchmarks.server import BIG_BYTES
from tests.benchmarks.works.base import VOICE_ID, Figures, Run, client_options


def _growth(work: Callable[[Path], object]) -> Run:
    def run(times: int) -> Figures:
        del times  # a peak is reached once
        before = peak_bytes()
        with tempfile.TemporaryDirectory() as folder:
            work(Path(folder) / "big")
        return {"bytes": peak_bytes() - before}

    return run


def upload(url: str) -> Run:
    """Send a file for transcription."""
    from cartesia import Cartesia

    client = Cartesia(**client_options(f"{url}/instant"))
    client.stt.transcribe(file=b"RIFF", model="ink-whisper")

    def send(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(BIG_BYTES)
        client.stt.transcribe(file=path, model="ink-whisper")

    return _growth(send)


def write_to_file(url: str) -> Run:
    """Write a generation into a file."""
    from cartesia import Cartesia

    Cartesia(**client_options(f"{url}/instant")).voices.get(VOICE_ID)
    client = Cartesia(**client_options(f"{url}/big"))

    def write(path: Path) -> None:
        client.tts.generate(
            model_id="sonic-3",
            transcript="Hello, world!",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        ).write_to_file(path)
        assert path.stat().st_size == BIG_BYTES

    return _growth(write)
