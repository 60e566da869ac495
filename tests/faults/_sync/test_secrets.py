# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_secrets.py
# Do not edit: change that file instead.
"""The key is nowhere to be read: not in logs, errors, tracebacks, or what things say of themselves."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

import cartesia
from cartesia import Cartesia
from tests.faults._sync.calls import VOICE, WAV, watch
from tests.faults.page import ROOT, Caller
from tests.faults.server import AUDIO, CHUNK, DONE, EVENTS, PIECES, SPOKEN
from tests.runtime.server import Step, answer, chunked, hang_up, say_nothing, serve

GROUP = "Secrets"
KEY = "sk_car_never_to_be_seen"
WORDS = "words that nobody else should read"


def connect(url: str) -> Cartesia:
    return Cartesia(
        api_key=KEY,
        base_url=url,
        default_headers={"X-API-Key": KEY, "Cookie": f"key={KEY}"},
        timeout=0.3,
        max_retries=1,
    )


def use(client: Cartesia) -> None:
    """Make one call of each kind."""
    client.voices.get(VOICE)
    speech = client.tts.generate(
        model_id="sonic-3", transcript=WORDS, voice=VOICE, output_format=WAV
    )
    speech.read()
    for _ in watch(client):
        pass
    client.stt.transcribe(file=SPOKEN, model="ink-whisper")


@pytest.mark.fault(GROUP, "Every logger is at debug")
def test_logs(caplog: pytest.LogCaptureFixture, caller: Caller) -> None:
    caplog.set_level(logging.DEBUG)
    steps = [
        answer(b"", status=503, headers={"retry-after-ms": "1", "x-request-id": "r-1"}),
        answer(b'{"id": "v"}', headers={"x-request-id": "r-2"}),
        chunked(*PIECES, media_type=AUDIO),
        chunked(CHUNK, DONE, media_type=EVENTS),
        answer(b'{"text": "said"}'),
        answer(status=307, headers={"location": "/there"}),
        answer(b"no", status=401),
    ]
    with serve(*steps) as server:
        with connect(server.url) as client:
            use(client)
            with pytest.raises(cartesia.AuthenticationError):
                client.voices.get("v", extra_query={"access_token": KEY})
    ours = [record.getMessage() for record in caplog.records if "cartesia" in record.name]
    assert any("-> 200 (request id: r-2)" in line for line in ours)
    assert any(line.startswith("voices.get: attempt 2") for line in ours)
    assert WORDS not in "".join(ours)
    assert "AAA" not in "".join(ours)
    beneath = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    assert len(caplog.records) > len(ours)
    assert KEY not in beneath
    caller.sees("lines with the operation, the path, the status and the request id")


@pytest.mark.parametrize(
    "fault",
    [
        hang_up,
        say_nothing,
        answer(b"Unauthorized: no", status=401),
        answer(b"<html>", status=502),
        answer(b"nonsense"),
        answer(b'{"id"', length=99),
        answer(status=307, headers={"location": "/again"}),
        answer(b"no gzip", headers={"content-encoding": "gzip"}),
    ],
)
@pytest.mark.fault(GROUP, "An error is shown with its causes and with the locals of our frames")
def test_errors(fault: Step, caller: Caller) -> None:
    with serve(fault) as server:
        with connect(server.url) as client:
            with pytest.raises(cartesia.APIError) as caught:
                client.voices.get(VOICE)
    error = caught.value
    assert KEY not in "".join(map(repr, (error, error.message, error.body, error.request)))
    assert KEY not in str(error)
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert KEY not in "".join(all_locals(shown))
    plain = traceback.TracebackException.from_exception(error)
    assert KEY not in "".join(plain.format())
    caller.sees("no key anywhere")


def all_locals(shown: traceback.TracebackException) -> Iterator[str]:
    """Return what the frames of this package hold, down to the last cause."""
    ours = (str(ROOT / "overrides"), str(ROOT / "generated"))
    found = False
    for frame in shown.stack:
        if frame.filename.startswith(ours):
            found = True
            yield from (frame.locals or {}).values()
    if shown.__cause__ is not None:
        yield from all_locals(shown.__cause__)
    assert found or shown.__cause__ is None


@pytest.mark.fault(GROUP, "Clients, responses and streams are printed")
def test_what_things_say_of_themselves(caller: Caller) -> None:
    steps = [
        answer(b'{"id": "v"}'),
        chunked(*PIECES, media_type=AUDIO),
        chunked(CHUNK, DONE, media_type=EVENTS),
    ]
    with serve(*steps) as server:
        with connect(server.url) as client:
            raw = client.voices.with_raw_response.get(VOICE)
            speech = client.tts.generate(
                model_id="sonic-3", transcript=WORDS, voice=VOICE, output_format=WAV
            )
            stream = watch(client)
            requester = client._requester
            things: list[object] = [
                client,
                client.voices,
                client.with_options(token="jwt_" + KEY),
                client.with_options(base_url=f"http://user:{KEY}@host"),
                client.default_headers,
                raw,
                raw.parse(),
                speech,
                stream,
                requester,
                requester.options,
                requester.options.base_headers(),
                requester.transport,
            ]
            shown = [repr(thing) for thing in things]
            speech.close()
            stream.close()
    assert not [text for text in shown if KEY in text]
    caller.sees("no key anywhere")


@pytest.mark.fault(GROUP, "Two uploads")
def test_boundaries_are_random(caller: Caller) -> None:
    with serve(answer(b'{"text": "said"}')) as server:
        with connect(server.url) as client:
            for _ in range(20):
                client.stt.transcribe(file=SPOKEN, model="ink-whisper")
    kinds = [request.headers["content-type"] for request in server.requests]
    boundaries = {kind.partition("boundary=")[2] for kind in kinds}
    assert len(boundaries) == 20
    assert all(len(boundary) >= 32 for boundary in boundaries)
    caller.sees("each has a random boundary of its own")


def test_the_certificate_here_opens_nothing() -> None:
    """What lies in the repository is for loopback alone."""
    text = Path(__file__).parent.parent.joinpath("loopback.pem").read_text()
    assert text.count("BEGIN CERTIFICATE") == 1
