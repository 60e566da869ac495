"""Files that appear complete or not at all, and the length that a WAV declares."""

from __future__ import annotations

import errno
import io
import os
import signal
import stat
import struct
import subprocess
import sys
import threading
import wave
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, cast

import pytest

from cartesia._runtime import storage
from cartesia._runtime.storage import atomic_file, wav_length


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    with atomic_file(target) as file:
        file.write(b"half")
        assert names(tmp_path) == []
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


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="root alone may give files away")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    target.write_bytes(b"old")
    os.chown(target, 1234, 2345)
    with atomic_file(target) as file:
        file.write(b"new")
    assert (target.stat().st_uid, target.stat().st_gid) == (1234, 2345)
    assert target.read_bytes() == b"new"


def test_a_link_keeps_pointing(tmp_path: Path) -> None:
    target, link = tmp_path / "a.wav", tmp_path / "link"
    target.write_bytes(b"older")
    link.symlink_to(target)
    with atomic_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_the_file_that_is_open_or_linked_elsewhere_is_the_one_that_is_written(
    tmp_path: Path,
) -> None:
    target, other = tmp_path / "a.wav", tmp_path / "other"
    for before in (b"", b"old", b"much older and longer"):
        target.write_bytes(before)
        other.unlink(missing_ok=True)
        os.link(target, other)
        target.chmod(0o640)
        with target.open("rb") as reader:
            with atomic_file(target) as file:
                file.write(b"new text")
                assert target.read_bytes() == before
            assert reader.read() == b"new text"
        assert other.read_bytes() == b"new text"
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
    with NamedTemporaryFile() as named:
        with atomic_file(named.name) as file:
            file.write(b"new")
        assert named.read() == b"new"


def test_a_new_file_is_private_until_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []

    def look(source: IO[bytes], target: IO[bytes]) -> None:
        (part,) = tmp_path.iterdir()
        modes.append(stat.S_IMODE(part.stat().st_mode))
        target.write(source.read())

    monkeypatch.setattr("cartesia._runtime.storage._copy", look)
    with atomic_file(tmp_path / "a.wav") as file:
        file.write(b"new")
    assert modes == [0o600]
    assert (tmp_path / "a.wav").read_bytes() == b"new"


