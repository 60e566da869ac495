# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/test_client.py
# Do not edit: change that file instead.
"""The client itself: options, copies, closing."""

from __future__ import annotations

import gc

import httpx
import pytest

import cartesia
from cartesia import omit
from tests.runtime._sync.tiny import Tiny, tiny
from tests.runtime.server import answer, hang_up, serve

URL = "http://127.0.0.1:9"


def test_options_are_read_back() -> None:
    client = Tiny(
        api_key="sk_k",
        token="jwt",
        base_url=httpx.URL("http://h/"),
        websocket_base_url="ws://w",
        timeout=3.0,
        max_retries=7,
        default_headers={"X-One": "1", "X-API-Key": "sk_other"},
        default_query={"q": 1},
    )
    assert (client.api_key, client.token) == ("sk_k", "jwt")
    assert (client.base_url, client.websocket_base_url) == ("http://h", "ws://w")
    assert (client.timeout, client.max_retries) == (3.0, 7)
    agent = {name: client.default_headers[name] for name in ("user-agent", "x-cartesia-client")}
    own = {"cartesia-version": "2025-11-04", "x-one": "1"}
    assert client.default_headers == {**agent, **own}
    assert client.default_query == {"q": 1}
    assert Tiny(api_key="k").timeout == httpx.Timeout(60, connect=5)
    assert "sk_" not in repr(client)
    assert "http://h" in repr(client)


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTESIA_API_KEY", "sk_env")
    monkeypatch.setenv("CARTESIA_BASE_URL", "http://env/")
    monkeypatch.setenv("CARTESIA_CUSTOM_HEADERS", "X-One: 1\nnonsense\nX-Two: a: b")
    client = Tiny(default_headers={"X-One": "2"})
    assert (client.api_key, client.base_url) == ("sk_env", "http://env")
    assert (client.default_headers["x-one"], client.default_headers["x-two"]) == ("2", "a: b")
    assert Tiny(token="jwt").api_key is None
    copy = Tiny(default_headers={"x-one": "2"}).copy(default_headers={"X-One": "3"})
    assert copy.default_headers["x-one"] == "3"
    monkeypatch.setenv("CARTESIA_CUSTOM_HEADERS", "X One: 1")
    with pytest.raises(ValueError, match="`CARTESIA_CUSTOM_HEADERS`: 'X One' cannot be the name"):
        Tiny()
    monkeypatch.delenv("CARTESIA_CUSTOM_HEADERS")
    monkeypatch.setenv("CARTESIA_API_KEY", "sk_env ")
    with pytest.raises(ValueError, match="the environment variable CARTESIA_API_KEY begins"):
        Tiny()
    monkeypatch.setenv("CARTESIA_API_KEY", "sk_env")
    monkeypatch.delenv("CARTESIA_BASE_URL")
    assert Tiny().base_url == "https://api.cartesia.ai"


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"api_key": "sk_secret\n"}, ValueError, "`api_key`"),
        ({"token": "schlüssel"}, ValueError, "`token`"),
        ({"api_key": 5}, TypeError, "`api_key`"),
        ({"base_url": "api.cartesia.ai"}, ValueError, "`base_url`.*https://"),
        ({"base_url": "ftp://x"}, ValueError, "`base_url`"),
        ({"base_url": "http://a b"}, ValueError, "`base_url`"),
        ({"base_url": "http://a/?key=sk_secret"}, ValueError, "`base_url`.*no query or fragment"),
        ({"base_url": "http://a/#x"}, ValueError, "`base_url`.*no query or fragment"),
        ({"websocket_base_url": "ws://a/?x=1"}, ValueError, "`websocket_base_url`.*no query"),
        ({"websocket_base_url": "x"}, ValueError, "`websocket_base_url`.*wss://"),
        ({"max_retries": -1}, ValueError, "`max_retries`"),
        ({"max_retries": None}, TypeError, "`max_retries`"),
        ({"http_client": object()}, TypeError, "`http_client`"),
    ],
)
def test_options_that_cannot_work(
    options: dict[str, object], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said) as caught:
        Tiny(**{"api_key": "k", **options})  # type: ignore[arg-type]  # the point
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [({"X": "a\r\nY: b"}, ValueError), ({"X": "ü"}, ValueError), ({"X": 1}, TypeError)],
)
def test_headers_that_cannot_travel(headers: dict[str, str], kind: type[Exception]) -> None:
    with pytest.raises(kind, match="`default_headers`"):
        Tiny(api_key="k", default_headers=headers)
    with Tiny(api_key="k", base_url=URL) as client:
        with pytest.raises(kind, match="`extra_headers`"):
            client.things.get("t", extra_headers=headers)


