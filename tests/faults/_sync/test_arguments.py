# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_arguments.py
# Do not edit: change that file instead.
"""Bad input is refused before anything is sent, by an error that names the argument."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cartesia import Cartesia
from tests.faults._sync.calls import RAW, VOICE, WAV, connect
from tests.faults.page import Caller
from tests.runtime.server import answer, serve

GROUP = "Bad input"


def wrong(
    fault: str, call: Callable[[Cartesia], object], kind: type[Exception], name: str
) -> object:
    return pytest.param(call, kind, name, marks=pytest.mark.fault(GROUP, fault), id=fault)


def speak(**arguments: object) -> Callable[[Cartesia], object]:
    """Speak with other arguments than usual; `...` leaves one out."""
    usual = {"model_id": "sonic-3", "transcript": "Hello.", "voice": VOICE, "output_format": WAV}
    given = {name: value for name, value in {**usual, **arguments}.items() if value is not ...}

    def call(client: Cartesia) -> object:
        return client.tts.generate(**given)  # type: ignore[arg-type]  # the point

    return call


def get(**options: object) -> Callable[[Cartesia], object]:
    def call(client: Cartesia) -> object:
        return client.voices.get(VOICE, **options)  # type: ignore[arg-type]  # the point

    return call


def listen(**arguments: object) -> Callable[[Cartesia], object]:
    usual = {"model": "ink-whisper", "file": b"RIFF"}
    given = {name: value for name, value in {**usual, **arguments}.items() if value is not ...}

    def call(client: Cartesia) -> object:
        return client.stt.transcribe(**given)  # type: ignore[arg-type]  # the point

    return call


def closed() -> io.BytesIO:
    file = io.BytesIO(b"RIFF")
    file.close()
    return file


class Talker:
    """What gives anything but bytes."""

    def __init__(self, said: object) -> None:
        self._said = said

    def read(self, size: int) -> object:
        return self._said


class Sleeper:
    """A file of an asynchronous library."""

    def read(self, size: int) -> object:
        return asyncio.sleep(0, b"RIFF")


class Gulp:
    """What can only be read in one go."""

    def read(self) -> bytes:
        return b"RIFF"


def endless() -> list[object]:
    items: list[object] = []
    items.append(items)
    return items


def deep() -> list[object]:
    items: list[object] = []
    for _ in range(100_000):
        items = [items]
    return items


@pytest.mark.parametrize(
    ("call", "kind", "name"),
    [
        wrong("The voice is missing", speak(voice=...), TypeError, "voice"),
        wrong("The voice is None", speak(voice=None), TypeError, "voice"),
        wrong("The voice is a number", speak(voice=5), TypeError, "voice"),
        wrong("The transcript is empty", speak(transcript=""), ValueError, "transcript"),
        wrong("The transcript is None", speak(transcript=None), TypeError, "transcript"),
        wrong("The transcript is bytes", speak(transcript=b"Hello."), TypeError, "transcript"),
        wrong(
            "The transcript ends inside of a character",
            speak(transcript="Hello \ud83d"),
            ValueError,
            "transcript",
        ),
        wrong(
            "The output format is a word", speak(output_format="wav"), TypeError, "output_format"
        ),
        wrong(
            "A number is no number",
            speak(generation_config={"speed": float("nan")}),
            ValueError,
            "generation_config",
        ),
        wrong(
            "A value has no JSON form",
            speak(generation_config={"speed": object}),
            TypeError,
            "generation_config",
        ),
        wrong(
            "A value holds itself",
            speak(generation_config={"speed": endless()}),
            ValueError,
            "generation_config",
        ),
        wrong(
            "A value is nested without end",
            speak(generation_config={"speed": deep()}),
            ValueError,
            "generation_config",
        ),
        wrong("An extra body is a list", speak(extra_body=[1]), TypeError, "extra_body"),
        wrong("An argument that does not exist", speak(voise=1), TypeError, "voise"),
        wrong("An id is a number", lambda client: client.voices.get(5), TypeError, "id"),  # type: ignore[arg-type]  # the point
        wrong("A time-out is a word", get(timeout="a"), TypeError, "timeout"),
        wrong("A time-out is below 0", get(timeout=-1), ValueError, "timeout"),
        wrong("A time-out is 0", get(timeout=0), ValueError, "timeout"),
        wrong("A time-out is not a number", get(timeout=float("nan")), ValueError, "timeout"),
        wrong("A time-out is infinite", get(timeout=float("inf")), ValueError, "timeout"),
        wrong(
            "Extra headers are a list", get(extra_headers=[("a", "b")]), TypeError, "extra_headers"
        ),
        wrong("A header is a number", get(extra_headers={"a": 1}), TypeError, "extra_headers"),
        wrong(
            "A header has a line end",
            get(extra_headers={"a": "b\r\nc: d"}),
            ValueError,
            "extra_headers",
        ),
        wrong(
            "A header has a control character",
            get(extra_headers={"a": "b\x01"}),
            ValueError,
            "extra_headers",
        ),
        wrong(
            "A header's name has a space",
            get(extra_headers={"a b": "c"}),
            ValueError,
            "extra_headers",
        ),
        wrong(
            "A header of 1 MB",
            get(extra_headers={"a": "b" * 1_000_000}),
            ValueError,
            "extra_headers",
        ),
        wrong(
            "Extra query parameters are a text", get(extra_query="a=b"), TypeError, "extra_query"
        ),
        wrong("Half a character in a query", get(extra_query={"a": "\ud83d"}), ValueError, "a"),
        wrong("The file is missing", listen(file=...), TypeError, "file"),
        wrong("The file is None", listen(file=None), TypeError, "file"),
        wrong("The file is a path as text", listen(file="speech.wav"), TypeError, "file"),
        wrong("The file is text", listen(file=io.StringIO("a")), TypeError, "file"),
        wrong("The file has been closed", listen(file=closed()), ValueError, "file"),
        wrong("The file is a number", listen(file=5), TypeError, "file"),
        wrong("The file gives text", listen(file=Talker("text")), TypeError, "file"),
        wrong("The file is asynchronous", listen(file=Sleeper()), TypeError, "file"),
        wrong("The file cannot be read by size", listen(file=Gulp()), TypeError, "file"),
        wrong("A path with a zero byte", listen(file=Path("a\0b")), ValueError, "file"),
        wrong("The file's name is a number", listen(file=(5, b"RIFF")), TypeError, "file"),
        wrong(
            "The file's content type is a number",
            listen(file=("a.wav", b"RIFF", 5)),
            TypeError,
            "file",
        ),
        wrong(
            "The file's content type has a line end",
            listen(file=("a.wav", b"RIFF", "audio/wav\r\nX: y")),
            ValueError,
            "file",
        ),
        wrong("The file is a tuple of four", listen(file=("a", b"", "", "")), TypeError, "file"),
        wrong(
            "A header that follows from the body",
            get(extra_headers={"Content-Length": "5"}),
            ValueError,
            "extra_headers",
        ),
        wrong("Half a character in a form", listen(language="\ud83d"), ValueError, "language"),
    ],
)
def test_bad_input(
    call: Callable[[Cartesia], object],
    kind: type[Exception],
    name: str,
    caller: Caller,
) -> None:
    with serve(answer(b"{}")) as server:
        with connect(server.url) as client:
            with pytest.raises(kind, match=f"['`]{name}['`]") as caught:
                call(client)
    said = str(caught.value)
    caller.sees(f"`{kind.__name__}`: {said if '`' in said else f'of Python, naming `{name}`'}")
    assert len(str(caught.value)) < 300
    assert not server.requests


@pytest.mark.fault(GROUP, "A path that does not exist, or is a folder")
def test_paths_that_cannot_be_read(caller: Caller, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with serve(answer(b"{}")) as server:
        with connect(server.url) as client:
            with caller.raises(FileNotFoundError, match="`file`"):
                listen(file=tmp_path / "none.wav")(client)
            with caller.raises(IsADirectoryError, match="`file`"):
                listen(file=folder)(client)
    assert not server.requests


@pytest.mark.fault(GROUP, "A file that was opened to be written")
def test_a_file_that_cannot_be_read(caller: Caller, tmp_path: Path) -> None:
    with serve(answer(b"{}")) as server, (tmp_path / "a.wav").open("wb") as file:
        with connect(server.url) as client:
            with caller.raises(ValueError, match="`file`"):
                listen(file=file)(client)
    assert not server.requests


class Broken(io.BytesIO):
    """A disk that fails, after some bytes."""

    def __init__(self, data: bytes, good: int) -> None:
        super().__init__(data)
        self._good = good

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= self._good:
            raise OSError(5, os.strerror(5))
        return super().read(size)


@pytest.mark.fault(GROUP, "A file cannot be read at all")
def test_a_file_that_is_broken(caller: Caller) -> None:
    with serve(answer(b"{}")) as server:
        with connect(server.url) as client:
            with caller.raises(OSError, match="`file`: Input/output error"):
                listen(file=Broken(b"RIFF", 0))(client)
    assert not server.requests


class Shrinking(io.BytesIO):
    """A file that somebody empties once it was measured."""

    def read(self, size: int | None = -1, /) -> bytes:
        return b"" if self.tell() else super().read(size and 4)


@pytest.mark.fault(GROUP, "A file becomes shorter while it is sent")
def test_a_file_that_shrinks(caller: Caller) -> None:
    with serve(answer(b'{"text": "hello"}')) as server:
        with connect(server.url) as client:
            with caller.raises(OSError, match="`file` became shorter"):
                listen(file=Shrinking(b"RIFF" * 9))(client)
            client.stt.transcribe(file=b"RIFF", model="ink-whisper")
    assert len(server.requests) == 1


@pytest.mark.fault(GROUP, "A file breaks while it is sent")
def test_a_file_that_breaks(caller: Caller) -> None:
    with serve(answer(b'{"text": "hello"}')) as server:
        with connect(server.url, max_retries=2) as client:
            with pytest.raises(OSError, match="Input/output error"):
                listen(file=Broken(bytes(100_000), 65_536))(client)
            heard = client.stt.transcribe(file=b"RIFF", model="ink-whisper")
    assert heard.text == "hello"
    assert len(server.requests) == 1
    caller.sees("the `OSError` of the file; the next call works")


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        pytest.param(options, kind, marks=pytest.mark.fault(GROUP, fault))
        for fault, options, kind in [
            ("`api_key` has a line end", {"api_key": "sk_x\n"}, ValueError),
            ("`api_key` is bytes", {"api_key": b"sk_x"}, TypeError),
            ("`token` has a space at its end", {"token": "a b "}, ValueError),
            ("`base_url` has no scheme", {"base_url": "api.cartesia.ai"}, ValueError),
            ("`base_url` has a line end", {"base_url": "http://a\nb"}, ValueError),
            ("`timeout` is a word", {"timeout": "5"}, TypeError),
            ("`max_retries` is below 0", {"max_retries": -1}, ValueError),
            ("`max_retries` is a word", {"max_retries": "2"}, TypeError),
            ("`default_headers` is a list", {"default_headers": ["a"]}, TypeError),
            ("`default_query` is a text", {"default_query": "a=b"}, TypeError),
            ("`http_client` is none", {"http_client": 5}, TypeError),
        ]
    ],
)
def test_bad_options(options: dict[str, object], kind: type[Exception], caller: Caller) -> None:
    (name,) = options
    with caller.raises(kind, match=f"`{name}`") as caught:
        Cartesia(**{"api_key": "sk_test", **options})  # type: ignore[arg-type]  # the point
    assert "sk_" not in str(caught.value)
    if name not in ("api_key", "token", "base_url"):
        return
    client = Cartesia(api_key="sk_test")
    with pytest.raises(kind, match=f"`{name}`"):
        client.with_options(**options)  # type: ignore[arg-type]  # the point


def test_what_is_right_is_sent() -> None:
    """The other cases differ from this one in a single value."""
    with serve(answer(b"", headers={"content-type": "audio/wav"})) as server:
        with connect(server.url) as client:
            speak()(client)
            speak(voice={"mode": "id", "id": VOICE}, output_format=RAW)(client)
            speak(generation_config={"speed": 1.1}, language="en", timeout=3)(client)
    assert len(server.requests) == 3
