"""Calls against a server that says what each test tells it to: answers and redirects."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import httpx
import pytest

import cartesia
from cartesia import omit
from tests.runtime._async.tiny import AsyncTiny, tiny
from tests.runtime.server import answer, chunked, hang_up, serve

pytestmark = pytest.mark.anyio


async def test_an_object(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cartesia")
    with serve(answer(b'{"id": "a/b", "new": [1]}')) as server:
        async with tiny(server.url) as client:
            thing = await client.things.get("a/b c")
    assert thing.to_dict() == {"id": "a/b", "new": [1]}
    (request,) = server.requests
    assert (request.method, request.target) == ("GET", "/things/a%2Fb%20c")
    assert request.headers["authorization"] == "Bearer sk_test"
    assert request.headers["cartesia-version"] == "2025-11-04"
    assert request.headers["accept"] == "application/json"
    assert "content-type" not in request.headers
    assert "things.get: GET /things/a%2Fb%20c -> 200" in caplog.text
    assert "sk_test" not in caplog.text


async def test_what_a_call_adds_wins_over_the_client() -> None:
    with serve(answer(b"{}")) as server:
        client = AsyncTiny(
            api_key="sk_test",
            base_url=server.url + "/v1/",
            default_headers={"X-One": "1", "X-Two": "1"},
            default_query={"a": 1, "b": "x y"},
        )
        async with client:
            await client.things.get(
                "t",
                extra_headers={
                    "x-two": "2",
                    "CARTESIA-VERSION": omit,
                    "User-Agent": omit,
                    "Authorization": "Basic x",
                },
                extra_query={"a": [True, None, "+&"]},
            )
    (request,) = server.requests
    assert request.target == "/v1/things/t?a=true&a=%2B%26&b=x%20y"
    assert (request.headers["x-one"], request.headers["x-two"]) == ("1", "2")
    assert request.headers["authorization"] == "Basic x"
    assert "cartesia-version" not in request.headers
    assert "user-agent" not in request.headers


async def test_a_json_body_keeps_null_and_leaves_out_what_is_omitted() -> None:
    with serve(answer(b"{}")) as server:
        async with tiny(server.url) as client:
            await client.things.create(name=None)
            await client.things.create(extra_body={"when": "ü"})
            await client.things.create(name="n", extra_body={"name": "m"})
    assert [request.body for request in server.requests] == [
        b'{"name":null}',
        '{"when":"ü"}'.encode(),
        b'{"name":"m"}',
    ]
    assert {request.headers["content-type"] for request in server.requests} == {"application/json"}


async def test_no_content_text_and_any_json() -> None:
    csv = "a;ü\r\n".encode("latin-1")
    steps = (
        answer(status=204),
        answer(csv, headers={"content-type": "text/csv; charset=latin-1"}),
        answer(b"[1, 2]"),
    )
    with serve(*steps) as server:
        async with tiny(server.url) as client:
            await client.things.delete("t")
            assert await client.things.export() == "a;ü\r\n"
            assert await client.things.raw() == [1, 2]
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
async def test_an_answer_that_is_not_what_was_promised(
    body: bytes, media_type: str, said: str
) -> None:
    with serve(answer(body, headers={"content-type": media_type, "x-request-id": "r-1"})) as server:
        async with tiny(server.url) as client:
            with pytest.raises(cartesia.APIResponseValidationError) as caught:
                await client.things.get("t")
    assert said in str(caught.value)
    assert "request id: r-1" in str(caught.value)
    assert caught.value.status_code == 200


async def test_an_answer_that_cannot_be_decompressed() -> None:
    with serve(answer(b"no gzip", headers={"content-encoding": "gzip"})) as server:
        async with tiny(server.url) as client:
            with pytest.raises(cartesia.APIConnectionError, match="decompressed"):
                await client.things.get("t")


async def test_an_unreachable_host() -> None:
    with serve(hang_up) as server:
        url = server.url
    async with tiny(url) as client:
        with pytest.raises(cartesia.APIConnectionError, match=f"could not connect to {url}"):
            await client.things.get("t")


async def test_a_url_that_is_none() -> None:
    async with tiny("http://host:port") as client:
        with pytest.raises(ValueError, match="base_url"):
            await client.things.get("t")


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [
        (301, "GET", b""),
        (303, "GET", b""),
        (307, "POST", b'{"name":"n"}'),
        (308, "POST", b'{"name":"n"}'),
    ],
)
async def test_redirects_are_followed(status: int, method: str, body: bytes) -> None:
    with serve(answer(status=status, headers={"location": "/other"}), answer(b"{}")) as server:
        async with tiny(server.url) as client:
            await client.things.create(name="n")
    last = server.requests[-1]
    assert (last.method, last.target, last.body) == (method, "/other", body)
    assert last.headers["authorization"] == "Bearer sk_test"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_another_origin_is_refused(status: int, waits: list[float]) -> None:
    with serve(answer(b"{}")) as other:
        there = answer(status=status, headers={"location": other.url + "/there"})
        with serve(there) as server:
            async with tiny(server.url, max_retries=2) as client:
                with pytest.raises(cartesia.APIConnectionError, match="redirects to another place"):
                    await client.things.get("t", extra_headers={"X-Tenant": "secret"})
                with pytest.raises(cartesia.APIConnectionError, match="redirects to another place"):
                    await client.things.create(name="secret")
    assert not other.requests
    assert waits == []


class Redirecting(httpx.MockTransport):
    """Redirects every URL of one scheme to the same URL of the other."""

    def __init__(self, scheme: str, port: int | None = None) -> None:
        self.sent: list[httpx.URL] = []

        def respond(request: httpx.Request) -> httpx.Response:
            self.sent.append(request.url)
            if request.url.scheme == scheme:
                return httpx.Response(200, json={})
            there = request.url.copy_with(scheme=scheme, port=port)
            return httpx.Response(307, headers={"location": str(there)})

        super().__init__(respond)


async def test_a_redirect_from_https_to_http_is_refused() -> None:
    transport = Redirecting("http")
    http = httpx.AsyncClient(transport=transport)
    async with AsyncTiny(api_key="k", base_url="https://api.test", http_client=http) as client:
        with pytest.raises(cartesia.APIConnectionError, match=r"http://api\.test"):
            await client.things.create(name="secret")
    assert [url.scheme for url in transport.sent] == ["https"]


async def test_a_redirect_to_the_same_host_over_tls_is_followed() -> None:
    transport = Redirecting("https")
    http = httpx.AsyncClient(transport=transport)
    async with AsyncTiny(api_key="k", base_url="http://api.test", http_client=http) as client:
        await client.things.create(name="n")
    assert [url.scheme for url in transport.sent] == ["http", "https"]


async def test_a_redirect_to_another_port_over_tls_is_refused() -> None:
    transport = Redirecting("https", 8443)
    http = httpx.AsyncClient(transport=transport)
    async with AsyncTiny(api_key="k", base_url="http://api.test", http_client=http) as client:
        with pytest.raises(cartesia.APIConnectionError, match="redirects to another place"):
            await client.things.create(name="n")
    assert [url.scheme for url in transport.sent] == ["http"]


async def test_redirects_without_end() -> None:
    with serve(answer(status=302, headers={"location": "/again"})) as server:
        async with tiny(server.url, max_retries=2) as client:
            with pytest.raises(cartesia.APIConnectionError, match=r"too many redirects \(20\)"):
                await client.things.get("t")
    assert len(server.requests) == 20


async def test_a_redirect_to_nonsense(waits: list[float]) -> None:
    with serve(answer(status=302, headers={"location": "gopher://x/"})) as server:
        async with tiny(server.url, max_retries=2) as client:
            with pytest.raises(
                cartesia.APIConnectionError, match="redirects to another place, gopher://x"
            ):
                await client.things.get("t")
    assert waits == []


async def test_a_stream_that_is_a_page() -> None:
    with serve(answer(b"<html>", headers={"content-type": "text/html"})) as server:
        async with tiny(server.url) as client:
            with pytest.raises(cartesia.APIResponseValidationError, match="stream of events"):
                await client.things.watch()
            with pytest.raises(cartesia.APIResponseValidationError, match="audio was expected"):
                await client.things.speak()


@pytest.mark.parametrize("given", [0.5, None, httpx.Timeout(3.0)])
async def test_time_outs_of_one_call(given: float | httpx.Timeout | None) -> None:
    with serve(answer(b"{}")) as server:
        async with tiny(server.url) as client:
            response = await client.things.with_raw_response.get("t", timeout=given)
    limits = response.http_request.extensions["timeout"]
    assert limits == httpx.Timeout(given).as_dict()


def _plain() -> httpx.AsyncClient:
    return httpx.AsyncClient()


def _patient() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=99.0)


def _ours(**options: dict[str, str]) -> httpx.AsyncClient:
    made: httpx.AsyncClient
    if True:  # ASYNC
        from cartesia import DefaultAsyncHttpxClient

        made = DefaultAsyncHttpxClient(**options)
    else:  # SYNC
        from cartesia import DefaultHttpxClient

        made = DefaultHttpxClient(**options)
    return made


@pytest.mark.parametrize(
    ("make", "read", "connect"), [(_plain, 60, 5), (_patient, 99, 99), (_ours, 60, 5)]
)
async def test_time_outs_of_an_http_client_of_ones_own(
    make: Callable[[], httpx.AsyncClient], read: float, connect: float
) -> None:
    with serve(answer(b"{}")) as server:
        async with AsyncTiny(api_key="k", base_url=server.url, http_client=make()) as client:
            response = await client.things.with_raw_response.get("t")
    limits = response.http_request.extensions["timeout"]
    assert (limits["read"], limits["connect"]) == (read, connect)


@pytest.mark.parametrize(
    ("make", "sent"),
    [
        (_ours, None),
        (partial(_ours, cookies={"own": "1"}), "own=1; key=a"),
        (_plain, "key=a"),
    ],
)
async def test_cookies_are_kept_only_where_the_caller_wants_it(
    make: Callable[[], httpx.AsyncClient], sent: str | None
) -> None:
    cookie = answer(b"{}", headers={"set-cookie": "key=a; path=/"})
    with serve(cookie, cookie) as server:
        async with AsyncTiny(api_key="k", base_url=server.url, http_client=make()) as client:
            await client.things.get("t")
            await client.things.get("t")
    assert server.requests[1].headers.get("cookie") == sent


@pytest.mark.parametrize(
    ("make", "sent"),
    [
        (_ours, None),
        (partial(_ours, headers={"user-agent": "own"}), "own"),
        (_plain, f"python-httpx/{httpx.__version__}"),
    ],
)
async def test_headers_that_the_caller_removed_are_those_of_the_http_client(
    make: Callable[[], httpx.AsyncClient], sent: str | None
) -> None:
    removed = {"User-Agent": omit, "Accept-Encoding": omit}
    with serve(answer(b"{}")) as server:
        client = AsyncTiny(
            api_key="k", base_url=server.url, http_client=make(), default_headers=removed
        )
        async with client:
            await client.things.get("t")
    headers = server.requests[0].headers
    assert (headers.get("user-agent"), "accept-encoding" in headers) == (sent, sent is not None)


async def test_the_client_itself_keeps_no_cookies() -> None:
    moved = answer(status=307, headers={"set-cookie": "key=a; path=/", "location": "/things/u"})
    cookie = answer(b"{}", headers={"set-cookie": "key=b; path=/"})
    with serve(moved, cookie, cookie) as server:
        async with tiny(server.url) as client:
            await client.things.get("t")
            await client.things.get("t")
    assert [request.headers.get("cookie") for request in server.requests] == [None] * 3


async def test_an_answer_in_pieces() -> None:
    with serve(chunked(b'{"id"', b': "t"}', media_type="application/json")) as server:
        async with tiny(server.url) as client:
            assert (await client.things.get("t")).to_dict() == {"id": "t"}
