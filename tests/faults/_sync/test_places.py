# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_places.py
# Do not edit: change that file instead.
"""Where requests go: redirects, keys, and path parameters."""

from __future__ import annotations

import pytest

import cartesia
from tests.faults._sync.calls import VOICE, connect, speak
from tests.faults.page import Caller
from tests.faults.server import AUDIO, SPOKEN
from tests.runtime.server import answer, serve

GROUP = "Redirects and paths"
FOUND = answer(b'{"id": "v"}')
SPEECH = answer(SPOKEN, headers={"content-type": AUDIO})


@pytest.mark.parametrize(
    ("status", "method"),
    [
        pytest.param(301, "GET", marks=pytest.mark.fault(GROUP, "301 for a POST")),
        pytest.param(302, "GET", marks=pytest.mark.fault(GROUP, "302 for a POST")),
        pytest.param(303, "GET", marks=pytest.mark.fault(GROUP, "303 for a POST")),
        pytest.param(307, "POST", marks=pytest.mark.fault(GROUP, "307 for a POST")),
        pytest.param(308, "POST", marks=pytest.mark.fault(GROUP, "308 for a POST")),
    ],
)
def test_the_method_of_a_redirect(status: int, method: str, caller: Caller) -> None:
    with serve(answer(status=status, headers={"location": "/there"}), SPEECH) as server:
        with connect(server.url) as client:
            assert (speak(client)).read() == SPOKEN
    first, second = server.requests
    assert (second.method, second.target) == (method, "/there")
    assert second.body == (first.body if method == "POST" else b"")
    assert second.headers["authorization"] == "Bearer sk_test"
    caller.sees(f"the answer to a {method}" + (" with the body" if method == "POST" else ""))


@pytest.mark.fault(GROUP, "A redirect to another host")
def test_the_key_stays_at_home(caller: Caller) -> None:
    with serve(FOUND) as other:
        there = answer(status=307, headers={"location": f"{other.url}/there"})
        with serve(there) as server:
            with connect(server.url) as client:
                with caller.raises(cartesia.APIConnectionError, match="another place"):
                    client.voices.get(VOICE, extra_headers={"X-API-Key": "sk_a", "Cookie": "sk_b"})
    assert not other.requests


@pytest.mark.fault(GROUP, "Redirects in a circle")
def test_a_circle(caller: Caller) -> None:
    with serve(answer(status=307, headers={"location": "/again"})) as server:
        with connect(server.url, max_retries=3) as client:
            with caller.raises(cartesia.APIConnectionError, match=r"too many redirects \(20\)"):
                client.voices.get(VOICE)
    assert len(server.requests) == 20


@pytest.mark.parametrize(
    "location", ["gopher://x/", "http://[", "https://", f"http://{'a' * 70}.invalid/"]
)
@pytest.mark.fault(GROUP, "A redirect to nowhere")
def test_nowhere(location: str, caller: Caller) -> None:
    with serve(answer(status=307, headers={"location": location})) as server:
        with connect(server.url) as client:
            with pytest.raises(cartesia.APIConnectionError) as caught:
                client.voices.get(VOICE)
    assert len(server.requests) == 1
    assert location[:7] in f"{caught.value} {caught.value.__cause__}"
    caller.sees("`APIConnectionError`")


@pytest.mark.fault(GROUP, "A path parameter with slashes, spaces and dots")
def test_path_parameters_are_encoded(caller: Caller) -> None:
    with serve(FOUND) as server:
        with connect(server.url) as client:
            client.voices.get("../a b?c#d%2F\u00fc")
    assert server.requests[0].target == "/voices/..%2Fa%20b%3Fc%23d%252F%C3%BC"
    caller.sees("one percent-encoded segment is sent")


@pytest.mark.parametrize(
    ("id", "kind"),
    [
        pytest.param("", ValueError, marks=pytest.mark.fault(GROUP, "An empty path parameter")),
        pytest.param("..", ValueError, marks=pytest.mark.fault(GROUP, "A path parameter `..`")),
        pytest.param(None, TypeError, marks=pytest.mark.fault(GROUP, "A path parameter None")),
        pytest.param(
            "a\ud83d", ValueError, marks=pytest.mark.fault(GROUP, "Half a character in a path")
        ),
    ],
)
def test_path_parameters_that_are_none(id: str, kind: type[Exception], caller: Caller) -> None:
    with serve(FOUND) as server:
        with connect(server.url) as client:
            with caller.raises(kind, match="`id`"):
                client.voices.get(id)
    assert not server.requests
