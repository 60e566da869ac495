"""WebSocket faults, observed by a plain client."""

from __future__ import annotations

import base64
import json
from typing import Any

import anyio
import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from tests.mock.faults.fault_requests import FAULT
from tests.mock.helpers import HEADERS

pytestmark = pytest.mark.anyio


class FaultySocket:
    """A socket to the mock that runs into a fault, and what was read from it."""

    def __init__(self, base: str, request: dict[str, Any]) -> None:
        self.url = base.replace("http", "ws", 1) + "/tts/websocket"
        self.request = {**request, "context_id": "c"}

    def open(self, fault: str) -> connect:
        return connect(self.url, additional_headers={**HEADERS, FAULT: fault}, max_size=2**24)

    async def say(self, socket: ClientConnection) -> list[Any]:
        """Speak, and read until `done`; what is no JSON comes as it is."""
        await socket.send(json.dumps(self.request))
        found: list[Any] = []
        while True:
            data = await socket.recv()
            try:
                found.append(json.loads(data))
            except ValueError:
                found.append(data)
            if '"type":"done"' in str(data):
                return found


@pytest.fixture
def faulty_socket(base: str, speech_request: dict[str, Any]) -> FaultySocket:
    return FaultySocket(base, speech_request)


@pytest.mark.parametrize("code", [401, 403, 429, 500, 503])
async def test_a_handshake_is_refused(faulty_socket: FaultySocket, code: int) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with faulty_socket.open(f"status; code={code}; retry-after=2"):
            pass
    assert refusal.value.response.status_code == code
    assert refusal.value.response.headers["retry-after"] == "2"


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_handshake_is_dropped(faulty_socket: FaultySocket, how: str) -> None:
    with pytest.raises((InvalidHandshake, ConnectionResetError, EOFError)):
        async with faulty_socket.open(f"drop; how={how}"):
            pass


async def test_a_handshake_can_be_delayed(faulty_socket: FaultySocket) -> None:
    with pytest.raises(TimeoutError):
        with anyio.fail_after(0.1):
            await faulty_socket.open("delay; head=30")


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("after", [0, 3])
async def test_a_socket_is_dropped_without_a_close(
    faulty_socket: FaultySocket, how: str, after: int
) -> None:
    async with faulty_socket.open(f"socket-drop; after={after}; how={how}") as socket:
        if after:
            await socket.send(json.dumps(faulty_socket.request))
        for _ in range(after):
            assert json.loads(await socket.recv())["type"] == "chunk"
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is None


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 1013, 4000])
async def test_a_socket_is_closed_with_a_code(faulty_socket: FaultySocket, code: int) -> None:
    async with faulty_socket.open(
        f"socket-close; after=2; code={code}; reason=as asked for"
    ) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await faulty_socket.say(socket)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, "as asked for")


async def test_a_silent_socket_answers_only_pings(faulty_socket: FaultySocket) -> None:
    async with faulty_socket.open("socket-silence; after=1") as socket:
        await socket.send(json.dumps(faulty_socket.request))
        assert json.loads(await socket.recv())["type"] == "chunk"
        await (await socket.ping())
        with pytest.raises(TimeoutError):
            with anyio.fail_after(0.1):
                await socket.recv()


async def test_a_frozen_socket_answers_nothing(faulty_socket: FaultySocket) -> None:
    async with faulty_socket.open("socket-freeze; after=1; seconds=0.5") as socket:
        await socket.send(json.dumps(faulty_socket.request))
        assert json.loads(await socket.recv())["type"] == "chunk"
        pong = await socket.ping()
        await socket.send(json.dumps(faulty_socket.request))
        with pytest.raises(TimeoutError):
            with anyio.fail_after(0.1):
                await pong
        with pytest.raises(ConnectionClosed):
            await socket.recv()


@pytest.mark.parametrize("after", [0, 1])
async def test_unexpected_frames_are_inserted(faulty_socket: FaultySocket, after: int) -> None:
    async def slipped_in(fault: str) -> Any:
        async with faulty_socket.open(f"{fault}; after={after}") as socket:
            found = await faulty_socket.say(socket)
        rest = [*found[:after], *found[after + 1 :]]
        assert {event["type"] for event in rest} == {"chunk", "done"}
        assert {event["context_id"] for event in rest} == {"c"}
        return found[after]

    assert await slipped_in("socket-malformed") == '{"type": "chunk", "data": '
    assert await slipped_in("socket-binary") == bytes(range(256))
    assert (await slipped_in("socket-unknown"))["type"] == "mock_unknown"
    assert "type" not in await slipped_in("socket-untyped")
    unknown = await slipped_in("socket-unknown-context")
    assert unknown["type"] == "chunk"
    assert unknown["context_id"] != "c"
    error = await slipped_in("socket-error; code=503")
    assert (error["type"], error["status_code"], "context_id" in error) == ("error", 503, False)
    assert len((await slipped_in("socket-huge; bytes=3000000"))["filling"]) == 3_000_000


async def test_done_can_come_twice(faulty_socket: FaultySocket) -> None:
    async with faulty_socket.open("socket-double") as socket:
        await faulty_socket.say(socket)
        assert json.loads(await socket.recv())["type"] == "done"


async def test_a_chunk_can_come_after_the_end(faulty_socket: FaultySocket) -> None:
    async with faulty_socket.open("socket-late") as socket:
        found = await faulty_socket.say(socket)
        late = json.loads(await socket.recv())
    assert base64.b64decode(late["data"]) == base64.b64decode(found[-2]["data"])


@pytest.fixture
def armed(client: httpx.Client) -> None:
    fault = {"fault": "socket-close; after=0; code=1001", "path": "/stt/*"}
    assert client.post("/_mock/faults", json=fault).status_code == 201


async def test_faults_of_sockets_can_be_armed(base: str, armed: None) -> None:
    query = "model=ink-2&encoding=pcm_s16le&sample_rate=16000"
    address = f"{base.replace('http', 'ws', 1)}/stt/websocket?{query}"
    async with connect(address, additional_headers=HEADERS) as socket:
        await socket.wait_closed()
    assert socket.close_code == 1001
    async with connect(address, additional_headers=HEADERS) as socket:
        await socket.send("close")
        assert json.loads(await socket.recv())["type"] == "done"
