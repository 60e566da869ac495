"""SSE faults, observed by a plain client."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.mock.faults.fault_requests import FAULT, speak
from tests.mock.helpers import read_sse


def stream(client: httpx.Client, request: dict[str, Any], fault: str) -> str:
    return speak(client, request, fault, "/tts/sse").decode()


def types(text: str) -> list[str]:
    return [name for name, _ in read_sse(text)]


@pytest.mark.parametrize("how", ["close", "reset"])
def test_events_are_cut_in_the_middle(
    client: httpx.Client, speech_request: dict[str, Any], how: str
) -> None:
    headers = {FAULT: f"sse-cut; after=2; how={how}"}
    found = ""
    with client.stream("POST", "/tts/sse", json=speech_request, headers=headers) as answer:
        failure: type[httpx.TransportError] | None = None
        try:
            for piece in answer.iter_text():
                found += piece
        except httpx.TransportError as error:
            failure = type(error)
    assert failure is (httpx.RemoteProtocolError if how == "close" else httpx.ReadError)
    whole, _, half = found.rpartition("\n\n")
    assert types(whole + "\n\n") == ["chunk", "chunk"]
    assert half.startswith("event: chunk\ndata: {")


def test_events_can_end_in_the_middle_of_one(
    client: httpx.Client, speech_request: dict[str, Any]
) -> None:
    found = stream(client, speech_request, "sse-cut; after=0; how=end")
    assert found.startswith("event: chunk\ndata: {")
    assert "\n\n" not in found


def test_events_can_end_without_done(client: httpx.Client, speech_request: dict[str, Any]) -> None:
    assert types(stream(client, speech_request, "sse-end; after=2")) == ["chunk", "chunk"]


def test_an_error_event_ends_a_stream(client: httpx.Client, speech_request: dict[str, Any]) -> None:
    events = read_sse(stream(client, speech_request, "sse-error; after=1; code=503"))
    assert [name for name, _ in events] == ["chunk", "error"]
    assert events[-1][1]["status_code"] == 503
    assert events[-1][1]["title"] == "Fault on demand"


def test_comments_keep_a_stream_alive(client: httpx.Client, speech_request: dict[str, Any]) -> None:
    headers = {FAULT: "sse-comments; after=1; every=0.01"}
    with client.stream("POST", "/tts/sse", json=speech_request, headers=headers) as answer:
        lines = answer.iter_lines()
        found = [next(lines) for _ in range(30)]
    assert [line for line in found if line.startswith("event")] == ["event: chunk"]
    assert found[-2:].count(": keep-alive") == 1


def test_unexpected_events_are_inserted(
    client: httpx.Client, speech_request: dict[str, Any]
) -> None:
    plain = types(stream(client, speech_request, ""))
    unknown = types(stream(client, speech_request, "sse-unknown; after=1"))
    assert unknown == [plain[0], "mock_unknown", *plain[1:]]
    malformed = stream(client, speech_request, "sse-malformed; after=0")
    with pytest.raises(json.JSONDecodeError):
        read_sse(malformed)
    assert types(malformed.partition("\n\n")[2]) == plain
    untyped = stream(client, speech_request, "sse-untyped; after=1").split("\n\n")
    assert untyped[1] == 'data: {"done": false, "note": "no type"}'
    huge = read_sse(stream(client, speech_request, "sse-huge; after=1; bytes=100000"))
    assert len(huge[1][1]["filling"]) == 100000
    assert huge[-1][0] == "done"


def test_faults_of_streams_leave_other_answers_alone(client: httpx.Client) -> None:
    plain = client.get("/voices").content
    assert client.get("/voices", headers={FAULT: "sse-end; after=0"}).content == plain


def test_several_faults_follow_each_other(
    client: httpx.Client, speech_request: dict[str, Any]
) -> None:
    found = types(stream(client, speech_request, "sse-unknown; after=0, sse-end; after=2"))
    assert found == ["mock_unknown", "chunk"]
