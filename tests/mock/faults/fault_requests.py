"""Requests with faults, and reading of what remains of the response."""

from __future__ import annotations

import socket
from typing import Any

import httpx

from tests.mock.helpers import HEADERS

FAULT = "x-mock-fault"


def speak(
    client: httpx.Client, request: dict[str, Any], fault: str, path: str = "/tts/bytes"
) -> bytes:
    """Return the body that arrives before whatever happens to it."""
    found = b""
    with client.stream("POST", path, json=request, headers={FAULT: fault}) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            found += piece
    return found


def exchange(base: str, head: str, body: bytes) -> tuple[bytes, bool]:
    """Speak HTTP by hand: give every byte of the answer, and whether a reset came at the end."""
    address = httpx.URL(base)
    found = b""
    with socket.create_connection((address.host, address.port or 80), timeout=10) as line:
        line.sendall(f"{head}\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        try:
            while piece := line.recv(65536):
                found += piece
        except ConnectionResetError:
            return found, True
    return found, False


def ask(fault: str) -> str:
    """Write the head of a request for speech."""
    lines = [f"{name}: {value}" for name, value in {**HEADERS, FAULT: fault}.items()]
    return "\r\n".join(["POST /tts/bytes HTTP/1.1", "content-type: application/json", *lines])
