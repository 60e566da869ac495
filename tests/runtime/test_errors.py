"""The errors: their tree, their names, their journeys between processes."""

from __future__ import annotations

import pickle
import re

import httpx
import pytest

import cartesia
from cartesia._runtime import errors
from cartesia._runtime.errors import error_details
from cartesia._runtime.failures import TRANSPORT_ERRORS, explain_cut, explain_unanswered
from cartesia._runtime.retry import Failure

REQUEST = httpx.Request("GET", "https://user:secret@api.test:444/x")
RESPONSE = httpx.Response(429, headers={"x-request-id": "r"}, request=REQUEST)

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
    cartesia.WebSocketQueueFullError("m"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_travel_between_processes(error: cartesia.CartesiaError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.__dict__.keys() == error.__dict__.keys()


def test_errors_say_where_they_are_imported_from() -> None:
    for name in errors.__all__:
        kind = getattr(cartesia, name)
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
    real = {name: getattr(errors, name).__bases__[0].__name__ for name in errors.__all__}
    assert drawn == real


def test_a_status_error_takes_its_body_apart() -> None:
    error = cartesia.APIStatusError("whole text", response=RESPONSE, body="Title: the message")
    assert (str(error), error.title, error.message) == ("whole text", "Title", "the message")
    assert (error.request_id, error.status_code, error.retry_after) == ("r", 429, None)
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
        (httpx.ReadTimeout(""), "APITimeoutError", Failure.LATE, "did not answer"),
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
    assert isinstance(error, TRANSPORT_ERRORS)
    ours = explain_unanswered(error, REQUEST)
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
    ours = explain_cut(error, RESPONSE, 7)
    assert type(ours).__name__ == kind
    assert said in str(ours)
