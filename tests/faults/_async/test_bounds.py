"""Answers of a hostile server: they cost bounded time and memory, and end in a typed error."""

from __future__ import annotations

import gc
import gzip
import time
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable

import pytest

import cartesia
from cartesia import AsyncCartesia
from tests.faults._async.calls import VOICE, connect, speak, watch
from tests.faults.page import Caller
from tests.faults.server import AUDIO, EVENTS, chunk, forever, head
from tests.runtime.server import Step, answer, serve

pytestmark = pytest.mark.anyio

GROUP = "Answers without bounds"
MEGABYTE = 1 << 20
BODY = "cartesia._runtime._async.body"


async def get(client: AsyncCartesia) -> object:
    return await client.voices.get(VOICE)


async def read_speech(client: AsyncCartesia) -> object:
    return await (await speak(client)).read()


async def read_events(client: AsyncCartesia) -> object:
    return [event async for event in await watch(client)]


async def peak_of(call: Callable[[], Awaitable[None]]) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        await call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def bomb(size: int, *, layers: int = 1, begin: bytes = b"") -> bytes:
    """Compress zeros; there is no checksum at the end, which nobody should come to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = packer.compress(begin + bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    data += piece * (size // MEGABYTE)
    for _ in range(layers - 1):
        data = gzip.compress(data)
    return data


def compressed(data: bytes, coding: str, *, status: int = 200, media: str = "text/plain") -> Step:
    return answer(data, status=status, headers={"content-type": media, "content-encoding": coding})


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "utf-7", "unicode_escape", "zip", "x" * 99]
)
@pytest.mark.fault(GROUP, "A refusal in a character set that takes Python minutes to decode")
async def test_a_charset_that_is_slow_to_decode(charset: str, caller: Caller) -> None:
    body = gzip.compress(b"-" * 400_000 + b"a" * 400_000)
    headers = {"content-type": f"text/plain; charset={charset}", "content-encoding": "gzip"}
    with serve(answer(body, status=401, headers=headers)) as server:
        async with connect(server.url) as client:
            begin = time.monotonic()
            with caller.raises(cartesia.AuthenticationError):
                await get(client)
            assert time.monotonic() - begin < 10


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param(f'charset="{";" * 90_000}', id="quotation without end"),
        pytest.param(f"charset*{'1' * 5000}=a", id="number of a continuation"),
    ],
)
@pytest.mark.fault(GROUP, "A refusal whose content type takes Python long to read, or fails it")
async def test_a_content_type_that_is_slow_to_read(parameters: str, caller: Caller) -> None:
    headers = {"content-type": f"text/plain; {parameters}"}
    with serve(answer(b"no", status=401, headers=headers)) as server:
        async with connect(server.url) as client:
            begin = time.monotonic()
            with caller.raises(cartesia.AuthenticationError):
                await get(client)
            assert time.monotonic() - begin < 5


@pytest.mark.fault(GROUP, "A refusal that decompresses to a gigabyte")
async def test_a_refusal_that_is_a_bomb(caller: Caller) -> None:
    with serve(compressed(bomb(1024 * MEGABYTE), "gzip", status=503)) as server:
        async with connect(server.url) as client:

            async def call() -> None:
                with caller.raises(cartesia.InternalServerError) as caught:
                    await get(client)
                assert isinstance(caught.value, cartesia.InternalServerError)
                assert len(caught.value.response.content) == MEGABYTE

            assert await peak_of(call) < 64 * MEGABYTE


@pytest.mark.parametrize("status", [200, 401])
@pytest.mark.parametrize("coding", ["gzip, gzip", "gzip,deflate", "br", "zstd"])
@pytest.mark.fault(GROUP, "Several content codings, or one that was not asked for")
@pytest.mark.untraced
async def test_codings_that_were_not_asked_for(coding: str, status: int, caller: Caller) -> None:
    step = compressed(bomb(64 * MEGABYTE, layers=2), coding, status=status, media="text/plain")
    with serve(step) as server:
        async with connect(server.url) as client:

            async def call() -> None:
                with pytest.raises(cartesia.APIError) as caught:
                    await get(client)
                if status == 200:
                    assert isinstance(caught.value, cartesia.APIConnectionError)
                    assert "was not asked for" in str(caught.value)
                else:
                    assert isinstance(caught.value, cartesia.AuthenticationError)

            assert await peak_of(call) < 16 * MEGABYTE
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"
    caller.sees("the typed error, without decompression; gzip and deflate are asked for alone")


@pytest.mark.parametrize(
    ("step", "call"),
    [
        pytest.param(
            compressed(bomb(1024 * MEGABYTE, begin=b'{"id": "'), "gzip", media="application/json"),
            get,
            marks=pytest.mark.fault(GROUP, "JSON that decompresses to a gigabyte"),
        ),
        pytest.param(
            forever(head("application/json"), chunk(b"[" * MEGABYTE), seconds=0),
            get,
            marks=pytest.mark.fault(GROUP, "JSON without end"),
        ),
        pytest.param(
            compressed(bomb(1024 * MEGABYTE, begin=b"data: "), "gzip", media=EVENTS),
            read_events,
            marks=pytest.mark.fault(GROUP, "An event that decompresses to a gigabyte"),
        ),
    ],
)
async def test_what_is_too_long_for_memory(
    step: Step, call: Callable[[AsyncCartesia], Awaitable[object]], caller: Caller
) -> None:
    with serve(step) as server:
        async with connect(server.url) as client:

            async def refuse() -> None:
                with caller.raises(cartesia.APIResponseValidationError, match="6710886[0-9] bytes"):
                    await call(client)

            # The bytes, and for a moment a copy of them.
            assert await peak_of(refuse) < 200 * MEGABYTE


ENDLESS = forever(head("audio/pcm"), chunk(bytes(MEGABYTE)), seconds=0)


@pytest.mark.fault(GROUP, "Audio without end, read whole")
async def test_audio_without_end_read_whole(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{BODY}._MAX_TEXT_BYTES", MEGABYTE)
    monkeypatch.setattr(f"{BODY}._MAX_AUDIO_BYTES", 16 * MEGABYTE)
    with serve(ENDLESS) as server:
        async with connect(server.url) as client:
            with pytest.raises(cartesia.APIResponseValidationError, match="longer than the 167"):
                await read_speech(client)
            speech = await speak(client)
            await speech.iter_bytes().__anext__()
            with pytest.raises(cartesia.APIResponseValidationError, match="longer than the 167"):
                await speech.read()
            assert speech.is_closed
    caller.sees(
        "`APIResponseValidationError`: the response is longer than the 1073741824 bytes that are "
        "read into memory"
    )


@pytest.mark.fault(GROUP, "Audio without end, read in pieces")
async def test_audio_without_end_read_in_pieces(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{BODY}._MAX_KEPT_BYTES", 4 * MEGABYTE)
    with serve(ENDLESS) as server:
        async with connect(server.url) as client, await speak(client) as speech:
            pieces = speech.iter_bytes()
            read = 0
            while read <= 4 * MEGABYTE:
                assert speech._body._spool is not None
                read += len(await pieces.__anext__())
            while read <= 16 * MEGABYTE:
                assert speech._body._spool is None, "what was given out is not kept for ever"
                read += len(await pieces.__anext__())
            with pytest.raises(cartesia.CartesiaError, match="was not kept"):
                await speech.read()
    caller.sees("the pieces; the first 256 MB can be read again, as long as no more have come")


@pytest.mark.fault(GROUP, "Compressed audio in one chunk")
async def test_what_was_asked_for_is_decompressed(caller: Caller) -> None:
    data = b"RIFF" + bytes(3 * MEGABYTE)
    for coding, packed in (("gzip", gzip.compress(data)), ("deflate", zlib.compress(data))):
        step = compressed(packed, coding, media=AUDIO.replace("wav", "pcm"))
        with serve(step) as server:
            async with connect(server.url) as client:
                speech = await client.post("/x", cast_to=bytes)
                assert speech == data
                raw = await client.voices.with_streaming_response.get(VOICE).__aenter__()
                assert b"".join([piece async for piece in raw.iter_bytes()]) == data
    caller.sees("the audio")


@pytest.mark.fault(GROUP, "Control characters in texts of the server")
async def test_control_characters(caller: Caller) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07\r\u202eno\x9b"
    text = evil.encode()
    shown = r"\x1b[2J\x1b]0;owned\x07\r\u202eno\x9b"
    json = (
        b'{"title": "\\u001b[31mBad", "message": "\\u001b[2J", "request_id": "\\u001b[1m", '
        b'"error_code": "\\u0007", "doc_url": "\\u001b]8;;"}'
    )
    steps = [
        answer(text, status=400, headers={"content-type": "text/plain"}),
        answer(json, status=400),
        answer(text),
        answer(b'data: {"type": "error", "status_code": 400, "message": "\\u001b[2J\\r"}\n\n',
               headers={"content-type": EVENTS}),
    ]  # fmt: skip
    with serve(*steps) as server:
        async with connect(server.url) as client:
            with pytest.raises(cartesia.BadRequestError) as plain:
                await get(client)
            with pytest.raises(cartesia.BadRequestError) as full:
                await get(client)
            with pytest.raises(cartesia.APIResponseValidationError) as unexpected:
                await get(client)
            stream = await watch(client)
            event = await stream.__anext__()
            with pytest.raises(cartesia.BadRequestError) as failed:
                await stream.__anext__()
    assert shown in str(plain.value)
    assert plain.value.body == evil, "the body is what the server sent"
    for error in (plain.value, full.value, unexpected.value, failed.value):
        texts = [str(error), error.message]
        if isinstance(error, cartesia.APIStatusError):
            details = (error.title, error.error_code, error.doc_url, error.request_id)
            texts += [each for each in details if each]
        assert all(each.isprintable() for each in texts), texts
    assert getattr(event, "error", None) == r"\x1b[2J\r"
    caller.sees("them escaped, in errors and in `.error`; `.body` as it was sent")


@pytest.mark.fault(GROUP, "The server sets a cookie")
async def test_cookies_are_not_kept(caller: Caller) -> None:
    cookie = {"set-cookie": "session=tenant-a; Path=/", "x-request-id": "r"}
    clients: list[AsyncCartesia] = []
    with serve(answer(b'{"id": "v"}', headers=cookie)) as server:
        url = server.url.replace("127.0.0.1", "localhost")  # cookies need a name
        clients.append(AsyncCartesia(api_key="a", base_url=url))
        if True:  # ASYNC
            for kind in (cartesia.DefaultAsyncHttpxClient, cartesia.DefaultAioHttpClient):
                own = kind()
                clients.append(AsyncCartesia(api_key="a", base_url=url, http_client=own))
        else:  # SYNC
            own = cartesia.DefaultHttpxClient()
            clients.append(AsyncCartesia(api_key="a", base_url=url, http_client=own))
        for client in clients:
            async with client:
                await get(client)
                await get(client.with_options(api_key="b"))
    assert len(server.requests) == 2 * len(clients)
    assert not [request for request in server.requests if "cookie" in request.headers]
    caller.sees("nothing of it: no cookie is sent back")
