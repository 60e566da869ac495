"""Small proxies on the loopback that connect their clients to whatever they ask for."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.faults.server import certificate


class Proxy:
    """An HTTP proxy.

    Args:
        scheme: ``http``, or ``https`` to speak TLS with its clients.
        refusal: The status line with which it refuses everything.

    Attributes:
        url: Its address.
        targets: Where its clients wanted to go.
        heads: The heads of their requests.
    """

    def __init__(self, scheme: str = "http", refusal: str = "") -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"{scheme}://{self.address}"
        self.targets: list[str] = []
        self.heads: list[str] = []
        self._refusal = refusal
        self._tls: ssl.SSLContext | None = None
        if scheme == "https":
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate())

    def run(self) -> None:
        """Serve until it is closed."""
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self._tls is not None:
                client = self._tls.wrap_socket(client, server_side=True)
            with client:
                self.connect(client)

    def connect(self, client: socket.socket) -> None:
        """Do what a client asks for."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        self.heads.append(head.decode())
        method, target, _ = head.decode().split(" ", 2)
        target = urlsplit(target).netloc or target
        self.targets.append(target)
        if self._refusal:
            client.sendall(f"HTTP/1.1 {self._refusal}\r\ncontent-length: 0\r\n\r\n".encode())
        elif method == "CONNECT":
            self.join(client, target, b"", b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            self.join(client, target, head, b"")

    def join(self, client: socket.socket, target: str, begin: bytes, answer: bytes) -> None:
        """Connect a client with its target."""
        host, _, port = target.partition(":")
        with socket.create_connection((host, int(port))) as server:
            client.sendall(answer)
            server.sendall(begin)
            back = threading.Thread(target=_pump, args=(server, client))
            back.start()
            _pump(client, server)
            back.join(10)


class SocksProxy(Proxy):
    """A SOCKS5 proxy (RFC 1928), with or without a user and password (RFC 1929)."""

    def __init__(self) -> None:
        super().__init__("socks5")

    def connect(self, client: socket.socket) -> None:
        methods = client.recv(2)[1]
        wanted = 2 if 2 in client.recv(methods) else 0
        client.sendall(bytes((5, wanted)))
        if wanted:
            user = client.recv(client.recv(2)[1])
            password = client.recv(client.recv(1)[0])
            self.heads.append(f"{user.decode()}:{password.decode()}")
            client.sendall(b"\x01\x00")
        kind = client.recv(4)[3]
        host = {
            1: lambda: socket.inet_ntoa(client.recv(4)),
            3: lambda: client.recv(client.recv(1)[0]).decode(),
        }[kind]()
        target = f"{host}:{int.from_bytes(client.recv(2), 'big')}"
        self.targets.append(target)
        self.join(client, target, b"", b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def proxying(proxy: Proxy | None = None) -> Generator[Proxy]:
    proxy = proxy or Proxy()
    thread = threading.Thread(target=proxy.run, daemon=True)
    thread.start()
    yield proxy
    proxy.close()
    thread.join(10)
