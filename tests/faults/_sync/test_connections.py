# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_connections.py
# Do not edit: change that file instead.
"""Connections come back, or are closed, whatever the caller leaves undone."""

from __future__ import annotations

import gc
import socket
from pathlib import Path

import httpx
import pytest

import cartesia
from cartesia import Cartesia
from tests.faults._sync.calls import VOICE, WAV, connect, one_at_a_time, speak, watch
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

GROUP = "Connections"
FOUND = answer(b'{"id": "v"}')
SPEECH = chunked(*PIECES, media_type=AUDIO)


@pytest.mark.fault(GROUP, "A response is never read, and dropped")
def test_unread_responses(caller: Caller) -> None:
    with serve(SPEECH) as server:
        with connect(server.url, http_client=one_at_a_time()) as client:
            for _ in range(50):
                speak(client)
            assert (speak(client)).read() == SPOKEN
    caller.sees("the next call works; its connection is closed then")


@pytest.mark.fault(GROUP, "A streaming response is never read, and left")
def test_unread_streaming_responses(caller: Caller) -> None:
    with serve(SPEECH) as server:
        with connect(server.url, http_client=one_at_a_time()) as client:
            for _ in range(50):
                with client.tts.with_streaming_response.generate(
                    model_id="sonic-3", transcript="Hello.", voice=VOICE, output_format=WAV
                ):
                    pass
            assert (speak(client)).read() == SPOKEN
    caller.sees("the next call works; its connection is closed at once")


@pytest.mark.fault(GROUP, "An iterator over the bytes is left in the middle")
def test_abandoned_iterators(caller: Caller) -> None:
    with serve(SPEECH) as server:
        with connect(server.url, http_client=one_at_a_time()) as client:
            for _ in range(50):
                for _ in (speak(client)).iter_bytes():
                    break
            assert (speak(client)).read() == SPOKEN
    caller.sees("the next call works; its connection is closed then")


@pytest.mark.fault(GROUP, "The file to write to cannot be made")
def test_a_file_that_cannot_be_made(caller: Caller, tmp_path: Path) -> None:
    with serve(SPEECH) as server:
        with connect(server.url, http_client=one_at_a_time()) as client:
            speech = speak(client)
            with pytest.raises(FileNotFoundError):
                speech.write_to_file(tmp_path / "nowhere" / "speech.wav")
            assert speech.read() == SPOKEN
            assert (speak(client)).read() == SPOKEN
    caller.sees("the `OSError`; the audio can still be read")


@pytest.mark.fault(GROUP, "The client is dropped, and was never closed")
@pytest.mark.untraced
def test_a_client_that_nobody_closes(caller: Caller) -> None:
    with serve(FOUND) as server:
        for _ in range(5):
            client = Cartesia(api_key="sk_test", base_url=server.url)
            client.voices.get(VOICE)
            client.voices.get(VOICE)
            del client
            gc.collect()
            settle()
        assert server.connections == 5
        assert all(is_closed(wire.socket) for wire in server.wires)
    caller.sees("its connections are closed, without a warning")


@pytest.mark.fault(GROUP, "The client is dropped with a response that nobody reads")
@pytest.mark.untraced
def test_a_client_that_is_dropped_with_a_response(caller: Caller) -> None:
    with serve(SPEECH) as server:
        client = connect(server.url)
        speech = speak(client)
        del client
        gc.collect()
        settle()
        del speech
        gc.collect()
        settle()
        assert all(is_closed(wire.socket) for wire in server.wires)
    caller.sees("its connections are closed, without a warning")


def settle() -> None:
    """Let the event loop do what it was told meanwhile."""


def is_closed(connection: socket.socket) -> bool:
    """Say whether the client has closed its end; the server's thread may have closed this one."""
    try:
        connection.settimeout(5)
        return connection.fileno() < 0 or connection.recv(1) == b""
    except OSError:
        return True


