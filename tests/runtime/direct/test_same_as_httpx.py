"""Whatever a server does, what comes of it is what comes of it with httpx's own transport."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from cartesia._runtime.direct.transport import DirectTransport
from tests.faults.server import certificate, tls
from tests.runtime.server import Received, Step, Wire, serve

LIMITS = httpx.Limits(max_connections=2)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\n"


def counted(body: bytes) -> bytes:
    return HEAD + b"content-length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes) -> bytes:
    pieces = [body[start : start + 5000] for start in range(0, len(body), 5000)]
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    return HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"".join(chunks) + b"0\r\n\r\n"


def until_the_end(body: bytes) -> bytes:
    return HEAD + b"connection: close\r\n\r\n" + body


def say(answer: bytes, cuts: Sequence[int], end: str) -> Step:
    """Send an answer in pieces, the last of which may be left out."""

    def step(wire: Wire, _: Received) -> None:
        places = sorted({0, len(answer), *(cut % (len(answer) + 1) for cut in cuts)})
        pieces = [answer[start:stop] for start, stop in zip(places, places[1:])]
        for piece in pieces if end == "whole" or len(pieces) == 1 else pieces[:-1]:
            wire.send(piece)
        if end == "silent":
            wire.wait_for_close()
            wire.close()
        elif end == "closed" or b"connection: close" in answer:
            wire.close()

    return step


async def ask(http: httpx.AsyncClient, url: str, upload: bytes) -> object:
    try:
        return (await http.post(url, content=upload)).content
    except httpx.TransportError as error:
        return type(error)


async def outcome(transport: httpx.AsyncBaseTransport, url: str, upload: bytes) -> list[object]:
    timeout = httpx.Timeout(5.0, read=0.1)
    async with httpx.AsyncClient(transport=transport, timeout=timeout) as http:
        first = await ask(http, url, upload)
        # Whether a server that has just left was seen to leave is a matter of luck, to everybody.
        await asyncio.sleep(0.01)
        return [first, await ask(http, url, upload)]


@settings(max_examples=50, deadline=None)
@given(
    kind=st.sampled_from([counted, chunked, until_the_end]),
    size=st.sampled_from([0, 1, 5000, 70_000, 300_000]),
    upload=st.sampled_from([0, 100_000]),
    cuts=st.lists(st.integers(0, 400_000), max_size=5),
    end=st.sampled_from(["whole", "whole", "closed", "silent"]),
    encrypted=st.booleans(),
)
def test_the_outcome_is_that_of_httpx(
    *,
    kind: Callable[[bytes], bytes],
    size: int,
    upload: int,
    cuts: list[int],
    end: str,
    encrypted: bool,
) -> None:
    context = ssl.create_default_context(cafile=certificate())

    async def both(url: str) -> tuple[object, object]:
        return (
            await outcome(DirectTransport(context, LIMITS), url, bytes(upload)),
            await outcome(
                httpx.AsyncHTTPTransport(verify=context, limits=LIMITS), url, bytes(upload)
            ),
        )

    answer = kind(bytes(range(256)) * (size // 256) + bytes(size % 256))
    with serve(say(answer, cuts, end), tls=tls() if encrypted else None) as server:
        ours, theirs = asyncio.run(both(server.url))
    assert ours == theirs
