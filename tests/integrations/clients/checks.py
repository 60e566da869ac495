"""What the programs in this folder share. They run in the environments of the packages they try: no imports from here.

A check is a function, sync or async, that raises where something is wrong. Each prints one line, which the process that
started the program reads.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import sys
import traceback
import urllib.request
import uuid
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

KEY = "sk_car_integrations"
VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
TEXT = "The quick brown fox jumps over the lazy dog. Pack my box with five dozen jugs."
LONG = " ".join([TEXT] * 6)
EXAMPLES = Path(__file__).parents[3] / "examples"
_SECONDS = 45

Check = Callable[[str], Any]
_checks: list[tuple[Check, str]] = []


def check(function: Check) -> Check:
    """Register a check, which gets the address of the mock server."""
    _checks.append((function, ""))
    return function


def waits_for(reason: str) -> Callable[[Check], Check]:
    """Register a check that is known to fail; that it succeeds is reported as a failure."""

    def register(function: Check) -> Check:
        _checks.append((function, reason))
        return function

    return register


def main() -> None:
    """Run the checks, one after the other."""
    url = sys.argv[1]
    for function, reason in _checks:
        name = function.__name__.replace("_", " ")
        try:
            outcome = function(url)
            if inspect.iscoroutine(outcome):
                asyncio.run(_bounded(outcome))
            problem = ""
        except Exception as error:  # every failure is reported
            traceback.print_exc()
            problem = f"{type(error).__name__}: {error}"
        line = {"name": name, "problem": problem, "reason": reason}
        print(f"\ncheck {json.dumps(line)}", flush=True)


async def _bounded(check_it: Coroutine[Any, Any, None]) -> None:
    await asyncio.wait_for(check_it, _SECONDS)


def heard(url: str, pcm: bytes, rate: int, encoding: str = "pcm_s16le") -> str:
    """Return what the server's transcription hears in audio."""
    boundary = uuid.uuid4().hex
    parts = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
        + value
        + b"\r\n"
        for name, more, value in (
            ("model", "", b"ink-whisper"),
            ("file", '; filename="said.pcm"', pcm),
        )
    )
    request = urllib.request.Request(
        f"{url}/stt?encoding={encoding}&sample_rate={rate}",
        data=parts + f"--{boundary}--\r\n".encode(),
        headers={
            "authorization": f"Bearer {KEY}",
            "cartesia-version": "2025-11-04",
            "content-type": f"multipart/form-data; boundary={boundary}",
        },
    )
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        text: str = json.load(answer)["text"]
    return text


def words(text: str) -> list[str]:
    """Return the words of a text without case and punctuation."""
    return re.findall(r"[\w']+", text.lower())


def assert_said(url: str, text: str, pcm: bytes, rate: int, encoding: str = "pcm_s16le") -> None:
    """Compare what is heard in audio with what was to be said."""
    assert_same(text, heard(url, pcm, rate, encoding))


def assert_same(text: str, transcript: str) -> None:
    """Compare two texts, word by word."""
    assert words(transcript) == words(text), f"heard {transcript!r} in place of {text!r}"


def assert_part(text: str, transcript: str) -> None:
    """Expect the beginning of a text, and not all of it."""
    part = words(transcript)
    assert part, "nothing was heard"
    assert part == words(text)[: len(part)], f"heard {transcript!r}, which is no part of {text!r}"
    assert len(part) < len(words(text)), "all of it was heard"


def speech(url: str, text: str, rate: int) -> bytes:
    """Return a text as the server speaks it, in 16-bit samples."""
    body = {
        "model_id": "sonic-3",
        "transcript": text,
        "voice": {"mode": "id", "id": VOICE},
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": rate},
    }
    request = urllib.request.Request(
        f"{url}/tts/bytes",
        data=json.dumps(body).encode(),
        headers={
            "authorization": f"Bearer {KEY}",
            "cartesia-version": "2025-11-04",
            "content-type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        data: bytes = answer.read()
    return data


def pieces(pcm: bytes, rate: int, seconds: float = 0.1) -> list[bytes]:
    """Cut 16-bit samples into pieces of a tenth of a second."""
    size = int(rate * seconds) * 2
    return [pcm[at : at + size] for at in range(0, len(pcm), size)]
