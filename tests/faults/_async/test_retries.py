"""What is tried again, when, and what is not."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from time import time
from typing import IO, Any, cast

import httpx
import httpx2
import pytest

import cartesia
from cartesia import AsyncCartesia
from tests.faults._async.calls import VOICE, connect, one_at_a_time, speak
from tests.faults.page import Caller
from tests.faults.server import AUDIO, PIECES, SPOKEN, after
from tests.runtime.server import Step, answer, chunked, hang_up, reset, say_nothing, serve

pytestmark = pytest.mark.anyio

GROUP = "Retries"
FOUND = answer(b'{"id": "v"}')
HEARD = answer(b'{"text": "hello"}')


def status(code: int, **headers: str) -> Step:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(b"Later: please", status=code, headers=fields)


@pytest.mark.fault(GROUP, "408, 409, 429, 500, 502, 503, 529")
async def test_refusals_that_pass(waits: list[float], caller: Caller) -> None:
    steps = [status(code) for code in (408, 409, 429, 500, 502, 503, 529)]
    with serve(*steps, FOUND) as server:
        async with connect(server.url, max_retries=7) as client:
            assert (await client.voices.get(VOICE)).id == "v"
    assert len(server.requests) == 8
    assert all(0 < wait <= 8 for wait in waits)
    caller.sees("the answer, after waits of 0.5, 1, 2, 4, 8, 8, 8 seconds less up to a quarter")


@pytest.mark.fault(GROUP, "400, 401, 403, 404, 422")
async def test_refusals_that_stay(waits: list[float], caller: Caller) -> None:
    for code in (400, 401, 403, 404, 422):
        with serve(status(code)) as server:
            async with connect(server.url, max_retries=5) as client:
                with pytest.raises(cartesia.APIStatusError):
                    await client.voices.get(VOICE)
        assert len(server.requests) == 1
    caller.sees("the error at once")


@pytest.mark.parametrize("fault", [hang_up, reset, say_nothing])
@pytest.mark.fault(GROUP, "The connection breaks, or no answer comes in time")
async def test_broken_connections(fault: Step, waits: list[float], caller: Caller) -> None:
    with serve(fault, FOUND) as server:
        async with connect(server.url, timeout=1, max_retries=1) as client:
            assert (await client.voices.get(VOICE)).id == "v"
    assert len(waits) == 1
    caller.sees("the answer, at the second attempt")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (hang_up, cartesia.APIConnectionError),
        (reset, cartesia.APIConnectionError),
        (say_nothing, cartesia.APITimeoutError),
    ],
)
@pytest.mark.fault(GROUP, "The connection breaks, or no answer comes in time, again and again")
async def test_broken_connections_in_the_end(
    fault: Step, kind: type[cartesia.CartesiaError], waits: list[float], caller: Caller
) -> None:
    with serve(fault) as server:
        async with connect(server.url, timeout=0.1, max_retries=2) as client:
            with pytest.raises(kind) as caught:
                await client.voices.get(VOICE)
    assert isinstance(caught.value.__cause__, (httpx.TransportError, httpx2.TransportError))
    assert len(server.requests) == 3
    caller.sees(f"`{kind.__name__}`")


@pytest.mark.fault(GROUP, "Nobody listens at the port")
async def test_nobody_listens(waits: list[float], caller: Caller) -> None:
    with serve(hang_up) as server:
        url = server.url
    async with connect(url, max_retries=1) as client:
        with caller.raises(cartesia.APIConnectionError, match="could not connect"):
            await client.voices.get(VOICE)
    assert len(waits) == 1


@pytest.mark.fault(GROUP, "The host's name is not known")
async def test_an_unknown_host(waits: list[float], caller: Caller) -> None:
    async with connect("http://nowhere.invalid", max_retries=1) as client:
        with pytest.raises(
            cartesia.APIConnectionError, match="could not connect to http://nowhere"
        ):
            await client.voices.get(VOICE)
    caller.sees("`APIConnectionError`: could not connect to http://nowhere.invalid (...)")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        pytest.param(
            {"retry-after-ms": "1500"}, 1.5, marks=pytest.mark.fault(GROUP, "retry-after-ms: 1500")
        ),
        pytest.param({"retry-after": "7"}, 7.0, marks=pytest.mark.fault(GROUP, "retry-after: 7")),
        pytest.param(
            {"retry-after": "1.25"}, 1.25, marks=pytest.mark.fault(GROUP, "retry-after: 1.25")
        ),
    ],
)
async def test_the_server_says_when(
    headers: dict[str, str], wait: float, waits: list[float], caller: Caller
) -> None:
    with serve(answer(b"", status=429, headers=headers), FOUND) as server:
        async with connect(server.url, max_retries=1) as client:
            await client.voices.get(VOICE)
    assert waits == [wait]
    caller.sees(f"the answer, after {wait:g} seconds")


@pytest.mark.fault(GROUP, "retry-after: a date")
async def test_the_server_names_a_date(waits: list[float], caller: Caller) -> None:
    later = formatdate(time() + 30, usegmt=True)
    with serve(answer(b"", status=503, headers={"retry-after": later}), FOUND) as server:
        async with connect(server.url, max_retries=1) as client:
            await client.voices.get(VOICE)
    (wait,) = waits
    assert 20 < wait <= 30
    caller.sees("the answer, at that time")


@pytest.mark.parametrize("value", ["soon", "nan", "-5", "Thu, 99 Foo 2020"])
@pytest.mark.fault(GROUP, "retry-after: nonsense")
async def test_the_server_says_nonsense(value: str, waits: list[float], caller: Caller) -> None:
    with serve(answer(b"", status=503, headers={"retry-after": value}), FOUND) as server:
        async with connect(server.url, max_retries=1) as client:
            await client.voices.get(VOICE)
    (wait,) = waits
    assert wait <= 0.5
    caller.sees("the answer, after a wait of our own")


@pytest.mark.fault(GROUP, "retry-after: 3600")
async def test_the_server_asks_for_too_much(waits: list[float], caller: Caller) -> None:
    with serve(status(429, retry_after="3600")) as server:
        async with connect(server.url, max_retries=5) as client:
            with caller.raises(cartesia.RateLimitError, match="3600 s") as caught:
                await client.voices.get(VOICE)
    assert isinstance(caught.value, cartesia.RateLimitError)
    assert caught.value.retry_after == 3600
    assert len(server.requests) == 1
    assert waits == []


@pytest.mark.fault(GROUP, "The answer breaks off before the caller saw any of it")
async def test_a_cut_answer(waits: list[float], caller: Caller) -> None:
    with serve(answer(b'{"id"', length=99), FOUND) as server:
        async with connect(server.url, max_retries=1) as client:
            assert (await client.voices.get(VOICE)).id == "v"
    caller.sees("the answer, at the second attempt")


@pytest.mark.fault(GROUP, "The answer breaks off when the caller has heard some of it")
async def test_a_cut_answer_that_was_heard(waits: list[float], caller: Caller) -> None:
    with serve(chunked(*PIECES[:2], media_type=AUDIO, cut=True)) as server:
        async with connect(server.url, max_retries=5) as client:
            speech = await speak(client)
            with caller.raises(cartesia.TruncatedResponseError):
                async for _ in speech.iter_bytes():
                    pass
    assert len(server.requests) == 1


@pytest.mark.fault(GROUP, "A generation, which is billed, gets no answer in time")
async def test_a_late_generation(waits: list[float], caller: Caller) -> None:
    with serve(say_nothing) as server:
        async with connect(server.url, timeout=0.1, max_retries=5) as client:
            with caller.raises(cartesia.APITimeoutError):
                await speak(client)
    assert len(server.requests) == 1


@pytest.mark.fault(GROUP, "A generation is late, and the client was told to repeat generations")
async def test_a_late_generation_that_may_be_repeated(waits: list[float], caller: Caller) -> None:
    spoken = answer(SPOKEN, headers={"content-type": AUDIO})
    with serve(say_nothing, spoken) as server:
        async with connect(server.url, timeout=1, max_retries=5) as client:
            again = client.with_options(retry_generations=True)
            assert await (await speak(again)).read() == SPOKEN
    assert len(server.requests) == 2
    caller.sees("the audio, at the second attempt")


@pytest.mark.fault(GROUP, "max_retries of one call, through with_options")
async def test_retries_of_one_call(waits: list[float], caller: Caller) -> None:
    with serve(status(503)) as server:
        async with connect(server.url, max_retries=0) as client:
            for retries in (0, 1, 3):
                before = len(server.requests)
                with pytest.raises(cartesia.InternalServerError):
                    await client.with_options(max_retries=retries).voices.get(VOICE)
                assert len(server.requests) - before == retries + 1
            with pytest.raises(cartesia.InternalServerError):
                await client.voices.get(VOICE)
    assert len(server.requests) == 1 + 2 + 4 + 1
    caller.sees("as many attempts as that call allows; the client's own number stays")


async def listen(client: AsyncCartesia, file: Any) -> str:
    heard = await client.stt.transcribe(file=("speech.wav", file), model="ink-whisper")
    return heard.text


@pytest.mark.fault(GROUP, "An upload is refused with 503")
async def test_an_upload_is_rewound(waits: list[float], caller: Caller) -> None:
    with serve(status(503), status(503), HEARD) as server:
        async with connect(server.url, max_retries=2) as client:
            assert await listen(client, io.BytesIO(SPOKEN)) == "hello"
    assert all(SPOKEN in request.body for request in server.requests)
    assert len(server.requests) == 3
    caller.sees("the answer, with the whole file in each attempt")


class Tape(io.BytesIO):
    """What can be read once."""

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("fault", [status(503), hang_up])
@pytest.mark.fault(GROUP, "An upload that cannot be rewound fails")
async def test_an_upload_that_cannot_be_rewound(
    fault: Step, waits: list[float], caller: Caller
) -> None:
    with serve(fault) as server:
        async with connect(server.url, max_retries=2) as client:
            with pytest.raises(cartesia.APIError) as caught:
                await listen(client, Tape(SPOKEN))
    assert len(server.requests) == 1
    assert waits == []
    caller.sees(f"`{type(caught.value).__name__}`, and no second attempt")


class Growing(io.BytesIO):
    """A recording that goes on."""

    def read(self, size: int | None = -1, /) -> bytes:
        place = self.tell()
        self.seek(0, io.SEEK_END)
        self.write(b"more")
        self.seek(place)
        return super().read(size)


def piped() -> IO[bytes]:
    """Return what another program writes, such as ffmpeg."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as file:
        file.write(SPOKEN)
    return os.fdopen(reader, "rb")


