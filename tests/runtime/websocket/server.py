"""A small real WebSocket server on the loopback that does what a test tells it, faults included."""

from __future__ import annotations

import json
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from cartesia._runtime.request import Request as Call
from cartesia._runtime.request import encode_query
from cartesia._runtime.websocket.connection_options import ConnectionOptions
from tests.runtime.websocket.wordbook import event

CERTIFICATE = Path(__file__).with_name("loopback.pem")
KEY = "sk_car_never_to_be_seen"


class Peer:
    """The server's end of one connection.

    Attributes:
        received: The JSON objects that came, in order.
    """

    def __init__(
        self, connection: ServerConnection, received: queue.Queue[dict[str, object]]
    ) -> None:
        self.connection = connection
        self._received = received

    def next(self) -> dict[str, object]:
        """Wait for the next JSON object."""
        message: dict[str, object] = json.loads(self.connection.recv(timeout=10))
        self._received.put(message)
        return message

    def send(self, *messages: str | bytes) -> None:
        for message in messages:
            self.connection.send(message)

    def speak(self, context_id: object, chunks: int = 2) -> None:
        for number in range(chunks):
            self.send(event("chunk", context_id, number=number))

    def cut(self) -> None:
        """End the connection without a close frame."""
        self.connection.socket.shutdown(socket.SHUT_RDWR)

    def stop_answering(self) -> threading.Lock:
        """Leave everything unanswered, closing handshakes included, until the lock is released."""
        lock = self.connection.protocol_mutex
        lock.acquire()
        return lock


Script = Callable[[Peer], None]


def attentive(peer: Peer) -> None:
    """Answer the first message with one chunk, and read from then on."""
    peer.speak(peer.next()["context_id"], 1)
    while True:
        peer.next()


def polite(peer: Peer) -> None:
    """Answer every message with two chunks, and the last of a context with done."""
    while True:
        message = peer.next()
        if message.get("cancel"):
            continue
        peer.speak(message["context_id"])
        if not message.get("continue"):
            peer.send(event("done", message["context_id"]))


class Server:
    """Where the client connects to; takes the place of a requester.

    Attributes:
        scripts: What to do with the connections, in order; the last holds for all that follow.
        refusals: Status codes to refuse the next handshakes with.
        handshakes: The requests that came.
        may_answer: Whether handshakes are answered by now.
    """

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.refusals: list[tuple[int, bytes, dict[str, str]]] = []
        self.handshakes: list[Request] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.received: queue.Queue[dict[str, object]] = queue.Queue()
        self.url = ""

    def socket_url(self, request: Call) -> str:
        query = encode_query(request.query, request.extra_query)
        return self.url + request.operation.path + (f"?{query}" if query else "")

    options = SimpleNamespace(credentials_of=lambda _: "the argument `api_key`")

    def socket_defaults(self) -> ConnectionOptions:
        return {}

    def socket_headers(self, request: Call) -> list[tuple[str, str]]:
        extra = [(name, str(value)) for name, value in (request.extra_headers or {}).items()]
        return [("Authorization", f"Bearer {KEY}"), *extra]

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        self.handshakes.append(request)
        self.may_answer.wait(10)
        if not self.refusals:
            return None
        status, body, headers = self.refusals.pop(0)
        response = connection.respond(HTTPStatus(status), body.decode())
        for name, value in headers.items():
            response.headers[name] = value
        return response

    def handle(self, connection: ServerConnection) -> None:
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        with suppress(ConnectionClosed, TimeoutError):
            script(Peer(connection, self.received))


@contextmanager
def serving(*scripts: Script, tls: bool = False) -> Generator[Server]:
    """Run a server whose connections follow the scripts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
    if context is not None:
        context.load_cert_chain(CERTIFICATE)
    server = Server(*scripts or (polite,))
    listener = serve(
        server.handle,
        "127.0.0.1",
        0,
        process_request=server.answer,
        compression=None,
        ping_interval=None,
        close_timeout=1,
        ssl=context,
    )
    server.url = f"ws{'s' if tls else ''}://127.0.0.1:{listener.socket.getsockname()[1]}"
    thread = threading.Thread(target=listener.serve_forever, name="test-server", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join(10)
