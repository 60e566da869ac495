# Derived by `make generate` (scripts/unasync.py) from
# tests/core/_async/test_calls.py
# Do not edit: change that file instead.
"""Calls against a server that says what each test tells it to: answers, refusals, retries, redirects."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import httpx
import pytest

import cartesia
from cartesia import omit
from tests.core._sync.tiny import Tiny, tiny
from tests.core.server import Step, answer, chunked, hang_up, reset, say_nothing, serve

SOON = {"retry-after-ms": "1"}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the waits between attempts instead of waiting."""
    noted: list[float] = []

    def sleep(seconds: float) -> None:
        noted.append(seconds)

    monkeypatch.setattr("cartesia._core._sync.exchange.sleep", sleep)
    return noted


def test_an_object(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cartesia")
    with serve(answer(b'{"id": "a/b", "new": [1]}')) as server:
        with tiny(server.url) as client:
            thing = client.things.get("a/b c")
    assert thing.to_dict() == {"id": "a/b", "new": [1]}
    (request,) = server.requests
    assert (request.method, request.target) == ("GET", "/things/a%2Fb%20c")
    assert request.headers["authorization"] == "Bearer sk_test"
    assert request.headers["cartesia-version"] == "2025-11-04"
    assert request.headers["accept"] == "application/json"
    assert "content-type" not in request.headers
    assert "things.get: GET /things/a/b c -> 200" in caplog.text
    assert "sk_test" not in caplog.text


def test_what_a_call_adds_wins_over_the_client() -> None:
    with serve(answer(b"{}")) as server:
        client = Tiny(
            api_key="sk_test",
            base_url=server.url + "/v1/",
            default_headers={"X-One": "1", "X-Two": "1"},
            default_query={"a": 1, "b": "x y"},
        )
        with client:
            client.things.get(
                "t",
                extra_headers={"x-two": "2", "CARTESIA-VERSION": omit, "Authorization": "Basic x"},
                extra_query={"a": [True, None, "+&"]},
            )
    (request,) = server.requests
    assert request.target == "/v1/things/t?a=true&a=%2B%26&b=x%20y"
    assert (request.headers["x-one"], request.headers["x-two"]) == ("1", "2")
    assert request.headers["authorization"] == "Basic x"
    assert "cartesia-version" not in request.headers


def test_a_json_body_keeps_null_and_leaves_out_what_is_omitted() -> None:
    with serve(answer(b"{}")) as server:
        with tiny(server.url) as client:
            client.things.create(name=None)
            client.things.create(extra_body={"when": "ü"})
            client.things.create(name="n", extra_body={"name": "m"})
    assert [request.body for request in server.requests] == [
        b'{"name":null}',
        '{"when":"ü"}'.encode(),
        b'{"name":"m"}',
    ]
    assert {request.headers["content-type"] for request in server.requests} == {"application/json"}


def test_no_content_text_and_any_json() -> None:
    csv = "a;ü\r\n".encode("latin-1")
    steps = (
        answer(status=204),
        answer(csv, headers={"content-type": "text/csv; charset=latin-1"}),
        answer(b"[1, 2]"),
    )
    with serve(*steps) as server:
        with tiny(server.url) as client:
            client.things.delete("t")
            assert client.things.export() == "a;ü\r\n"
            assert client.things.raw() == [1, 2]
    assert [request.headers["accept"] for request in server.requests] == [
        "*/*",
        "text/csv",
        "application/json",
    ]


@pytest.mark.parametrize(
    ("body", "media_type", "said"),
    [
        (b"<html>login</html>", "text/html", "text/html where JSON was expected: '<html>"),
        (b"[]", "application/json", "where a JSON object was expected"),
        (b'{"a": ', "", "no content type where JSON was expected"),
        (b"\xff\xfe" + b"x" * 500, "application/json; charset=x", "xxx...'"),
    ],
)
def test_an_answer_that_is_not_what_was_promised(body: bytes, media_type: str, said: str) -> None:
    with serve(answer(body, headers={"content-type": media_type, "x-request-id": "r-1"})) as server:
        with tiny(server.url) as client:
            with pytest.raises(cartesia.APIResponseValidationError) as caught:
                client.things.get("t")
    assert said in str(caught.value)
    assert "request id: r-1" in str(caught.value)
    assert caught.value.status_code == 200


REFUSALS: list[tuple[int, type[cartesia.APIStatusError]]] = [
    (400, cartesia.BadRequestError),
    (401, cartesia.AuthenticationError),
    (402, cartesia.APIStatusError),
    (403, cartesia.PermissionDeniedError),
    (404, cartesia.NotFoundError),
    (409, cartesia.ConflictError),
    (422, cartesia.UnprocessableEntityError),
    (429, cartesia.RateLimitError),
    (500, cartesia.InternalServerError),
    (503, cartesia.InternalServerError),
    (304, cartesia.APIStatusError),
]


@pytest.mark.parametrize(("status", "kind"), REFUSALS)
def test_refusals_have_their_class(status: int, kind: type[cartesia.APIStatusError]) -> None:
    with serve(
        answer(b"" if status == 304 else b"Invalid model: no such model", status=status)
    ) as server:
        with tiny(server.url) as client:
            with pytest.raises(kind) as caught:
                client.things.get("t")
    assert type(caught.value) is kind
    assert caught.value.status_code == status
    assert str(caught.value).startswith(f"Error code: {status}")


def test_a_refusal_in_json_tells_all() -> None:
    body = {
        "title": "Voice not found",
        "message": "No voice has this id.",
        "error_code": "voice_not_found",
        "request_id": "r-2",
        "doc_url": "https://docs.test/voices",
    }
    with serve(answer(json.dumps(body).encode(), status=404)) as server:
        with tiny(server.url) as client:
            with pytest.raises(cartesia.NotFoundError) as caught:
                client.things.get("t")
    error = caught.value
    assert error.body == body
    assert (error.title, error.message) == (body["title"], body["message"])
    assert (error.error_code, error.doc_url) == (body["error_code"], body["doc_url"])
    assert error.request_id == "r-2"
    assert error.response.json() == body
    assert error.request.url.path == "/things/t"
    assert str(error) == (
        "Error code: 404 - Voice not found: No voice has this id. (see https://docs.test/voices) "
        "(request id: r-2)"
    )


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (b"", {}, "Error code: 400 - Said"),
        (b"Bad: worse\n", {"x-request-id": "r"}, "Error code: 400 - Bad: worse (request id: r)"),
        (b"\xff\xfe oh", {}, "Error code: 400 - \ufffd\ufffd oh"),
        (b"oh", {"content-type": "text/plain; charset=nonsense"}, "Error code: 400 - oh"),
        (b"<html>" + b"x" * 9000, {}, f"Error code: 400 - <html>{'x' * 494}..."),
        (b'{"error": "old"}', {}, "Error code: 400 - old"),
        (b'{"other": 1}', {}, 'Error code: 400 - {"other": 1}'),
    ],
)
def test_refusals_of_any_shape(body: bytes, headers: dict[str, str], said: str) -> None:
    with serve(answer(body, status=400, headers=headers)) as server:
        with tiny(server.url) as client:
            with pytest.raises(cartesia.BadRequestError) as caught:
                client.things.get("t")
    assert str(caught.value) == said