def packed() -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(SPOKEN))))


class OnlyRead:
    """As little of a file as there can be."""

    def __init__(self) -> None:
        self._file = io.BytesIO(SPOKEN)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def close(self) -> None:
        self._file.close()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(piped, marks=pytest.mark.fault(GROUP, "An upload from a pipe")),
        pytest.param(packed, marks=pytest.mark.fault(GROUP, "An upload out of a gzip file")),
        pytest.param(OnlyRead, marks=pytest.mark.fault(GROUP, "An upload from a mere `read`")),
    ],
)
async def test_uploads_of_unknown_length(make: Callable[[], IO[bytes]], caller: Caller) -> None:
    with serve(HEARD) as server:
        async with connect(server.url) as client:
            file = make()
            assert await listen(client, file) == "hello"
            file.close()
    (request,) = server.requests
    assert SPOKEN in request.body
    caller.sees("the answer, with the whole file")


@pytest.mark.fault(GROUP, "The file of an upload grows meanwhile")
async def test_an_upload_that_grows(caller: Caller) -> None:
    with serve(HEARD) as server:
        async with connect(server.url) as client:
            assert await listen(client, Growing(SPOKEN)) == "hello"
    assert SPOKEN in server.requests[0].body
    caller.sees("the answer, with what was there at the beginning")


