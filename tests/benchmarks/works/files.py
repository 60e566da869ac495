"""Large files, sent and received: how much memory they take beyond an idle client's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.limits import peak_bytes
from tests.benchmarks.server import MEGABYTE
from tests.benchmarks.works.base import VOICE_ID, Figures, Run, client_options


def _growth(work: Callable[[Path, int], object]) -> Run:
    def run(times: int) -> Figures:
        before = peak_bytes()
        with tempfile.TemporaryDirectory() as folder:
            work(Path(folder) / "big", times)
        return {"bytes": peak_bytes() - before}

    return run


def upload(url: str) -> Run:
    """Send a file of so many megabytes for transcription."""
    from cartesia import Cartesia

    client = Cartesia(**client_options(f"{url}/instant"))
    client.stt.transcribe(file=b"RIFF", model="ink-whisper")

    def send(path: Path, megabytes: int) -> None:
        with path.open("wb") as file:
            file.truncate(megabytes * MEGABYTE)
        client.stt.transcribe(file=path, model="ink-whisper")

    return _growth(send)


def write_to_file(url: str) -> Run:
    """Write a generation of so many megabytes into a file."""
    from cartesia import Cartesia

    Cartesia(**client_options(f"{url}/instant")).voices.get(VOICE_ID)

    def write(path: Path, megabytes: int) -> None:
        client = Cartesia(**client_options(f"{url}/big-{megabytes}"))
        client.tts.generate(
            model_id="sonic-3",
            transcript="Hello, world!",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        ).write_to_file(path)
        assert path.stat().st_size == megabytes * MEGABYTE

    return _growth(write)
