"""More of what a server can do wrong, for the raw server of ``tests/runtime/server.py``."""

from __future__ import annotations

import ssl
import struct
import threading
from contextlib import suppress
from pathlib import Path

from tests.runtime.server import Received, Step, Wire

EVENTS = "text/event-stream"
AUDIO = "audio/wav"
SPOKEN = b"RIFF" + struct.pack("<I", 36 + 4000) + b"WAVEfmt " + bytes(4000 + 28)
"""A WAV whose header tells its length."""
PIECES = [SPOKEN[start : start + 1000] for start in range(0, len(SPOKEN), 1000)]

CHUNK = b'event: chunk\ndata: {"type": "chunk", "data": "AAA=", "done": false}\n\n'
DONE = b'event: done\ndata: {"type": "done", "done": true}\n\n'


def raw(*pieces: bytes, close: bool = False) -> Step:
    """Say these bytes and nothing else."""

    def step(wire: Wire, _: Received) -> None:
        for piece in pieces:
            wire.send(piece)
        if close:
            wire.close()

    return step


def head(media_type: str, *fields: str) -> bytes:
    """Return the head of a chunked answer."""
    lines = ["HTTP/1.1 200 OK", f"content-type: {media_type}", "transfer-encoding: chunked"]
    return "\r\n".join([*lines, *fields, "", ""]).encode()


def chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked answer."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def forever(begin: bytes, piece: bytes, *, seconds: float = 0.01) -> Step:
    """Say something, and then a piece again and again until the client goes."""

    def step(wire: Wire, _: Received) -> None:
        wait = threading.Event()
        with suppress(OSError):
            wire.socket.sendall(begin)
            while not wait.wait(seconds):
                wire.socket.sendall(piece)
        wire.close()

    return step


def hold(*pieces: bytes) -> Step:
    """Say these bytes, and leave the client waiting for more until it goes."""

    def step(wire: Wire, _: Received) -> None:
        for piece in pieces:
            wire.send(piece)
        wire.wait_for_close()
        wire.close()

    return step


def after(answer: Step) -> Step:
    """Answer, and then close a connection that is promised to stay open."""

    def step(wire: Wire, request: Received) -> None:
        answer(wire, request)
        wire.close()

    return step


def certificate() -> Path:
    """Return the certificate, and key, of a host that nobody vouches for."""
    return Path(__file__).with_name("loopback.pem")


def tls() -> ssl.SSLContext:
    """Make what a server on loopback speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate())
    return context
