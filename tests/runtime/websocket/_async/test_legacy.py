"""The older wrapper over a real socket."""

from __future__ import annotations

import base64
from typing import TypedDict

import pytest

from cartesia._runtime._async.websocket.legacy import AsyncLegacyWebSocket
from cartesia._runtime.errors import CartesiaError
from tests.runtime.websocket._async.speech import connecting
from tests.runtime.websocket.server import Peer, serving
from tests.runtime.websocket.wordbook import VOICE, event

pytestmark = pytest.mark.anyio


class Asked(TypedDict):
    model_id: str
    transcript: str
    output_format: dict[str, object]
    voice: dict[str, str]


def asked(transcript: str) -> Asked:
    return {
        "model_id": "sonic-2",
        "transcript": transcript,
        "output_format": {},
        "voice": VOICE,
    }


def speak(peer: Peer) -> None:
    while True:
        message = peer.next()
        context_id = message["context_id"]
        assert message["language"] == "en"
        assert message["continue"] is False
        if message["transcript"] == "bad":
            peer.send(event("error", context_id, message="no"))
            continue
        for number in (1, 2):
            words = {"words": [f"w{number}"], "start": [number], "end": [number + 1]}
            data = base64.b64encode(bytes([number])).decode()
            peer.send(event("chunk", context_id, data=data, audio=None, flush_id=1))
            peer.send(event("timestamps", context_id, word_timestamps=words))
        peer.send(event("done", context_id))


async def test_pieces_and_the_whole() -> None:
    with serving(speak) as server:
        async with AsyncLegacyWebSocket(connecting(server)) as websocket:
            answer = await websocket.send(**asked("Hi"), stream=True, context_id="c", language="en")
            pieces = [piece async for piece in answer]
            assert [piece.context_id for piece in pieces] == ["c"] * 4
            assert pieces[0].flush_id == 1
            assert pieces[1].word_timestamps == {"words": ["w1"], "start": [1], "end": [2]}
            whole = await websocket.send(**asked("Hi"), stream=False, language="en")
            assert whole.audio == b""
            assert await websocket.connect() is websocket


async def test_an_error_event_is_raised() -> None:
    with serving(speak) as server:
        async with AsyncLegacyWebSocket(connecting(server)) as websocket:
            with pytest.raises(RuntimeError, match="could not speak: no") as caught:
                await websocket.send(**asked("bad"), stream=False, language="en")
            assert isinstance(caught.value, CartesiaError)


async def test_a_closed_socket_says_what_to_do() -> None:
    with serving(speak) as server:
        websocket = await AsyncLegacyWebSocket(connecting(server)).connect()
        await websocket.close()
        await websocket.close()
        with pytest.raises(CartesiaError, match="connect"):
            websocket.context("c")
