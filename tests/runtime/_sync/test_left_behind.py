# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/test_left_behind.py
# Do not edit: change that file instead.
"""Responses that outlive their client, and those that are left before their end."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections.abc import Callable

import pytest

import cartesia
from cartesia import APIResponse, BinaryAPIResponse, Model, Stream, SyncCursorIDPage
from cartesia._runtime._sync.responses import BodyIterator
from tests.runtime._sync.tiny import tiny, until
from tests.runtime.server import RawServer, Received, Wire, answer, chunked, serve

AUDIO = "audio/x-raw"
EVENTS = "text/event-stream"
ONE = b'data: {"n": 1}\n\n'
DONE = b'data: {"type": "done"}\n\n'
PAGE = b'{"data": [{"id": "a"}], "has_more": true}'
LAST_PAGE = b'{"data": [{"id": "b"}], "has_more": false}'


# Each of these makes a client that is gone when it returns.


def an_answer(server: RawServer) -> BinaryAPIResponse:
    return tiny(server.url).things.speak()


def pieces(server: RawServer) -> BodyIterator[bytes]:
    return (tiny(server.url).things.speak()).iter_bytes()


def a_stream(server: RawServer) -> Stream[Model]:
    return tiny(server.url).things.watch()


def a_raw_stream(server: RawServer) -> APIResponse[Stream[Model]]:
    return tiny(server.url).things.with_raw_response.watch()


def a_page(server: RawServer) -> SyncCursorIDPage[Model]:
    return tiny(server.url).things.list()


def forget() -> None:
    """Let the client be collected, and whatever follows from that be done."""
    gc.collect()
    gc.collect()


def while_waiting(wait: Callable[[], object], act: Callable[[], object]) -> object:
    """Begin to wait, and act a moment later; return what the wait ended with, if only an error.

    Neither may last until the time-out of the client.
    """
    ended: list[object] = []
    begin = time.monotonic()

    def note() -> None:
        try:
            ended.append(wait())
        except Exception as error:  # noqa: BLE001  # whichever it is
            ended.append(error)

    thread = threading.Thread(target=note)
    thread.start()
    threading.Event().wait(0.1)
    act()
    thread.join()
    assert time.monotonic() - begin < 3
    return ended[0]


def test_an_answer_outlives_its_client() -> None:
    with serve(chunked(b"abc", b"def", media_type=AUDIO)) as server:
        speech = an_answer(server)
        forget()
        assert speech.read() == b"abcdef"
        until(lambda: server.wires[0].closed)


def test_pieces_outlive_their_client_and_their_answer() -> None:
    gate = threading.Event()
    with serve(chunked(b"abc", b"def", media_type=AUDIO, gate=gate)) as server:
        heard = pieces(server)
        forget()
        assert heard.__next__() == b"abc"
        gate.set()
        assert heard.__next__() == b"def"


def test_a_stream_outlives_its_client() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS)) as server:
        stream = a_stream(server)
        forget()
        assert len([event for event in stream]) == 2


def test_a_raw_stream_outlives_its_client() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS)) as server:
        response = a_raw_stream(server)
        forget()
        assert len([event for event in response.parse()]) == 2


def test_a_page_outlives_its_client() -> None:
    with serve(answer(PAGE), answer(LAST_PAGE)) as server:
        page = a_page(server)
        forget()
        assert [thing.to_dict()["id"] for thing in page] == ["a", "b"]


def test_an_unread_answer_that_outlives_its_client_is_closed_when_it_is_dropped() -> None:
    with serve(chunked(b"abc", media_type=AUDIO, stall=True)) as server:
        speech = an_answer(server)
        forget()
        assert not server.wires[0].closed
        del speech
        until(lambda: server.wires[0].closed)


def test_what_the_client_closed_is_not_told_as_a_fault_of_the_server() -> None:
    with serve(chunked(b"abc", media_type=AUDIO, stall=True)) as server:
        with tiny(server.url) as client:
            speech = client.things.speak()
            heard = speech.iter_bytes()
            assert heard.__next__() == b"abc"
        with pytest.raises(cartesia.ClientClosedError):
            heard.__next__()
        with pytest.raises(cartesia.ClientClosedError):
            speech.read()


@pytest.mark.parametrize("is_client", [False, True])
def test_a_stream_that_is_closed_while_it_waits_says_so(is_client: bool) -> None:
    with serve(chunked(ONE, media_type=EVENTS, stall=True)) as server:
        with tiny(server.url) as client:
            stream = client.things.watch()
            stream.__next__()
            close = client.close if is_client else stream.close
            error = while_waiting(stream.__next__, close)
            assert isinstance(error, cartesia.ClientClosedError)
            if not is_client:
                with pytest.raises(StopIteration):
                    stream.__next__()


def test_an_answer_that_is_closed_while_it_is_read_says_so() -> None:
    with serve(chunked(b"abc", media_type=AUDIO, stall=True)) as server:
        with tiny(server.url) as client:
            speech = client.things.speak()
            heard = speech.iter_bytes()
            heard.__next__()
            error = while_waiting(heard.__next__, speech.close)
            assert isinstance(error, cartesia.ClientClosedError)


def test_an_answer_without_a_length_that_is_closed_did_not_end() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: audio/x-raw\r\n\r\nabc"

    def step(wire: Wire, _: Received) -> None:
        wire.send(head)
        wire.wait_for_close()

    with serve(step) as server:
        with tiny(server.url) as client:
            heard = (client.things.speak()).iter_bytes()
            heard.__next__()
            error = while_waiting(heard.__next__, heard.close)
            assert isinstance(error, cartesia.ClientClosedError)


@pytest.mark.parametrize("is_call_first", [True, False])
def test_a_call_and_the_end_of_a_stream_do_not_wait_for_each_other(
    is_call_first: bool,
) -> None:
    # The event says that all is done, but the end of the body is still to come.
    with serve(chunked(DONE, media_type=EVENTS, stall=True), answer(b"{}")) as server:
        with tiny(server.url) as client:
            stream = client.things.watch()
            stream.__next__()

            def call() -> object:
                return client.things.get("t")

            def rest() -> object:
                return [event for event in stream]

            while_waiting(*((call, rest) if is_call_first else (rest, call)))


def test_a_dropped_answer_stops_the_server_while_the_client_is_idle() -> None:
    with serve(chunked(b"abc", media_type=AUDIO, stall=True)) as server:
        with tiny(server.url) as client:
            speech = client.things.speak()
            for _ in speech.iter_bytes():
                break
            del speech
            until(lambda: server.wires[0].closed)


def test_a_dropped_stream_stops_the_server_while_the_client_is_idle() -> None:
    with serve(chunked(ONE, media_type=EVENTS, stall=True)) as server:
        with tiny(server.url) as client:
            for _ in client.things.watch():
                break
            until(lambda: server.wires[0].closed)


def test_pieces_that_are_closed_stop_the_server() -> None:
    with serve(chunked(b"abc", media_type=AUDIO, stall=True)) as server:
        with tiny(server.url) as client:
            speech = client.things.speak()
            with contextlib.closing(speech.iter_bytes()) as heard:
                next(heard)
            assert speech.is_closed
            until(lambda: server.wires[0].closed)
            with pytest.raises(StopIteration):
                heard.__next__()


def test_streams_left_at_their_last_event_share_one_connection() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS)) as server:
        with tiny(server.url) as client:
            for _ in range(6):
                stream = client.things.watch()
                for event in stream:
                    if event.to_dict().get("type") == "done":
                        break
    assert server.connections == 1


def test_streams_closed_at_their_last_event_share_one_connection() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS)) as server:
        with tiny(server.url) as client:
            for _ in range(6):
                with client.things.watch() as stream:
                    for event in stream:
                        if event.to_dict().get("type") == "done":
                            break
    assert server.connections == 1


def test_answers_left_at_their_last_byte_share_one_connection() -> None:
    with serve(answer(b"abc", headers={"content-type": AUDIO})) as server:
        with tiny(server.url) as client:
            for _ in range(6):
                speech = client.things.speak()
                for _ in speech.iter_bytes():
                    break
                speech.close()
    assert server.connections == 1


def never_ending(wire: Wire, _: Received) -> None:
    """Send the last event, and then go on for ever."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {EVENTS}\r\ntransfer-encoding: chunked\r\n\r\n"
    wire.send(head.encode() + b"%x\r\n%s\r\n" % (len(DONE), DONE))
    wire.wait_for_close()
    wire.close()


def test_a_finished_stream_that_is_kept_open_does_not_hold_up_the_next_call() -> None:
    with serve(never_ending) as server:
        with tiny(server.url) as client:
            for _ in range(3):
                stream = client.things.watch()
                assert (stream.__next__()).to_dict() == {"type": "done"}
    assert server.connections == 3


def test_an_empty_answer_has_its_raw_response() -> None:
    with serve(answer(status=204)) as server:
        with tiny(server.url) as client:
            response = client.things.with_raw_response.delete("t")
            assert response.status_code == 204
            assert response.headers["content-type"] == "application/json"
            assert response.read() == b""
            with client.things.with_streaming_response.delete("t") as response:
                assert response.status_code == 204
            client.things.delete("t")


def test_an_answer_of_text_has_its_raw_response() -> None:
    with serve(answer(b"a,b\n", headers={"content-type": "text/csv"})) as server:
        with tiny(server.url) as client:
            response = client.things.with_raw_response.export()
            assert response.status_code == 200
            assert response.parse() == "a,b\n"