def test_a_refusal_that_is_cut_is_still_a_refusal() -> None:
    with serve(answer(b"half", status=403, length=99)) as server:
        with tiny(server.url) as client:
            with pytest.raises(cartesia.PermissionDeniedError):
                client.things.get("t")


def test_a_wrong_key_says_where_the_key_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(answer(b"Unauthorized: bad key", status=401)) as server:
        monkeypatch.setenv("CARTESIA_API_KEY", "sk_env")
        for client, source in (
            (Tiny(base_url=server.url), "the environment variable CARTESIA_API_KEY"),
            (Tiny(base_url=server.url, token="jwt"), "the argument `token`"),
            (Tiny(base_url=server.url, api_key="sk_own"), "the argument `api_key`"),
            (Tiny(base_url=server.url).copy(max_retries=1), "the environment variable"),
        ):
            with client:
                with pytest.raises(cartesia.AuthenticationError, match=source) as caught:
                    client.things.get("t")
            assert "sk_" not in str(caught.value).replace("`", "")
        monkeypatch.delenv("CARTESIA_API_KEY")
        with Tiny(base_url=server.url) as client:
            with pytest.raises(cartesia.AuthenticationError, match="credentials in its headers"):
                client.things.get("t", extra_headers={"X-API-Key": "sk_x"})
    sent = [request.headers.get("authorization") for request in server.requests]
    assert sent == ["Bearer sk_env", "Bearer jwt", "Bearer sk_own", "Bearer sk_env", None]


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARTESIA_API_KEY", raising=False)
    with serve(answer(b"{}")) as server:
        with Tiny(base_url=server.url, api_key="") as client:
            with pytest.raises(TypeError, match="CARTESIA_API_KEY"):
                client.things.get("t")
            with pytest.raises(cartesia.MissingCredentialsError):
                client.things.speak()
            client.things.get("t", extra_headers={"Authorization": omit})
    (request,) = server.requests
    assert "authorization" not in request.headers


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
            with pytest.raises(cartesia.APITimeoutError, match="did not answer in time"):
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
            speech = client.with_options(timeout=0.2).things.speak()
            assert speech.read() == b"audio"
    assert len(server.requests) == 2


