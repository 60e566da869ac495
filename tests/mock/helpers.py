"""Shared helpers of the mock's tests: requests, WebSockets and reading of streams."""

from __future__ import annotations

import base64
import json
import re
import ssl
import subprocess
import sys
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection

from cartesia_mock.speech import SpeechSynthesizer, Utterance, VoiceTraits
from cartesia_mock.speech.audio import encode

# httpx reads the certificate store for every client, which takes longer than a test does.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
OLD, NEW = "2025-11-04", "2026-08-14"
HEADERS = {"authorization": "Bearer any", "cartesia-version": OLD}
VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"


def speech_wav(text: str, *, pitch: float = 0.5, rate: int = 16000) -> bytes:
    """Return a WAV file of a text whose audio the mock does not know."""
    voice = VoiceTraits("masculine", pitch=pitch)
    utterance = SpeechSynthesizer(engine="tone").synthesize(text, voice=voice)
    return encode(
        utterance.samples, utterance.sample_rate, "wav", encoding="pcm_s16le", sample_rate=rate
    )


class Connect(Protocol):
    """Opens a TTS socket to the mock."""

    def __call__(
        self, path: str = "/tts/websocket", *, base: str | None = None, version: str = OLD
    ) -> AbstractAsyncContextManager[ClientConnection]: ...


@contextmanager
def running(
    *options: str, stderr: int | None = None
) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Run the command; give the process and the URL of its ready line."""
    command = [sys.executable, "-m", "cartesia_mock", "--port", "0", "--engine", "tone", *options]
    with subprocess.Popen(  # noqa: S603  it is this interpreter
        command, stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert re.match(r"listening on https?://127\.0\.0\.1:", line)
            yield process, line.split()[-1]
        finally:
            process.kill()


class FailingSynthesizer(SpeechSynthesizer):
    """A voice that breaks at a sentence with `fail` in it."""

    def synthesize(self, text: str, **manner: Any) -> Utterance:
        if "fail" in text:
            raise RuntimeError("synthesis failed")
        return super().synthesize(text, **manner)


def read_sse(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the (event name, data) pairs of an event stream."""
    events: list[tuple[str, dict[str, Any]]] = []
    for block in text.split("\n\n"):
        if block:
            name, data = block.split("\n")
            events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


async def read_until_end(socket: ClientConnection, *contexts: str) -> list[dict[str, Any]]:
    """Read events until each of the contexts has ended with `done` or `error`."""
    waiting = set(contexts)
    events: list[dict[str, Any]] = []
    while waiting:
        events.append(json.loads(await socket.recv()))
        if events[-1]["type"] in {"done", "error"}:
            waiting.discard(events[-1].get("context_id", ""))
    return events


def joined_audio(events: list[dict[str, Any]], context: str | None = None) -> bytes:
    """Put the audio of the chunks together, those of one context if it is named."""
    return b"".join(
        base64.b64decode(event["data"])
        for event in events
        if event["type"] == "chunk" and context in {None, event.get("context_id")}
    )


def joined_words(events: list[dict[str, Any]]) -> list[tuple[str, float, float]]:
    """Put the word timestamps together."""
    times = [event["word_timestamps"] for event in events if event["type"] == "timestamps"]
    return [
        word
        for each in times
        for word in zip(each["words"], each["start"], each["end"], strict=True)
    ]
