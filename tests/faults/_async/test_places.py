"""Where requests go: redirects, keys, and path parameters."""

from __future__ import annotations

import pytest

import cartesia
from tests.faults._async.calls import VOICE, connect, speak
from tests.faults.page import Caller
from tests.faults.server import AUDIO, SPOKEN
from tests.runtime.server import answer, serve

pytestmark = pytest.mark.anyio

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
async def test_the_method_of_a_redirect(status: int, method: str, caller: Caller) -> None:
    with serve(answer(status=status, headers={"location": "/there"}), SPEECH) as server:
        async with connect(server.url) as client:
            assert await (await speak(client)).read() == SPOKEN
    first, second = server.requests
    assert (second.method, second.target) == (method, "/there")
    assert second.body == (first.body if method == "POST" else b"")
    assert second.headers["authorization"] == "Bearer sk_test"
    caller.sees(f"the answer to a {method}" + (" with the body" if method == "POST" else ""))


@pytest.mark.fault(GROUP, "A redirect to another host")
async def test_the_key_stays_at_home(caller: Caller) -> None:
    with serve(FOUND) as other:
        there = answer(status=307, headers={"location": f"{other.url}/there"})
        with serve(there) as server:
            async with connect(server.url) as client:
                with caller.raises(cartesia.APIConnectionError, match="another place"):
                    await client.voices.get(
                        VOICE, extra_headers={"X-API-Key": "sk_a", "Cookie": "sk_b"}
                    )
    assert not other.requests


@pytest.mark.fault(GROUP, "Redirects in a circle")
async def test_a_circle(caller: Caller) -> None:
    with serve(answer(status=307, headers={"location": "/again"})) as server:
        async with connect(server.url, max_retries=3) as client:
            with caller.raises(cartesia.APIConnectionError, match=r"too many redirects \(20\)"):
                await client.voices.get(VOICE)
    assert len(server.requests) == 20


@pytest.mark.parametrize(
    "location", ["gopher://x/", "http://[", "https://", f"http://{'a' * 70}.invalid/"]
)
@pytest.mark.fault(GROUP, "A redirect to nowhere")
async def test_nowhere(location: str, caller: Caller) -> None:
    with serve(answer(status=307, headers={"location": location})) as server:
        async with connect(server.url) as client:
            with pytest.raises(cartesia.APIConnectionError) as caught:
                await client.voices.get(VOICE)
    assert len(server.requests) == 1
    assert location[:7] in f"{caught.value} {caught.value.__cause__}"
    caller.sees("`APIConnectionError`")


@pytest.mark.fault(GROUP, "A path parameter with slashes, spaces and dots")
async def test_path_parameters_are_encoded(caller: Caller) -> None:
    with serve(FOUND) as server:
        async with connect(server.url) as client:
            await client.voices.get("../a b?c#d%2F\u00fc")
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
async def test_path_parameters_that_are_none(
    id: str, kind: type[Exception], caller: Caller
) -> None:
    with serve(FOUND) as server:
        async with connect(server.url) as client:
            with caller.raises(kind, match="`id`"):
                await client.voices.get(id)
    assert not server.requests
