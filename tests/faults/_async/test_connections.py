"""Connections come back, or are closed, whatever the caller leaves undone."""

from __future__ import annotations

import gc
import socket
from pathlib import Path

import httpx
import pytest

import cartesia
from cartesia import AsyncCartesia
from tests.faults._async.calls import VOICE, WAV, connect, one_at_a_time, speak, watch
from tests.faults.page import Caller
from tests.faults.server import (
    AUDIO,
    CHUNK,
    EVENTS,
    PIECES,
    SPOKEN,
    certificate,
    chunk,
    head,
    hold,
    tls,
)
from tests.runtime.server import answer, chunked, serve

pytestmark = pytest.mark.anyio

GROUP = "Connections"
FOUND = answer(b'{"id": "v"}')
SPEECH = chunked(*PIECES, media_type=AUDIO)


@pytest.mark.fault(GROUP, "A response is never read, and dropped")
async def test_unread_responses(caller: Caller) -> None:
    with serve(SPEECH) as server:
        async with connect(server.url, http_client=one_at_a_time()) as client:
            for _ in range(50):
                await speak(client)
            assert await (await speak(client)).read() == SPOKEN
    caller.sees("the next call works; its connection is closed then")


@pytest.mark.fault(GROUP, "A streaming response is never read, and left")
async def test_unread_streaming_responses(caller: Caller) -> None:
    with serve(SPEECH) as server:
        async with connect(server.url, http_client=one_at_a_time()) as client:
            for _ in range(50):
                async with client.tts.with_streaming_response.generate(
                    model_id="sonic-3", transcript="Hello.", voice=VOICE, output_format=WAV
                ):
                    pass
            assert await (await speak(client)).read() == SPOKEN
    caller.sees("the next call works; its connection is closed at once")


@pytest.mark.fault(GROUP, "An iterator over the bytes is left in the middle")
async def test_abandoned_iterators(caller: Caller) -> None:
    with serve(SPEECH) as server:
        async with connect(server.url, http_client=one_at_a_time()) as client:
            for _ in range(50):
                async for _ in (await speak(client)).iter_bytes():
                    break
            assert await (await speak(client)).read() == SPOKEN
    caller.sees("the next call works; its connection is closed then")


@pytest.mark.fault(GROUP, "The file to write to cannot be made")
async def test_a_file_that_cannot_be_made(caller: Caller, tmp_path: Path) -> None:
    with serve(SPEECH) as server:
        async with connect(server.url, http_client=one_at_a_time()) as client:
            speech = await speak(client)
            with pytest.raises(FileNotFoundError):
                await speech.write_to_file(tmp_path / "nowhere" / "speech.wav")
            assert await speech.read() == SPOKEN
            assert await (await speak(client)).read() == SPOKEN
    caller.sees("the `OSError`; the audio can still be read")


@pytest.mark.fault(GROUP, "The client is dropped, and was never closed")
@pytest.mark.untraced
async def test_a_client_that_nobody_closes(caller: Caller) -> None:
    with serve(FOUND) as server:
        for _ in range(5):
            client = AsyncCartesia(api_key="sk_test", base_url=server.url)
            await client.voices.get(VOICE)
            await client.voices.get(VOICE)
            del client
            gc.collect()
            await settle()
        assert server.connections == 5
        assert all(is_closed(wire.socket) for wire in server.wires)
    caller.sees("its connections are closed, without a warning")


@pytest.mark.fault(GROUP, "The client is dropped with a response that nobody reads")
@pytest.mark.untraced
async def test_a_client_that_is_dropped_with_a_response(caller: Caller) -> None:
    with serve(SPEECH) as server:
        client = connect(server.url)
        speech = await speak(client)
        del client
        gc.collect()
        await settle()
        del speech
        gc.collect()
        await settle()
        assert all(is_closed(wire.socket) for wire in server.wires)
    caller.sees("its connections are closed, without a warning")


async def settle() -> None:
    """Let the event loop do what it was told meanwhile."""
    if True:  # ASYNC
        import asyncio

        for _ in range(10):
            await asyncio.sleep(0.001)


def is_closed(connection: socket.socket) -> bool:
    """Say whether the client has closed its end; the server's thread may have closed this one."""
    try:
        connection.settimeout(5)
        return connection.fileno() < 0 or connection.recv(1) == b""
    except OSError:
        return True