@pytest.mark.parametrize(
    ("id", "kind"), [("", ValueError), ("..", ValueError), (None, TypeError), (omit, TypeError)]
)
def test_ids_that_are_none(id: str, kind: type[Exception]) -> None:
    with Tiny(api_key="k", base_url=URL) as client:
        with pytest.raises(kind, match="`id`"):
            client.things.get(id)


def test_a_copy_shares_connections_and_changes_what_it_is_told() -> None:
    with serve(answer(b"{}")) as server:
        with tiny(server.url) as client:
            copy = client.with_options(
                token="jwt",
                max_retries=3,
                retry_generations=True,
                websocket_base_url="ws://w",
                timeout=None,
                default_headers={"X-Copy": "1"},
                default_query={"c": 1},
            )
            client.things.get("t")
            copy.things.get("t")
            again = copy.copy(set_default_headers={}, set_default_query={}, api_key="sk_other")
            again.things.get("t")
            assert (again.api_key, again.max_retries, again.timeout) == ("sk_other", 3, None)
            assert again.websocket_base_url == "ws://w"
            assert again.copy(base_url="http://other").base_url == "http://other"
        assert copy.is_closed()
        with pytest.raises(cartesia.ClientClosedError):
            copy.things.get("t")
    assert server.connections == 1
    first, second, third = server.requests
    assert first.headers["authorization"] == "Bearer sk_test"
    assert second.headers["authorization"] == "Bearer jwt"
    assert second.headers["x-copy"] == "1"
    assert second.target == "/things/t?c=1"
    assert third.headers["authorization"] == "Bearer sk_other"
    assert "x-copy" not in third.headers
    assert third.target == "/things/t"


def test_a_copy_takes_one_form_of_an_argument() -> None:
    client = Tiny(api_key="k")
    with pytest.raises(ValueError, match="set_default_headers"):
        client.copy(default_headers={}, set_default_headers={})
    with pytest.raises(ValueError, match="set_default_query"):
        client.copy(default_query={}, set_default_query={})


def test_the_validation_argument_of_existing_code_is_accepted_and_ignored() -> None:
    with serve(answer(b'{"id": 5}')) as server:
        with Tiny(api_key="k", base_url=server.url, _strict_response_validation=True) as client:
            assert (client.things.get("t")).to_dict() == {"id": 5}
            copy = client.with_options(_strict_response_validation=True)
            assert (copy.things.get("t")).to_dict() == {"id": 5}


def test_a_copy_with_an_http_client_of_its_own() -> None:
    with serve(answer(b"{}")) as server:
        with tiny(server.url) as client:
            with client.copy(http_client=httpx.Client()) as copy:
                copy.things.get("t")
            assert copy.is_closed()
            client.things.get("t")
    assert server.connections == 2


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serve(answer(b'{"id": "t"}')) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with tiny("http://api.test") as client:
            assert (client.things.get("t")).to_dict() == {"id": "t"}
    assert proxy.requests[0].target == "http://api.test/things/t"


def test_closing_twice_and_calling_after() -> None:
    with serve(answer(b"{}")) as server:
        client = tiny(server.url)
        client.things.get("t")
        client.close()
        client.close()
        with pytest.raises(RuntimeError, match="closed"):
            client.things.get("t")
        own = httpx.Client()
        own.close()
        client = Tiny(api_key="k", base_url=server.url, http_client=own)
        assert client.is_closed()
        with pytest.raises(cartesia.ClientClosedError):
            client.things.get("t")
    tiny(server.url).close()


def test_the_address_and_headers_of_a_socket() -> None:
    from cartesia._runtime.request import Operation, Request

    socket = Operation("things.socket", "GET", "/things/websocket")
    request = Request(socket, query={"keyterm": ["a b", "c"]}, extra_headers={"X": "1"})
    client = Tiny(api_key="sk_k", base_url="http://h/p", default_query={"q": 1})
    requester = client._requester
    assert requester.socket_url(request) == "ws://h/p/things/websocket?q=1&keyterm=a%20b&keyterm=c"
    headers = dict(requester.socket_headers(request))
    assert headers.pop("user-agent") == headers.pop("x-cartesia-client")
    assert headers == {
        "cartesia-version": "2025-11-04",
        "authorization": "Bearer sk_k",
        "x": "1",
    }
    for base_url, websocket_base_url, begin in (
        ("https://h", None, "wss://h/"),
        ("https://h", "ws://w", "ws://w/"),
        ("https://h", "HTTP://w/x/", "ws://w/x/"),
    ):
        client = Tiny(api_key="k", base_url=base_url, websocket_base_url=websocket_base_url)
        assert client._requester.socket_url(request).startswith(begin + "things")


def test_a_client_that_nobody_closed() -> None:
    with serve(hang_up) as server:
        client = tiny(server.url)
        with pytest.raises(cartesia.APIConnectionError):
            client.things.get("t")
        del client
        gc.collect()
