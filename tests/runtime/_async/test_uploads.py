"""Files on their way: from bytes, paths and open files, streamed, rewound, or refused."""

from __future__ import annotations

import io
import os
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from starlette.datastructures import Headers, UploadFile

import cartesia
from tests.runtime._async.tiny import tiny
from tests.runtime.server import Received, answer, hang_up, serve

pytestmark = pytest.mark.anyio

CREATED = answer(b'{"id": "t"}')


def parts(request: Received) -> list[tuple[str, str | None, str, bytes]]:
    """Take a multipart body apart with the standard library: name, file name, type, content."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + request.body, policy=policy.HTTP)
    found = []
    for part in message.iter_parts():
        assert isinstance(part, EmailMessage)
        disposition = part["content-disposition"].params
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        kind = part["content-type"] or ""
        found.append((disposition["name"], disposition.get("filename"), kind, content))
    return found


async def test_files_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "clip ü.wav"
    path.write_bytes(b"from a path")
    with serve(CREATED) as server, path.open("rb") as file:
        async with tiny(server.url) as client:
            await client.things.upload(clip=b"bytes", names=["a", "ü"])
            await client.things.upload(clip=path)
            await client.things.upload(clip=file)
            assert not file.closed
            await client.things.upload(clip=("x.mp3", io.BytesIO(b"named")))
            await client.things.upload(clip=("x.bin", path, "audio/x"))
            await client.things.upload(clip=(None, b"unnamed"))
            await client.things.upload(names=["only"])
    found = [parts(request) for request in server.requests]
    octets = "application/octet-stream"
    assert found[0] == [
        ("names[]", None, "", b"a"),
        ("names[]", None, "", "ü".encode()),
        ("clip", "upload", octets, b"bytes"),
    ]
    assert found[1] == found[2]
    (clip,) = found[1]
    assert clip[1:] == ("clip ü.wav", clip[2], b"from a path")
    assert clip[2] in {"audio/x-wav", "audio/wav"}
    assert found[3] == [("clip", "x.mp3", "audio/mpeg", b"named")]
    assert found[4] == [("clip", "x.bin", "audio/x", b"from a path")]
    assert found[5] == [("clip", "upload", octets, b"unnamed")]
    assert found[6] == [("names[]", None, "", b"only")]
    boundaries = {request.headers["content-type"] for request in server.requests}
    assert len(boundaries) == len(server.requests), "a boundary is never used twice"


async def test_a_file_that_a_web_framework_received_is_sent_under_its_name() -> None:
    received = UploadFile(
        io.BytesIO(b"received"), filename="clip.wav", headers=Headers({"content-type": "audio/wav"})
    )
    nameless = UploadFile(io.BytesIO(b"nameless"))
    with serve(CREATED) as server:
        async with tiny(server.url) as client:
            await client.things.upload(clip=received)
            await client.things.upload(clip=nameless)
    first, second = (parts(request) for request in server.requests)
    assert first == [("clip", "clip.wav", "audio/wav", b"received")]
    assert second == [("clip", "upload", "application/octet-stream", b"nameless")]


async def test_a_file_is_rewound_when_the_call_is_repeated() -> None:
    file = io.BytesIO(b"content")
    file.read()
    again = answer(status=503, headers={"retry-after-ms": "1"})
    with serve(again, again, CREATED) as server:
        async with tiny(server.url, max_retries=2) as client:
            await client.things.upload(clip=file)
    assert [parts(request)[0][3] for request in server.requests] == [b"content"] * 3


class Tape(io.RawIOBase):
    """A file that can be read once."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._data.readinto(buffer)


async def test_a_file_that_cannot_be_rewound_is_sent_once() -> None:
    with serve(CREATED) as server:
        async with tiny(server.url, max_retries=2) as client:
            await client.things.upload(clip=io.BufferedReader(Tape(b"once")))
    assert parts(server.requests[0])[0][3] == b"once"
    for fault in (hang_up, answer(status=503, headers={"retry-after-ms": "1"})):
        with serve(fault) as server:
            async with tiny(server.url, max_retries=2) as client:
                with pytest.raises(cartesia.APIError):
                    await client.things.upload(clip=io.BufferedReader(Tape(b"once")))
        assert len(server.requests) == 1
    there = answer(status=307, headers={"location": "/there"})
    with serve(there) as server:
        async with tiny(server.url, max_retries=2) as client:
            with pytest.raises(cartesia.APIConnectionError, match="second time"):
                await client.things.upload(clip=io.BufferedReader(Tape(b"once")))
    assert len(server.requests) == 1


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with serve(CREATED) as server:
        async with tiny(server.url) as client:
            with pytest.raises(FileNotFoundError, match="`clip`") as caught:
                await client.things.upload(clip=tmp_path / "none.wav")
            assert caught.value.filename == str(tmp_path / "none.wav")
    assert not server.requests


async def test_what_cannot_be_a_file_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("a")
    with serve(CREATED) as server, text.open() as opened:
        async with tiny(server.url) as client:
            for wrong, said in (
                ("a.wav", "pathlib"),
                (opened, "rb"),
                (io.StringIO("a"), "rb"),
                (17, "not int"),
                (("a", b"a", "audio/x", {}), "content type"),
                (("a",), "content type"),
            ):
                with pytest.raises(TypeError, match=f"`clip`.*{said}"):
                    await client.things.upload(clip=wrong)  # type: ignore[arg-type]  # the point
            os.mkfifo(tmp_path / "pipe")
            with pytest.raises(ValueError, match=r"`clip` is a pipe.*pass an open file"):
                await client.things.upload(clip=tmp_path / "pipe")
    assert not server.requests
