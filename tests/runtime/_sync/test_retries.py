# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/test_retries.py
# Do not edit: change that file instead.
"""What is repeated, and after how long, against a server that fails as it is told."""

from __future__ import annotations

import httpx
import pytest

import cartesia
from tests.runtime._sync.tiny import tiny
from tests.runtime.server import Step, answer, hang_up, reset, say_nothing, serve

SOON = {"retry-after-ms": "1"}


def test_refusals_are_repeated(waits: list[float]) -> None:
    steps = [answer(b"", status=status, headers=SOON) for status in (408, 409, 429, 503)]
    with serve(*steps, answer(b'{"id": "t"}')) as server:
        with tiny(server.url, max_retries=4) as client:
            response = client.things.with_raw_response.get("t")
    assert response.retries_taken == 4
    assert waits == [0.001] * 4
    assert server.connections == 1


def test_other_refusals_are_not_repeated(waits: list[float]) -> None:
    with serve(answer(b"no", status=400)) as server:
        with tiny(server.url, max_retries=4) as client:
            with pytest.raises(cartesia.BadRequestError):
                client.things.get("t")
    assert len(server.requests) == 1
    assert waits == []


def test_a_server_that_asks_for_a_long_wait_is_not_asked_again(waits: list[float]) -> None:
    with serve(answer(b"slow down", status=429, headers={"retry-after": "120"})) as server:
        with tiny(server.url, max_retries=4) as client:
            with pytest.raises(cartesia.RateLimitError, match="asks to wait 120 s") as caught:
                client.things.get("t")
    assert caught.value.retry_after == 120
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [hang_up, reset])
def test_broken_connections_are_repeated(fault: Step, waits: list[float]) -> None:
    with serve(fault, fault, answer(b'{"id": "t"}')) as server:
        with tiny(server.url, max_retries=2) as client:
            assert (client.things.get("t")).to_dict() == {"id": "t"}
    assert len(waits) == 2
    assert 0.375 <= waits[0] <= 0.5
    assert 0.75 <= waits[1] <= 1.0


@pytest.mark.parametrize("fault", [hang_up, reset])
def test_a_broken_connection_is_our_error_in_the_end(fault: Step, waits: list[float]) -> None:
    with serve(fault) as server:
        with tiny(server.url, max_retries=1) as client:
            with pytest.raises(cartesia.APIConnectionError, match=r"127\.0\.0\.1.*broke") as caught:
                client.things.get("t")
    assert isinstance(caught.value.__cause__, httpx.TransportError)
    assert len(server.requests) == 2


def test_a_server_that_does_not_answer(waits: list[float]) -> None:
    with serve(say_nothing) as server:
        with tiny(server.url, max_retries=1) as client:
            with pytest.raises(cartesia.APITimeoutError, match="did not respond in time"):
                client.things.get("t", timeout=0.05)
            assert len(server.requests) == 2
            with pytest.raises(cartesia.APITimeoutError):
                client.with_options(timeout=0.05).things.speak()
    assert len(server.requests) == 3, "a generation may have begun: it is not repeated"


def test_a_cut_answer_is_repeated_while_nobody_has_seen_it(waits: list[float]) -> None:
    with serve(answer(b'{"id', length=99), answer(b'{"id": "t"}')) as server:
        with tiny(server.url, max_retries=1) as client:
            assert (client.things.get("t")).to_dict() == {"id": "t"}
    assert len(waits) == 1


def test_a_cut_answer_is_an_error_in_the_end(waits: list[float]) -> None:
    with serve(answer(b'{"id', length=99)) as server:
        with tiny(server.url, max_retries=1) as client:
            with pytest.raises(cartesia.TruncatedResponseError, match="4 of 99 bytes") as caught:
                client.things.get("t")
    assert (caught.value.bytes_received, caught.value.bytes_expected) == (4, 99)
    assert len(server.requests) == 2


def test_generations_are_repeated_with_care(waits: list[float]) -> None:
    audio = answer(b"audio", headers={"content-type": "audio/wav"})
    with serve(hang_up, answer(b"", status=500), audio) as server:
        with tiny(server.url, max_retries=2) as client:
            assert (client.things.speak()).read() == b"audio"
    assert len(server.requests) == 3
    with serve(say_nothing, audio) as server:
        with tiny(server.url, max_retries=2, retry_generations=True) as client:
            speech = client.with_options(timeout=1).things.speak()
            assert speech.read() == b"audio"
    assert len(server.requests) == 2
