"""A raw HTTP server on loopback that says, byte by byte, what a test tells it to say."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

END = b"\r\n\r\n"


@dataclass
class Received:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int
    """Which connection it came over, counted from 0."""


@dataclass
class Wire:
    """One connection, seen from the server."""

    socket: socket.socket
    number: int
    buffer: bytearray = field(default_factory=bytearray)
    closed: bool = False

    def send(self, data: bytes) -> None:
        with suppress(OSError):  # a client that went away is none of the server's business
            self.socket.sendall(data)

    def reset(self) -> None:
        """Break the connection off with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self.closed = True
        self.socket.close()

    def wait_for_close(self) -> None:
        """Wait until the client has gone."""
        with suppress(OSError):
            while self.socket.recv(65536):
                pass

    def _fill(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError
        self.buffer += data

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            self._fill()
        end = self.buffer.index(mark) + len(mark)
        taken = bytes(self.buffer[:end])
        del self.buffer[:end]
        return taken

    def _exactly(self, size: int) -> bytes:
        while len(self.buffer) < size:
            self._fill()
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def receive(self) -> Received:
        """Read one request; raise EOFError or OSError when the client is gone."""
        first, *lines = self._until(END).decode("latin-1").rstrip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self._until(b"\r\n"), 16):
                body += self._exactly(size + 2)[:-2]
            self._exactly(2)
        else:
            body = self._exactly(int(headers.get("content-length", "0")))
        return Received(method, target, headers, body, self.number)


Step = Callable[[Wire, Received], None]


def answer(
    body: bytes = b"",
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    length: int | None = None,
) -> Step:
    """Answer at once; ``length`` is what the server claims."""
    fields = {"content-type": "application/json", **(headers or {})}
    head = (
        f"HTTP/1.1 {status} Said\r\ncontent-length: {len(body) if length is None else length}\r\n"
    )
    text = head + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"

    def step(wire: Wire, _: Received) -> None:
        wire.send(text.encode() + body)
        if length is not None and length > len(body):
            wire.close()

    return step


def chunked(
    *pieces: bytes,
    media_type: str,
    cut: bool = False,
    stall: bool = False,
    gate: threading.Event | None = None,
) -> Step:
    """Answer piece by piece.

    ``cut`` leaves out the end; after the first piece ``gate`` waits for the test, and ``stall``
    until the client goes.
    """

    def step(wire: Wire, _: Received) -> None:
        head = (
            f"HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        wire.send(head.encode())
        for position, piece in enumerate(pieces):
            wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            if position == 0 and gate is not None:
                gate.wait(10)
            if stall:
                wire.wait_for_close()
        if cut:
            wire.close()
        else:
            wire.send(b"0\r\n\r\n")

    return step


def hang_up(wire: Wire, _: Received) -> None:
    """Close without a word."""
    wire.close()


def reset(wire: Wire, _: Received) -> None:
    """Break off without a word."""
    wire.reset()


def say_nothing(wire: Wire, _: Received) -> None:
    """Let the client wait until it goes."""
    wire.wait_for_close()
    wire.close()


class RawServer:
    """Listens on loopback; each request gets the next step, the last step goes on for ever."""

    def __init__(self, steps: Sequence[Step], tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Received] = []
        self.connections = 0
        self._steps = list(steps)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.wires: list[Wire] = []
        self._threads: list[threading.Thread] = []
        self._tls = tls
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    def _start(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name="test-server", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                wire = Wire(connection, self.connections)
                self.connections += 1
                self.wires.append(wire)
                self._start(lambda wire=wire: self._talk(wire))  # type: ignore[misc]  # bound now

    def _talk(self, wire: Wire) -> None:
        with suppress(OSError, EOFError):
            if self._tls is not None:
                wire.socket = self._tls.wrap_socket(wire.socket, server_side=True)
            while not wire.closed:
                request = wire.receive()
                with self._lock:
                    self.requests.append(request)
                    step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
                step(wire, request)
        wire.close()

    def stop(self) -> None:
        """Close everything and wait for the threads."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for wire in self.wires:
            with suppress(OSError):
                wire.socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()


@contextmanager
def serve(*steps: Step, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Run a server for the length of a block."""
    server = RawServer(steps, tls)
    try:
        yield server
    finally:
        server.stop()