def test_a_disk_that_is_full_leaves_the_old_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: IO[bytes], target: IO[bytes]) -> None:
        target.write(source.read(5))
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "a.wav"
    target.write_bytes(b"old")
    monkeypatch.setattr("cartesia._runtime.storage._copy", refuse)
    for path in (target, tmp_path / "new.wav"):
        with pytest.raises(OSError, match="No space left"), atomic_file(path) as file:
            file.write(b"newer and longer")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["a.wav"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_while_a_file_is_replaced_leaves_the_new_content_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    copy, calls = storage._copy, 0

    def interrupt(source: IO[bytes], target: IO[bytes]) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:  # the second copies what is over the old content
            target.write(source.read(3))
            raise end
        copy(source, target)

    target = tmp_path / "a.wav"
    target.write_bytes(b"old content")
    monkeypatch.setattr(storage, "_copy", interrupt)
    with pytest.raises(end), atomic_file(target) as file:
        file.write(b"new content, which is longer")
    assert target.read_bytes() == b"new content, which is longer"


def test_a_missing_folder_is_named_as_the_caller_wrote_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in ("out/a.wav", Path("out") / "a.wav", "../missing/deep/a.wav"):
        with pytest.raises(FileNotFoundError) as caught, atomic_file(path):
            raise AssertionError
        assert f"there is no folder {os.path.dirname(path)!r}" in str(caught.value)  # noqa: PTH120
        assert caught.value.filename == os.fspath(path)
        assert ".part" not in str(caught.value)
    assert names(tmp_path) == []


def test_a_folder_that_is_not_ours_is_told_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(PermissionError, match=r"a\.wav"), atomic_file(tmp_path / "a.wav"):
        raise AssertionError


def test_binary_files_are_written_when_all_is_there(tmp_path: Path) -> None:
    memory = BytesIO(b"before ")
    memory.seek(0, os.SEEK_END)
    with atomic_file(memory) as file:
        file.write(b"new")
        assert memory.getvalue() == b"before "
    assert memory.getvalue() == b"before new"
    with (tmp_path / "a").open("ab") as opened, atomic_file(opened) as file:
        file.write(b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


class AsyncFile:
    def write(self, data: bytes) -> object:
        return iter(data)  # as a coroutine, it has written nothing yet


def test_what_is_neither_a_path_nor_a_binary_file_is_refused_by_name() -> None:
    for target in (StringIO(), 5, None, AsyncFile(), sys.stdout):
        with (
            pytest.raises(TypeError, match="`path` must be a path, or a file opened in binary"),
            atomic_file(target),  # type: ignore[arg-type]
        ):
            raise AssertionError


PROGRAM = """
import sys
from cartesia._runtime.storage import atomic_file
with atomic_file(sys.argv[1]) as file:
    file.write(b"x" * 20_000_000)
    print("written", flush=True)
    sys.stdin.read()
"""


def test_nothing_outlives_a_process_that_is_terminated(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    command = [sys.executable, "-c", PROGRAM, str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603  # our own
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.terminate()
        assert process.wait(30) == -signal.SIGTERM
    assert names(tmp_path) == []


def wave_file(riff: int, data: int, samples: bytes, extra: bytes = b"") -> bytes:
    chunk = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    head = b"RIFF" + struct.pack("<I", riff) + b"WAVE" + chunk + extra
    return head + b"data" + struct.pack("<I", data) + samples


LIST = b"LIST" + struct.pack("<I", 3) + b"abc\0"


@pytest.mark.parametrize("extra", [b"", LIST])
@pytest.mark.parametrize(
    ("riff", "data"),
    [
        (0, 0),
        (0xFFFF_FFFF, 0xFFFF_FFFF),
        (0xFFFF_FFFF, 0xFFFF_FFFF - 36),
        (0x7FFF_FFFF, 0x7FFF_FFFF - 36),
        (0xFFFF_FFFF, 2000),
        (2036, 0xFFFF_FFFF),
        (2036, 0x7FFF_FFFF),
        (2036, 2001),
        (2036, 2000),
    ],
)
def test_the_lengths_in_a_wav_are_true(tmp_path: Path, riff: int, data: int, extra: bytes) -> None:
    samples = bytes(range(250)) * 8
    if riff == 2036:
        riff += len(extra)
    target = tmp_path / "a.wav"
    memory = BytesIO(b"in front ")
    memory.seek(0, os.SEEK_END)
    for path in (target, memory):
        with atomic_file(path) as file:
            file.write(wave_file(riff, data, samples, extra))
    assert target.read_bytes() == wave_file(2036 + len(extra), 2000, samples, extra)
    assert memory.getvalue() == b"in front " + target.read_bytes()
    with wave.open(str(target)) as opened:
        assert opened.getnframes() == 1000
        assert opened.readframes(1001) == samples


@pytest.mark.parametrize(
    "content",
    [
        wave_file(36, 0, b""),
        wave_file(2036 + 12, 2000, bytes(2000)) + LIST,
        wave_file(2036, 0, bytes(2000)),
        wave_file(36 + 8000, 2000, bytes(2000), b"junk\0\0\0\0" * 1000),
        b"RIFF\0\0\0\0WAVE",
        b"RIFF\0\0",
        b"RIFF\0\0\0\0AVI data\0\0\0\0abc",
        b"",
        b"ID3",
    ],
)
def test_what_needs_no_correction_is_written_as_it_is(tmp_path: Path, content: bytes) -> None:
    with atomic_file(tmp_path / "a") as file:
        file.write(content)
    expected = content
    if content[8:] == b"WAVE":
        expected = b"RIFF\4\0\0\0WAVE"
    assert (tmp_path / "a").read_bytes() == expected


@pytest.mark.timeout(60)
def test_a_wav_of_nothing_but_chunks_is_written_at_once(tmp_path: Path) -> None:
    content = wave_file(36 + 2**26, 0, bytes(2**26))
    for hostile in (content, content.replace(b"data", b"junk")):
        with atomic_file(tmp_path / "a") as file:
            file.write(hostile)
        assert (tmp_path / "a").read_bytes() == hostile


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


class Sluggish(io.RawIOBase):
    """A file without a buffer that takes three bytes at a time, or none at all."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int | None:
        piece = bytes(data)[: min(3, self.room)]  # type: ignore[call-overload]
        self.room -= len(piece)
        self.taken += piece
        return len(piece) if self.room or not data else None


def test_a_file_that_takes_less_than_it_is_given_gets_the_rest() -> None:
    file = Sluggish(1000)
    with atomic_file(cast("IO[bytes]", file)) as spool:
        spool.write(bytes(range(100)))
    assert file.taken == bytes(range(100))
    with pytest.raises(BlockingIOError), atomic_file(cast("IO[bytes]", Sluggish(30))) as spool:
        spool.write(bytes(range(100)))


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
