"""The proxy of the environment is the one that httpx chooses."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartesia._runtime.network import environment_proxy

HOSTS = ["example.com", "api.example.com", "badexample.com", "localhost", "127.0.0.1", "[::1]"]
ENTRIES = [
    "*",
    "example.com",
    ".example.com",
    "*.example.com",
    "EXAMPLE.com",
    "api.example.com:8080",
    "com",
    "localhost",
    "127.0.0.1",
    "127.0.0.1:8080",
    "127.0.0.0/8",
    "::1",
    "[::1]",
    "https://example.com",
    "http://",
    "all://api.example.com:8080",
    "",
    "what ever",
]
PROXIES = st.sampled_from(["", "one:3128", "http://two:3128", "https://u:p@three"])


def chosen_by_httpx(url: str) -> str | None:
    """Look into a client of httpx."""
    with httpx.Client(verify=False) as client:  # noqa: S501 # nothing is sent
        transport: object = client._transport_for_url(httpx.URL(url))
        if transport is client._transport:
            return None
        proxy = transport._pool._proxy_url  # type: ignore[attr-defined]
        return f"{proxy.scheme.decode()}://{proxy.host.decode()}"


@settings(max_examples=500)
@given(
    scheme=st.sampled_from(["http", "https"]),
    host=st.sampled_from(HOSTS),
    port=st.sampled_from(["", ":8080", ":80", ":443"]),
    proxies=st.tuples(PROXIES, PROXIES, PROXIES),
    exempt=st.lists(st.sampled_from(ENTRIES), max_size=3),
)
def test_httpx_chooses_the_same(
    scheme: str, host: str, port: str, proxies: tuple[str, str, str], exempt: list[str]
) -> None:
    names = ("http_proxy", "https_proxy", "all_proxy")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in zip((*names, "no_proxy"), (*proxies, ",".join(exempt))):
            patch.delenv(name.upper(), raising=False)
            patch.setenv(name, value)
        try:
            expected = chosen_by_httpx(f"{scheme}://{host}{port}/path")
        except httpx.InvalidURL:
            return  # httpx fails on such an entry; here it is about nothing
        socket_scheme = {"http": "ws", "https": "wss"}[scheme]
        for url in (f"{scheme}://{host}{port}/path", f"{socket_scheme}://{host}{port}/path"):
            proxy = environment_proxy(url)
            assert (None if proxy is None else f"{proxy.url.scheme}://{proxy.url.host}") == expected


def test_without_proxies_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies", dict)
    assert environment_proxy("wss://example.com") is None