@pytest.mark.fault(GROUP, "The client is closed twice, and used afterwards")
def test_a_client_that_was_closed(caller: Caller) -> None:
    with serve(FOUND) as server:
        client = connect(server.url)
        client.voices.get(VOICE)
        client.close()
        client.close()
        with caller.raises(cartesia.ClientClosedError):
            client.voices.get(VOICE)
        with pytest.raises(RuntimeError):
            watch(client)


@pytest.mark.fault(GROUP, "The caller's own HTTP client was closed beneath")
def test_an_http_client_that_was_closed(caller: Caller) -> None:
    with serve(FOUND) as server:
        http = one_at_a_time()
        client = connect(server.url, http_client=http)
        client.voices.get(VOICE)
        http.close()
        with caller.raises(cartesia.ClientClosedError):
            client.voices.get(VOICE)


@pytest.mark.fault(GROUP, "The client is closed while a response is half read")
def test_a_client_that_is_closed_while_it_is_read(caller: Caller) -> None:
    with serve(
        hold(b"HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\ncontent-length: 9\r\n\r\nabc")
    ) as (server):
        client = connect(server.url)
        pieces = (speak(client)).iter_bytes()
        assert pieces.__next__() == b"abc"
        client.close()
        with pytest.raises(cartesia.CartesiaError) as caught:
            pieces.__next__()
    caller.sees(f"`{type(caught.value).__name__}`")


@pytest.mark.fault(GROUP, "A stream of events outlives its client")
def test_a_stream_that_outlives_its_client(caller: Caller) -> None:
    with serve(hold(head(EVENTS) + chunk(CHUNK))) as server:
        with connect(server.url) as client:
            stream = watch(client)
            stream.__next__()
        del client
        with pytest.raises(cartesia.CartesiaError) as caught:
            stream.__next__()
    caller.sees(f"`{type(caught.value).__name__}`")


@pytest.mark.fault(GROUP, "All connections are taken")
def test_no_connection_is_free(caller: Caller) -> None:
    http = httpx.Client(limits=httpx.Limits(max_connections=1))
    with serve(SPEECH) as server:
        with connect(server.url, http_client=http) as client:
            speech = speak(client)
            with caller.raises(cartesia.APITimeoutError, match="no free connection"):
                client.with_options(timeout=0.2).voices.get(VOICE)
            speech.close()


@pytest.mark.fault(GROUP, "The certificate is one that nobody vouches for")
def test_an_unknown_certificate(caller: Caller) -> None:
    with serve(FOUND, tls=tls()) as server:
        with connect(server.url) as client:
            with pytest.raises(cartesia.APIConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
                client.voices.get(VOICE)
        assert not server.requests
        import ssl

        trusting = httpx.Client(verify=ssl.create_default_context(cafile=certificate()))
        with connect(server.url, http_client=trusting) as client:
            assert (client.voices.get(VOICE)).id == "v"
    caller.sees("`APIConnectionError`; only an HTTP client of the caller's own may trust it")


@pytest.mark.fault(GROUP, "The server speaks TLS, and the URL says http")
def test_the_wrong_scheme(caller: Caller) -> None:
    with serve(FOUND, tls=tls()) as server:
        with connect(server.url.replace("https", "http")) as client:
            with pytest.raises(cartesia.APIConnectionError, match="broke before a response came"):
                client.voices.get(VOICE)
    caller.sees("`APIConnectionError`: the connection to http://host broke before a response came")


def copies(client: Cartesia) -> list[Cartesia]:
    return [client.with_options(max_retries=retries) for retries in range(100)]


@pytest.mark.fault(GROUP, "A hundred copies of a client are made, used and dropped")
def test_copies_share_connections(caller: Caller) -> None:
    with serve(FOUND) as server:
        with connect(server.url) as client:
            for copy in copies(client):
                copy.voices.get(VOICE)
            gc.collect()
            client.voices.get(VOICE)
    assert server.connections == 1
    caller.sees("they share one connection, which stays open")
