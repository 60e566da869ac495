"""A plain asyncio server that has all its answers ready, so that clients are what is measured.

The first part of the path says how it shall behave (``/paced/tts/bytes``), so one server does for
all. Run it as ``python -m tests.benchmarks.server``; it prints its port, and that for TLS.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import ssl
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from tests.benchmarks import payloads
from tests.benchmarks.limits import raise_file_limit

MEGABYTE = 1_000_000
PACED_SECONDS = 0.7
CHUNKS = {"many": 1000, "flushed": 1000, "one": 1, "fair": 60}
"""How many chunks a generation has, by the first part of the path."""
LIVE_SECONDS = 0.1
"""How much sound a chunk of a live call holds; the next one comes so much later."""
CERTIFICATE = Path(__file__).parents[1] / "faults" / "loopback.pem"
"""The certificate of 127.0.0.1, and its key."""

_BATCH = 16
_PACED_PIECES = 8
_WEBSOCKET_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class Connection:
    """One connection of a client.

    Args:
        reader: Its bytes.
        writer: The way back.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._speaking: set[asyncio.Task[None]] = set()
        self._routes: dict[str, Callable[[str], Awaitable[None]]] = {
            "GET /voices": self._page,
            "POST /tts/bytes": self._speak,
            "POST /tts/sse": self._stream,
            "POST /stt": self._transcribe,
        }

    async def talk(self) -> None:
        """Answer until the client goes."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._answer():
                pass
        for task in self._speaking:
            task.cancel()
        self._writer.close()

    async def _answer(self) -> bool:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        method, target, _ = first.split(" ")
        _, way, path = target.partition("?")[0].split("/", 2)
        if headers.get("upgrade", "").lower() == "websocket":
            await self._converse(way, headers["sec-websocket-key"])
            return False
        await self._skip_body(headers)
        if path.startswith("voices/"):
            self._send(payloads.VOICE_JSON)
        else:
            await self._routes[f"{method} /{path.rstrip('/')}"](way)
        await self._writer.drain()
        return True

    async def _skip_body(self, headers: dict[str, str]) -> None:
        if headers.get("transfer-encoding") == "chunked":
            while size := int(await self._reader.readline(), 16):
                await self._reader.readexactly(size + 2)
            await self._reader.readline()
            return
        left = int(headers.get("content-length", "0"))
        while left:
            left -= len(await self._reader.read(min(left, 1 << 18)))

    def _send(self, body: bytes, media_type: str = "application/json") -> None:
        self._writer.write(_head(media_type, f"content-length: {len(body)}") + body)

    async def _page(self, way: str) -> None:
        del way
        self._send(payloads.PAGE_JSON)

    async def _transcribe(self, way: str) -> None:
        del way
        self._send(payloads.TRANSCRIPT_JSON)

    async def _speak(self, way: str) -> None:
        if way.startswith("big-"):
            size = int(way.removeprefix("big-")) * MEGABYTE
            self._writer.write(_head("audio/pcm", f"content-length: {size}"))
            piece = bytes(MEGABYTE // 10)
            for _ in range(size // len(piece)):
                self._writer.write(piece)
                await self._writer.drain()
        elif way == "paced":
            size = 4000
            self._writer.write(_head("audio/pcm", f"content-length: {size * _PACED_PIECES}"))
            for _ in range(_PACED_PIECES):
                await asyncio.sleep(PACED_SECONDS / _PACED_PIECES)
                # The client compares this with its own clock, which is the same.
                self._writer.write(str(time.monotonic_ns()).encode().ljust(size))
        else:
            self._send(payloads.SPEECH_20K, "audio/pcm")

    async def _stream(self, way: str) -> None:
        self._writer.write(_head("text/event-stream", "transfer-encoding: chunked"))
        context_id = "0" * payloads.CONTEXT_ID_BYTES
        chunk = payloads.chunk_message(context_id, payloads.AUDIO_4K)
        event = payloads.sse_event("chunk", chunk)
        for batch in _batches(CHUNKS[way]):
            # One chunk of HTTP for several events, as where a proxy stands between; or one for each.
            whole = _http_chunk(event) * batch if way == "flushed" else _http_chunk(event * batch)
            self._writer.write(whole)
            await self._writer.drain()
        event = payloads.sse_event("done", payloads.done_message(context_id))
        self._writer.write(_http_chunk(event) + b"0\r\n\r\n")

    async def _converse(self, way: str, key: str) -> None:
        digest = hashlib.sha1(key.encode() + _WEBSOCKET_KEY, usedforsecurity=False).digest()
        accept = base64.b64encode(digest).decode()
        self._writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            b"sec-websocket-accept: " + accept.encode() + b"\r\n\r\n"
        )
        while True:
            opcode, data = await self._frame()
            if opcode == _CLOSE:
                self._writer.write(frame(_CLOSE, data))
                await self._writer.drain()
                return
            if opcode == _PING:
                self._writer.write(frame(_PONG, data))
            elif opcode == _TEXT:
                self._hear(way, json.loads(data))

    def _hear(self, way: str, message: dict[str, object]) -> None:
        if message.get("cancel") or not message.get("transcript"):
            return
        say = self._say_live if way.startswith("live-") else self._say
        task = asyncio.create_task(say(str(message["context_id"]), way))
        self._speaking.add(task)
        task.add_done_callback(self._speaking.discard)

    async def _say(self, context_id: str, way: str) -> None:
        message = frame(_TEXT, payloads.chunk_message(context_id, payloads.AUDIO_4K))
        for batch in [1] * CHUNKS[way] if way == "fair" else _batches(CHUNKS[way]):
            self._writer.write(message * batch)
            await self._writer.drain()
            if way == "fair":
                await asyncio.sleep(0)  # contexts take turns
        self._writer.write(frame(_TEXT, payloads.done_message(context_id)))

    async def _say_live(self, context_id: str, way: str) -> None:
        """Speak as fast as it is listened to; each chunk says when it was sent."""
        loop = asyncio.get_running_loop()
        message = payloads.live_message(context_id)
        due = loop.time()
        for _ in range(int(way.removeprefix("live-"))):
            self._writer.write(frame(_TEXT, payloads.stamped(message, time.monotonic())))
            due += LIVE_SECONDS
            await asyncio.sleep(due - loop.time())
        self._writer.write(frame(_TEXT, payloads.done_message(context_id)))

    async def _frame(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        size = second & 0x7F
        if size == 126:  # RFC 6455, section 5.2
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:  # as above
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        mask = await self._reader.readexactly(4)
        data = await self._reader.readexactly(size)
        return first & 0x0F, bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))


def frame(opcode: int, data: bytes) -> bytes:
    """Write a WebSocket frame as a server does, unmasked.

    Args:
        opcode: Its kind.
        data: Its payload, shorter than 64 KB.

    Returns:
        The frame.
    """
    size = len(data)
    length = bytes([size]) if size < 126 else b"\x7e" + struct.pack("!H", size)
    return bytes([0x80 | opcode]) + length + data


def _batches(chunks: int) -> list[int]:
    """Say how many chunks to write at once: many, so that the server is never what is waited for."""
    return [_BATCH] * (chunks // _BATCH) + [chunks % _BATCH] * (chunks % _BATCH > 0)


def _http_chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _head(media_type: str, length: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\n{length}\r\n\r\n".encode()


async def main() -> None:
    """Serve on two free ports of loopback, print them, and go on until the process is ended."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Connection(reader, writer).talk()

    raise_file_limit()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE)
    plain = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=1024)
    secure = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=1024, ssl=tls)
    print(*(server.sockets[0].getsockname()[1] for server in (plain, secure)), flush=True)
    await asyncio.gather(plain.serve_forever(), secure.serve_forever())


if __name__ == "__main__":
    asyncio.run(main())
