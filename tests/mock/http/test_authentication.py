"""Access tokens: grants and expiry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cartesia_mock.clock import Clock
from cartesia_mock.testing import serve
from tests.mock.helpers import OLD, speech_wav
from tests.mock.response_checker import ResponseChecker

KEY = "sk_car_right"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keyed(checker: ResponseChecker, clock: Clock) -> Iterator[httpx.Client]:
    """A client with the only key of a server."""
    with (
        serve(engine="tone", api_key=KEY, clock=clock, token_seconds=30) as url,
        checker.client(url, authorization=f"Bearer {KEY}") as client,
    ):
        yield client


def make(keyed: httpx.Client, grants: dict[str, Any] | None, **fields: Any) -> str:
    answer = keyed.post("/access-token", json={"grants": grants, **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


def use(keyed: httpx.Client, token: str, family: str, speech: dict[str, Any]) -> int:
    headers = {"authorization": f"Bearer {token}"}
    if family == "tts":
        return keyed.post("/tts/bytes", json=speech, headers=headers).status_code
    if family == "stt":
        sent = {"files": {"file": speech_wav("Hello.")}, "data": {"model": "ink-whisper"}}
        return keyed.post("/stt", **sent, headers=headers).status_code  # type: ignore[arg-type]  # as httpx takes them
    return keyed.get("/agents/templates", headers=headers).status_code


def handshake(keyed: httpx.Client, query: str) -> int:
    address = str(keyed.base_url).replace("http", "ws", 1)
    try:
        with connect(f"{address}/tts/websocket?cartesia_version={OLD}&{query}"):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_a_token_is_a_signed_jwt(keyed: httpx.Client) -> None:
    token = make(keyed, {"tts": True, "stt": False, "agent": None}, expires_in=60)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["grants"] == {"tts": True}
    assert claims["exp"] - claims["iat"] == 60


@pytest.mark.parametrize("granted", ["tts", "stt", "agent"])
@pytest.mark.parametrize("used", ["tts", "stt", "agent"])
def test_a_token_gives_access_to_its_grants(
    keyed: httpx.Client, granted: str, used: str, speech_request: dict[str, Any]
) -> None:
    token = make(keyed, {granted: True})
    assert use(keyed, token, used, speech_request) == (200 if used == granted else 403)
    if used == "tts":
        expected = 101 if granted == "tts" else 403
        assert handshake(keyed, f"access_token={token}") == expected


@pytest.mark.parametrize("body", [{}, {"grants": None}, {"grants": {}}, {"grants": {"tts": False}}])
def test_a_token_without_grants_gives_no_access(
    keyed: httpx.Client, body: dict[str, Any], speech_request: dict[str, Any]
) -> None:
    token = keyed.post("/access-token", json=body).json()["token"]
    assert use(keyed, token, "tts", speech_request) == 403


@pytest.mark.parametrize("path", ["/voices", "/datasets/", "/agents", "/agents/metrics"])
def test_a_token_is_refused_where_a_key_is_required(keyed: httpx.Client, path: str) -> None:
    token = make(keyed, {"tts": True, "stt": True, "agent": True})
    answer = keyed.get(path, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert "send an API key" in answer.text
    again = keyed.post("/access-token", json={}, headers={"authorization": f"Bearer {token}"})
    assert again.status_code == 403


def test_a_token_expires_by_the_clock(
    keyed: httpx.Client, clock: Clock, speech_request: dict[str, Any]
) -> None:
    short, usual = make(keyed, {"tts": True}, expires_in=10), make(keyed, {"tts": True})
    clock.advance(11)
    assert use(keyed, short, "tts", speech_request) == 401
    assert handshake(keyed, f"access_token={short}") == 401
    assert use(keyed, usual, "tts", speech_request) == 200
    clock.advance(20)
    assert use(keyed, usual, "tts", speech_request) == 401


def test_a_token_with_another_signature_is_refused(
    keyed: httpx.Client, speech_request: dict[str, Any]
) -> None:
    forged = jwt.encode({"grants": {"tts": True}, "exp": 2**33}, "x" * 32, "HS256")
    unsigned = jwt.encode({"grants": {"tts": True}, "exp": 2**33}, "", "none")
    broken = make(keyed, {"tts": True})[:-4]
    for token in (forged, unsigned, broken, "ey.x.y"):
        assert use(keyed, token, "tts", speech_request) == 401


@pytest.mark.parametrize("expires_in", [0, -1, 3601, 1.5, "60"])
def test_lifetimes_out_of_range_are_refused(keyed: httpx.Client, expires_in: Any) -> None:
    answer = keyed.post("/access-token", json={"expires_in": expires_in})
    assert answer.status_code == 400
    assert "expires_in" in answer.text
