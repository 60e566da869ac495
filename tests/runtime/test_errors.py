"""The errors: their tree, their names, their journeys between processes."""

from __future__ import annotations

import pickle
import re
import socket

import httpx
import pytest
from websockets.datastructures import Headers
from websockets.http11 import Response

import cartesia
from cartesia._runtime import errors
from cartesia._runtime.errors import error_details
from cartesia._runtime.explain import (
    explain_event,
    explain_handshake,
    explain_read_error,
    explain_send_error,
    transport_errors,
)
from cartesia._runtime.retry import Failure
from cartesia._runtime.websocket.close import Close
from cartesia._runtime.websocket.connection_options import Bounds, connect_arguments, with_defaults
from cartesia._runtime.websocket.protocol import HandshakeRefusedError

REQUEST = httpx.Request("GET", "https://user:secret@api.test:444/x")
RESPONSE = httpx.Response(429, headers={"x-request-id": "r", "retry-after": "3"}, request=REQUEST)
CLOSE = Close(1011, "r")


class Theirs(cartesia.CartesiaError):
    """An error that a user derives."""


ERRORS: list[cartesia.CartesiaError] = [
    cartesia.CartesiaError("m"),
    cartesia.MissingCredentialsError("m"),
    cartesia.ClientClosedError("m"),
    cartesia.APIError("m", REQUEST, body=None),
    cartesia.APIResponseValidationError(RESPONSE, None),
    cartesia.APIStatusError("m", response=RESPONSE, body={"title": "t"}),
    cartesia.RateLimitError("m", response=RESPONSE, body=None),
    cartesia.APIConnectionError(request=REQUEST),
    cartesia.APITimeoutError(REQUEST),
    cartesia.TruncatedResponseError(message="m", request=REQUEST, bytes_received=1),
    cartesia.WebSocketConnectionClosedError("m", unsent_messages=["a"], code=1011, reason="r"),
    cartesia.ContextLostError("TTS", CLOSE, 1, errors.ContextAccount("c", [{"a": 1}], 2, 3)),
    cartesia.WebSocketQueueFullError("m"),
    cartesia.ReceiveTimeoutError("TTS", 1.5, "c"),
    cartesia.ContextInactiveError("TTS", 1.5, errors.ContextAccount("c")),
    cartesia.SlowReceiverError("TTS", "c", 100, taken_bytes=1, lost=2, lost_bytes=3),
]
CLASSES = {name: each for name, each in vars(errors).items() if name.endswith("Error")}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_travel_between_processes(error: cartesia.CartesiaError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.args == error.args
    assert again.__dict__.keys() == error.__dict__.keys()


def nested(depth: int) -> object:
    value: object = 0
    for _ in range(depth):
        value = [value]
    return value


TIMES = (
    "open_timeout",
    "close_timeout",
    "ping_interval",
    "ping_timeout",
    "send_timeout",
    "inactivity_timeout",
    "pause_timeout",
    "max_age",
)


def test_errors_of_users_keep_their_own_module() -> None:
    assert Theirs.__module__ == __name__
    assert type(pickle.loads(pickle.dumps(Theirs("m")))) is Theirs  # noqa: S301  # our own


def test_errors_say_where_they_are_imported_from() -> None:
    assert len(CLASSES) > len({type(error) for error in ERRORS})
    for name, kind in CLASSES.items():
        assert getattr(cartesia, name) is kind
        assert kind.__module__ == "cartesia"
        assert issubclass(kind, cartesia.CartesiaError)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ([ │├└─]*)(\w+Error)\b", line)
        if found is None:
            continue
        depth = len(found.group(1)) // 3
        above = [*above[:depth], found.group(2)]
        drawn[found.group(2)] = above[-2] if depth else "Exception"
    real = {name: kind.__bases__[0].__name__ for name, kind in CLASSES.items()}
    assert drawn == real


def test_a_status_error_takes_its_body_apart() -> None:
    error = cartesia.APIStatusError("whole text", response=RESPONSE, body="Title: the message")
    assert (str(error), error.title, error.message) == ("whole text", "Title", "the message")
    assert (error.request_id, error.status_code, error.retry_after) == ("r", 429, 3)
    bare = cartesia.APIStatusError("whole text", response=RESPONSE, body=None)
    assert (bare.title, bare.message, bare.error_code, bare.doc_url) == (
        None,
        "whole text",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("body", "details"),
    [
        (None, {}),
        ("", {}),
        ([1], {}),
        ("<!doctype html>: x", {}),
        ("Title: a: b\n", {"title": "Title", "message": "a: b"}),
        ("just text", {"message": "just text"}),
        ("x" * 81 + ": y", {"message": "x" * 81 + ": y"}),
        ("two\nlines: y", {"message": "two\nlines: y"}),
        ({"title": 5, "message": None}, {}),
        ({"message": "m", "error": "e"}, {"message": "m"}),
        ({"error": "e"}, {"message": "e"}),
    ],
)
def test_details_of_any_body(body: object, details: dict[str, str]) -> None:
    assert error_details(body) == details


@pytest.mark.parametrize(
    ("error", "kind", "failure", "said"),
    [
        (
            httpx.ConnectError("refused"),
            "APIConnectionError",
            Failure.UNANSWERED,
            "could not connect",
        ),
        (httpx.ProxyError("no"), "APIConnectionError", Failure.UNANSWERED, r"\(no\); check"),
        (httpx.ConnectTimeout(""), "APITimeoutError", Failure.UNANSWERED, "connect to .* in time"),
        (httpx.PoolTimeout(""), "APITimeoutError", Failure.UNANSWERED, "too many calls at once"),
        (httpx.WriteTimeout(""), "APITimeoutError", Failure.UNANSWERED, "could not send"),
        (httpx.ReadTimeout(""), "APITimeoutError", Failure.LATE, "did not respond"),
        (httpx.ReadError(""), "APIConnectionError", Failure.UNANSWERED, r"\(ReadError\)"),
        (httpx.RemoteProtocolError("gone"), "APIConnectionError", Failure.UNANSWERED, "gone"),
        (
            httpx.LocalProtocolError("bad"),
            "APIConnectionError",
            Failure.FINAL,
            "cannot be sent: bad",
        ),
    ],
)
def test_what_it_means_that_no_answer_came(
    error: Exception, kind: str, failure: Failure, said: str
) -> None:
    assert isinstance(error, transport_errors())
    ours = explain_send_error(error, REQUEST)
    assert type(ours).__name__ == kind
    assert ours.failure is failure
    assert re.search(said, str(ours))
    assert "https://api.test:444" in str(ours)
    assert "secret" not in str(ours)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (httpx.ReadTimeout(""), "APITimeoutError", "stalled after 7 bytes"),
        (httpx.ReadError(""), "TruncatedResponseError", "7 of an unknown number of bytes"),
        (httpx.StreamClosed(), "ClientClosedError", "closed before"),
        (httpx.DecodingError("gzip"), "APIConnectionError", "decompressed: gzip"),
    ],
)
def test_what_it_means_that_an_answer_broke_off(error: Exception, kind: str, said: str) -> None:
    ours = explain_read_error(error, RESPONSE, 7)
    assert type(ours).__name__ == kind
    assert said in str(ours)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (
            TimeoutError("late"),
            "APITimeoutError",
            "^wss://api.test did not open .* in time; see `open_timeout`$",
        ),
        (socket.timeout("late"), "APITimeoutError", "see `open_timeout`$"),
        (
            ConnectionRefusedError("no"),
            "APIConnectionError",
            r"^could not connect to wss://api.test \(no\); check",
        ),
        (EOFError(), "APIConnectionError", "did not open a WebSocket: EOFError$"),
        (
            HandshakeRefusedError(
                Response(401, "No", Headers({"x-request-id": "r"}), b"Unauthorized: no such key")
            ),
            "AuthenticationError",
            r"no such key\. The request was signed with `k`; .* wss://api.test\. \(request id: r\)$",
        ),
    ],
)
def test_what_it_means_that_no_websocket_was_opened(error: Exception, kind: str, said: str) -> None:
    ours = explain_handshake("wss://user:secret@api.test/x", error, "`k`")
    assert type(ours).__name__ == kind
    assert re.search(said, str(ours))
    assert "secret" not in str(ours)