@pytest.mark.parametrize("name", ["a\udcff.wav", Path("b/a\udcff.wav")])
@pytest.mark.fault(GROUP, "The name of a file is no text")
async def test_names_that_are_no_text(name: str, caller: Caller) -> None:
    with serve(HEARD) as server:
        async with connect(server.url) as client:
            heard = await client.stt.transcribe(file=(name, SPOKEN), model="ink-whisper")
    assert heard.text == "hello"
    assert b'filename="a?.wav"' in server.requests[0].body
    caller.sees("the answer, to a name that is one")


@pytest.mark.fault(GROUP, "The server closes a kept connection while it was idle")
async def test_an_idle_connection_is_closed(caller: Caller) -> None:
    with serve(after(FOUND)) as server:
        async with connect(server.url, max_retries=2, http_client=one_at_a_time()) as client:
            for _ in range(5):
                assert (await client.voices.get(VOICE)).id == "v"
    caller.sees("the answer, over a new connection")


@pytest.mark.fault(GROUP, "The server closes a kept connection as the request is sent")
async def test_a_kept_connection_is_closed_as_we_send(waits: list[float], caller: Caller) -> None:
    with serve(FOUND, hang_up, FOUND) as server:
        async with connect(server.url, max_retries=1) as client:
            assert (await client.voices.get(VOICE)).id == "v"
            assert (await client.voices.get(VOICE)).id == "v"
    assert [request.connection for request in server.requests] == [0, 0, 1]
    assert len(waits) == 1
    caller.sees("the answer, at the second attempt")