@pytest.mark.fault(GROUP, "The client is closed twice, and used afterwards")
async def test_a_client_that_was_closed(caller: Caller) -> None:
    with serve(FOUND) as server:
        client = connect(server.url)
        await client.voices.get(VOICE)
        await client.close()
        await client.close()
        with caller.raises(cartesia.ClientClosedError):
            await client.voices.get(VOICE)
        with pytest.raises(RuntimeError):
            await watch(client)


@pytest.mark.fault(GROUP, "The caller's own HTTP client was closed beneath")
async def test_an_http_client_that_was_closed(caller: Caller) -> None:
    with serve(FOUND) as server:
        http = one_at_a_time()
        client = connect(server.url, http_client=http)
        await client.voices.get(VOICE)
        await http.aclose()
        with caller.raises(cartesia.ClientClosedError):
            await client.voices.get(VOICE)


@pytest.mark.fault(GROUP, "The client is closed while a response is half read")
async def test_a_client_that_is_closed_while_it_is_read(caller: Caller) -> None:
    with serve(
        hold(b"HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\ncontent-length: 9\r\n\r\nabc")
    ) as (server):
        client = connect(server.url)
        pieces = (await speak(client)).iter_bytes()
        assert await pieces.__anext__() == b"abc"
        await client.close()
        with pytest.raises(cartesia.CartesiaError) as caught:
            await pieces.__anext__()
    caller.sees(f"`{type(caught.value).__name__}`")


@pytest.mark.fault(GROUP, "A stream of events outlives its client")
async def test_a_stream_that_outlives_its_client(caller: Caller) -> None:
    with serve(hold(head(EVENTS) + chunk(CHUNK))) as server:
        async with connect(server.url) as client:
            stream = await watch(client)
            await stream.__anext__()
        del client
        with pytest.raises(cartesia.CartesiaError) as caught:
            await stream.__anext__()
    caller.sees(f"`{type(caught.value).__name__}`")


@pytest.mark.fault(GROUP, "All connections are taken")
async def test_no_connection_is_free(caller: Caller) -> None:
    http = httpx.AsyncClient(limits=httpx.Limits(max_connections=1))
    with serve(SPEECH) as server:
        async with connect(server.url, http_client=http) as client:
            speech = await speak(client)
            with caller.raises(cartesia.APITimeoutError, match="no free connection"):
                await client.with_options(timeout=0.2).voices.get(VOICE)
            await speech.close()


@pytest.mark.fault(GROUP, "The certificate is one that nobody vouches for")
async def test_an_unknown_certificate(caller: Caller) -> None:
    with serve(FOUND, tls=tls()) as server:
        async with connect(server.url) as client:
            with pytest.raises(cartesia.APIConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
                await client.voices.get(VOICE)
        assert not server.requests
        import ssl

        trusting = httpx.AsyncClient(verify=ssl.create_default_context(cafile=certificate()))
        async with connect(server.url, http_client=trusting) as client:
            assert (await client.voices.get(VOICE)).id == "v"
    caller.sees("`APIConnectionError`; only an HTTP client of the caller's own may trust it")


@pytest.mark.fault(GROUP, "The server speaks TLS, and the URL says http")
async def test_the_wrong_scheme(caller: Caller) -> None:
    with serve(FOUND, tls=tls()) as server:
        async with connect(server.url.replace("https", "http")) as client:
            with pytest.raises(cartesia.APIConnectionError, match="broke before a response came"):
                await client.voices.get(VOICE)
    caller.sees("`APIConnectionError`: the connection to http://host broke before a response came")


def copies(client: AsyncCartesia) -> list[AsyncCartesia]:
    return [client.with_options(max_retries=retries) for retries in range(100)]


@pytest.mark.fault(GROUP, "A hundred copies of a client are made, used and dropped")
async def test_copies_share_connections(caller: Caller) -> None:
    with serve(FOUND) as server:
        async with connect(server.url) as client:
            for copy in copies(client):
                await copy.voices.get(VOICE)
            gc.collect()
            await client.voices.get(VOICE)
    assert server.connections == 1
    caller.sees("they share one connection, which stays open")