@pytest.mark.parametrize("url", ["http://u:secret@a", "ws:///x", "ws://u:secret@a:b"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(cartesia.CartesiaError, match="is not a WebSocket URL") as caught:
        connect_arguments(url, [], object, with_defaults(None))
    assert type(caught.value) is cartesia.CartesiaError
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("nan"), id="no number"),
        pytest.param("\ud800", id="half a character"),
        pytest.param(nested(5000), id="a deep list"),
    ],
)
def test_an_error_event_with_what_json_cannot_say_is_an_error(value: object) -> None:
    event = {"status_code": 401, "title": "No", "message": "such key", "value": value}
    error = explain_event(event, httpx.Response(200, request=httpx.Request("GET", "")))
    assert isinstance(error, cartesia.AuthenticationError)
    assert str(error) == "Error code: 401 - No: such key"
    assert error.body is event


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, float("nan")) for name in TIMES),
        *((name, 1e10) for name in TIMES),
        *((name, -1) for name in (*TIMES, "max_size", "read_limit")),
        ("max_size", float("nan")),
    ],
)
def test_a_bound_of_a_socket_that_is_none(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must be above 0.* None sets no limit"):
        Bounds.of(with_defaults({name: value}))  # type: ignore[arg-type]


def test_errors_that_are_causes_of_each_other_are_told() -> None:
    first, second = httpx.ConnectError("first"), httpx.ConnectError("second")
    first.__cause__, second.__context__ = second, first
    request = httpx.Request("GET", "https://api.test", headers={"authorization": "Bearer sk_k"})
    ours = explain_send_error(first, request)
    assert isinstance(ours, cartesia.APIConnectionError)
    for error in (first, second):
        assert error.request.headers.get("authorization") != "Bearer sk_k"
