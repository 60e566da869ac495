"""Files that appear complete or not at all, and the length that a WAV declares."""

from __future__ import annotations

import os
import stat
import struct
import threading
from pathlib import Path

import pytest

from cartesia._runtime.storage import atomic_file, wav_length


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    with atomic_file(target) as file:
        file.write(b"half")
        assert not target.exists()
        assert len(names(tmp_path)) == 1
    assert target.read_bytes() == b"half"
    assert names(tmp_path) == ["a.wav"]
    plain = tmp_path / "plain"
    plain.touch()
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def fail_while_writing(target: Path) -> None:
    with atomic_file(target) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_nothing_is_left_of_half_a_file(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    for before in (None, b"older"):
        if before is not None:
            target.write_bytes(before)
        with pytest.raises(KeyboardInterrupt):
            fail_while_writing(target)
        assert names(tmp_path) == (["a.wav"] if before else [])
    assert target.read_bytes() == b"older"


def test_a_link_keeps_pointing(tmp_path: Path) -> None:
    target, link = tmp_path / "a.wav", tmp_path / "link"
    target.write_bytes(b"older")
    link.symlink_to(target)
    with atomic_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    listener = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    listener.start()
    with atomic_file(pipe) as file:
        file.write(b"heard")
    listener.join(10)
    assert heard == [b"heard"]
    assert names(tmp_path) == ["pipe"]


def test_a_folder_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), atomic_file(tmp_path):
        raise AssertionError
    assert names(tmp_path) == []


def test_a_file_that_cannot_be_moved_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    with pytest.raises(OSError), atomic_file(target):
        (target / "in the way").mkdir(parents=True)
    assert names(tmp_path) == ["a.wav"]


def wav(size: int) -> bytes:
    return b"RIFF" + struct.pack("<I", size) + b"WAVE"


@pytest.mark.parametrize(
    ("head", "length"),
    [
        (wav(100), 108),
        (wav(0), None),
        (wav(0x7FFF_FFFF), None),
        (wav(0xFFFF_FFFF), None),
        (wav(0xFFFF_FFD7), None),
        (b"RIFX" + wav(100)[4:], None),
        (b"RIFF\x64\0\0\0AVI ", None),
        (b"RI", None),
        (b"", None),
    ],
)
def test_the_length_that_a_wav_declares(head: bytes, length: int | None) -> None:
    assert wav_length(head) == length