def test_an_answer_that_cannot_be_decompressed() -> None:
    with serve(answer(b"no gzip", headers={"content-encoding": "gzip"})) as server:
        with tiny(server.url) as client:
            with pytest.raises(cartesia.APIConnectionError, match="decompressed"):
                client.things.get("t")


def test_an_unreachable_host() -> None:
    with serve(hang_up) as server:
        url = server.url
    with tiny(url) as client:
        with pytest.raises(cartesia.APIConnectionError, match=f"could not connect to {url}"):
            client.things.get("t")


def test_a_url_that_is_none() -> None:
    with tiny("http://host:port") as client:
        with pytest.raises(ValueError, match="base_url"):
            client.things.get("t")


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [
        (301, "GET", b""),
        (303, "GET", b""),
        (307, "POST", b'{"name":"n"}'),
        (308, "POST", b'{"name":"n"}'),
    ],
)
def test_redirects_are_followed(status: int, method: str, body: bytes) -> None:
    with serve(answer(status=status, headers={"location": "/other"}), answer(b"{}")) as server:
        with tiny(server.url) as client:
            client.things.create(name="n")
    last = server.requests[-1]
    assert (last.method, last.target, last.body) == (method, "/other", body)
    assert last.headers["authorization"] == "Bearer sk_test"


def test_a_redirect_does_not_carry_the_key_to_another_host() -> None:
    with serve(answer(b"{}")) as other:
        there = answer(status=307, headers={"location": other.url + "/there"})
        with serve(there) as server:
            with tiny(server.url) as client:
                client.things.get("t", extra_headers={"X-API-Key": "sk_x"})
    (request,) = other.requests
    assert request.target == "/there"
    assert not {"authorization", "x-api-key"} & request.headers.keys()


def test_redirects_without_end() -> None:
    with serve(answer(status=302, headers={"location": "/again"})) as server:
        with tiny(server.url, max_retries=2) as client:
            with pytest.raises(cartesia.APIConnectionError, match="without end"):
                client.things.get("t")
    assert len(server.requests) == 20


def test_a_redirect_to_nonsense(waits: list[float]) -> None:
    with serve(answer(status=302, headers={"location": "gopher://x/"})) as server:
        with tiny(server.url, max_retries=2) as client:
            with pytest.raises(cartesia.APIConnectionError, match="cannot be sent"):
                client.things.get("t")
    assert waits == []


def test_a_stream_that_is_a_page() -> None:
    with serve(answer(b"<html>", headers={"content-type": "text/html"})) as server:
        with tiny(server.url) as client:
            with pytest.raises(cartesia.APIResponseValidationError, match="stream of events"):
                client.things.watch()
            with pytest.raises(cartesia.APIResponseValidationError, match="audio was expected"):
                client.things.speak()


@pytest.mark.parametrize("given", [0.5, None, httpx.Timeout(3.0)])
def test_time_outs_of_one_call(given: float | httpx.Timeout | None) -> None:
    with serve(answer(b"{}")) as server:
        with tiny(server.url) as client:
            response = client.things.with_raw_response.get("t", timeout=given)
    limits = response.http_request.extensions["timeout"]
    assert limits == httpx.Timeout(given).as_dict()


def _plain() -> httpx.Client:
    return httpx.Client()


def _patient() -> httpx.Client:
    return httpx.Client(timeout=99.0)


def _ours() -> httpx.Client:
    made: httpx.Client
    from cartesia import DefaultHttpxClient

    made = DefaultHttpxClient()
    return made


@pytest.mark.parametrize(
    ("make", "read", "connect"), [(_plain, 60, 5), (_patient, 99, 99), (_ours, 60, 5)]
)
def test_time_outs_of_an_http_client_of_ones_own(
    make: Callable[[], httpx.Client], read: float, connect: float
) -> None:
    with serve(answer(b"{}")) as server:
        with Tiny(api_key="k", base_url=server.url, http_client=make()) as client:
            response = client.things.with_raw_response.get("t")
    limits = response.http_request.extensions["timeout"]
    assert (limits["read"], limits["connect"]) == (read, connect)


def test_an_answer_in_pieces() -> None:
    with serve(chunked(b'{"id"', b': "t"}', media_type="application/json")) as server:
        with tiny(server.url) as client:
            assert (client.things.get("t")).to_dict() == {"id": "t"}
