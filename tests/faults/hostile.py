"""A server that does the opening handshake of a WebSocket, and then attacks.

``python -m tests.faults.hostile sync pings`` lets it attack the sync client in a process of its
own, and prints as JSON by how many bytes that grew, how long it took, and what the caller saw.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, TypedDict

if TYPE_CHECKING:
    from cartesia import ConnectionOptions

HOSTILE = "Servers that attack"
MEGABYTE = 2**20
SECONDS = 2.0

Attack = Callable[[socket.socket], None]

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Outcome(TypedDict):
    """What came of an attack: bytes, seconds, and the error."""

    grown: int
    took: float
    error: str


class Case(NamedTuple):
    """An attack, and what the client does meanwhile."""

    attack: Attack
    options: ConnectionOptions
    refuses: bool = False
    closes_at_once: bool = False


def frame(kind: int, payload: bytes = b"") -> bytes:
    """Make a frame; the kind is its first byte."""
    size = len(payload)
    length = bytes((size,)) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
    return bytes((kind,)) + length + payload


def flood(data: bytes, begin: bytes = b"") -> Attack:
    """Send the same bytes again and again, and read nothing."""

    def attack(peer: socket.socket) -> None:
        many = data * (65536 // len(data) + 1)
        until = time.monotonic() + SECONDS
        peer.settimeout(5)
        with suppress(OSError):
            peer.sendall(begin)
            while time.monotonic() < until:
                peer.sendall(many)

    return attack


def refusal(head: str, body: bytes) -> Case:
    """Refuse the handshake, with a body that does not end."""
    return Case(flood(body, f"HTTP/1.1 403 Forbidden\r\n{head}\r\n".encode()), {}, refuses=True)


_CHUNK = frame(0x81, b'{"type": "chunk", "data": "' + b"A" * 400 + b'"}')

CASES = {
    "pings": Case(flood(frame(0x89, b"x" * 125)), {}),
    "pings, compressed": Case(flood(frame(0x89, b"x" * 125)), {"compression": "deflate"}),
    "close": Case(flood(_CHUNK), {"read_limit": MEGABYTE}, closes_at_once=True),
    "fragments of one byte": Case(
        flood(frame(0x00, b" "), frame(0x01, b" ")), {"max_size": MEGABYTE}
    ),
    "fragments of no byte": Case(flood(frame(0x00), frame(0x01)), {"max_size": MEGABYTE}),
    "refusal": refusal("content-type: text/plain\r\n", b"x" * 1000),
    "refusal, chunked": refusal("transfer-encoding: chunked\r\n", b"1\r\nx\r\n"),
    "refusal, announced": refusal("content-length: 99999999999\r\n", b"x" * 1000),
    "refusal, headers": refusal("a: b", b"header: x\r\n"),
    "refusal, one header": refusal("a: b", b"x" * 1000),
}


@contextmanager
def attacking(case: Case) -> Generator[str]:
    """Return the URL of a server that attacks its first client."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError), listener.accept()[0] as peer:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += peer.recv(65536)
                if not case.refuses:
                    peer.sendall(_accept(head))
                case.attack(peer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _accept(head: bytes) -> bytes:
    key = head.split(b"Sec-WebSocket-Key: ")[1].partition(b"\r\n")[0]
    accepted = hashlib.sha1(key + _GUID, usedforsecurity=False).digest()
    return b"\r\n".join(
        [
            b"HTTP/1.1 101 Switching Protocols",
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Accept: " + base64.b64encode(accepted),
            b"",
            b"",
        ]
    )


def attacked(world: str, name: str) -> Outcome:
    """Let a server attack a client in a process of its own."""
    command = [sys.executable, "-m", "tests.faults.hostile", world, name]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60)  # noqa: S603 # our own
    outcome: Outcome = json.loads(done.stdout)
    return outcome


def _highest() -> int:
    """Return the most memory that this process ever had, in bytes."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
        return int(status.read().split("VmHWM:")[1].split()[0]) * 1024


def _suffer(url: str, case: Case) -> None:
    from cartesia import Cartesia
    from tests.overrides.speaking import RAW

    with Cartesia(api_key="k", base_url=url) as client:
        manager = client.tts.websocket_connect(
            websocket_connection_options=case.options, max_retries=0
        )
        with manager as connection:
            context = connection.context(model_id="m", voice="v", output_format=RAW)
            context.push("Hi.")
            if case.closes_at_once:
                time.sleep(0.1)
            else:
                for _ in context.receive(timeout=SECONDS * 3):
                    pass


async def _suffer_async(url: str, case: Case) -> None:
    from cartesia import AsyncCartesia
    from tests.overrides.speaking import RAW

    async with AsyncCartesia(api_key="k", base_url=url) as client:
        manager = client.tts.websocket_connect(
            websocket_connection_options=case.options, max_retries=0
        )
        async with manager as connection:
            context = connection.context(model_id="m", voice="v", output_format=RAW)
            await context.push("Hi.")
            if case.closes_at_once:
                await asyncio.sleep(0.1)
            else:
                async for _ in context.receive(timeout=SECONDS * 3):
                    pass


async def _import_all() -> None:
    from cartesia import AsyncCartesia

    await AsyncCartesia(api_key="k").prepare()


def main(world: str, name: str) -> None:
    """Be attacked, and print what came of it."""
    logging.disable()
    # What is imported at the first use is not counted.
    __import__("cartesia._runtime._sync.websocket.websocket_transport")
    __import__("cartesia._runtime._async.websocket.websocket_transport")
    __import__("cartesia._runtime._async.exchange")
    asyncio.run(_import_all())
    case, error = CASES[name], "no error"
    with attacking(case) as url:
        before, begun = _highest(), time.monotonic()
        try:
            if world == "async":
                asyncio.run(_suffer_async(url, case))
            else:
                _suffer(url, case)
        except Exception as caught:  # noqa: BLE001 # it is told
            error = f"{type(caught).__name__}: {caught}"
        took = time.monotonic() - begun
        print(json.dumps({"grown": _highest() - before, "took": took, "error": error}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
