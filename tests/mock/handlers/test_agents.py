"""Agents with their calls, metrics, results and deployments."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from cartesia_mock.speech.audio import decode
from tests.mock.helpers import VOICE

AGENT, OTHER = "agent_5Wx3JhVd", "agent_9Kd2LmQf"
CALL = "call_8Np6GsQt"
METRIC, WORDS = "metric_2Fy7CkMz", "metric_8Rv6TjXb"
EXPORT = "/agents/metrics/results/export"


def test_agents_are_listed_and_found(api: httpx.Client) -> None:
    agents = api.get("/agents").json()["summaries"]
    assert {agent["id"] for agent in agents} == {AGENT, OTHER}
    for agent in agents:
        assert api.get(f"/agents/{agent['id']}").json() == agent
        api.get(f"/voices/{agent['tts_voice']}").raise_for_status()
        deployments = api.get(f"/agents/{agent['id']}/deployments").json()
        assert agent["deployment_count"] == len(deployments)
        for deployment in deployments:
            assert api.get(f"/agents/deployments/{deployment['id']}").json() == deployment
        numbers = api.get(f"/agents/{agent['id']}/phone-numbers").json()
        assert [each["number"] for each in numbers] == [
            each["number"] for each in agent["phone_numbers"]
        ]
    assert len(api.get("/agents/templates").json()["templates"]) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "reception"},
        {"description": None},
        {"description": "Now on Sundays too."},
        {"tts_voice": VOICE, "tts_language": "de"},
        {"name": None, "tts_voice": None, "tts_language": None},
    ],
)
def test_an_update_changes_what_it_names(api: httpx.Client, changes: dict[str, Any]) -> None:
    before = api.get(f"/agents/{OTHER}").json()
    after = api.patch(f"/agents/{OTHER}", json=changes).json()
    utterance = {name: value for name, value in changes.items() if value or name == "description"}
    assert after == before | utterance | {"updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]
    assert api.get(f"/agents/{OTHER}").json() == after


@pytest.mark.parametrize(
    ("changes", "status"), [({"name": "front-desk"}, 409), ({"tts_voice": "nobody"}, 404)]
)
def test_an_invalid_update_changes_nothing(
    api: httpx.Client, changes: dict[str, Any], status: int
) -> None:
    before = api.get(f"/agents/{OTHER}").json()
    assert api.patch(f"/agents/{OTHER}", json=changes | {"description": "x"}).status_code == status
    assert api.get(f"/agents/{OTHER}").json() == before
    assert api.patch(f"/agents/{AGENT}", json={"name": "front-desk"}).status_code == 200


def test_a_deleted_agent_is_gone_and_its_calls_stay(api: httpx.Client) -> None:
    assert api.delete(f"/agents/{AGENT}").status_code == 204
    for path in ("", "/phone-numbers", "/deployments"):
        assert api.get(f"/agents/{AGENT}{path}").status_code == 404
    for method in ("PATCH", "DELETE"):
        answer = api.request(method, f"/agents/{AGENT}", json={} if method == "PATCH" else None)
        assert answer.status_code == 404
    assert api.get(f"/agents/calls?agent_id={AGENT}").status_code == 404
    assert api.get(f"/agents/calls/{CALL}").status_code == 200
    assert api.get("/agents/deployments/deploy_1Ls9BvHr").status_code == 404
    assert api.get("/agents/metrics/results").json()["data"]


def test_calls_are_listed_newest_first_without_transcripts(api: httpx.Client) -> None:
    first = api.get(f"/agents/calls?agent_id={AGENT}").json()
    starts = [call["start_time"] for call in first["data"]]
    assert len(starts) == 10
    assert starts == sorted(starts, reverse=True)
    assert not any(call.get("transcript") for call in first["data"])
    query = f"agent_id={AGENT}&starting_after={first['next_page']}&expand=transcript"
    rest = api.get(f"/agents/calls?{query}").json()
    assert "has_more" not in rest, "as in the API"
    assert all(call["transcript"] for call in rest["data"])
    assert {call["status"] for call in first["data"]} == {"active", "failed", "completed"}
    assert api.get("/agents/calls").status_code == 400
    assert api.get(f"/agents/calls?agent_id={OTHER}").json()["data"] == []


def test_the_audio_of_a_call_has_the_words_of_its_transcript(api: httpx.Client) -> None:
    call = api.get(f"/agents/calls/{CALL}").json()
    audio = api.get(f"/agents/calls/{CALL}/audio")
    assert audio.headers["content-type"] == "audio/wav"
    samples, rate = decode(audio.content)
    turns = [turn for turn in call["transcript"] if turn["role"] != "system"]
    times = [time for turn in turns for time in (turn["start_timestamp"], turn["end_timestamp"])]
    assert times == sorted(times)
    assert times[-1] < len(samples) / rate
    for turn in turns:
        start, end = turn["start_timestamp"], turn["end_timestamp"]
        assert abs(samples[round(start * rate) : round(end * rate)]).max() > 0.1
        assert "".join(chunk["text"] for chunk in turn["text_chunks"]) == turn["text"]
        assert turn["text_chunks"][0]["start_timestamp"] == pytest.approx(start, abs=0.05)
    pause = samples[round((times[1] + 0.05) * rate) : round((times[2] - 0.05) * rate)]
    assert abs(pause).max() < 0.01
    heard = api.post("/stt", files={"file": audio.content}, data={"model": "ink-whisper"}).json()
    assert heard["text"] == " ".join(turn["text"] for turn in turns)


def test_turns_have_their_log_events_and_metrics(api: httpx.Client) -> None:
    calls = api.get(f"/agents/calls?agent_id={AGENT}&expand=transcript&limit=100").json()["data"]
    turns = [turn for call in calls for turn in call["transcript"] or []]
    for name in (
        "tool_calls",
        "log_event",
        "log_metric",
        "vad_buffer_ms",
        "tts_ttfb",
        "end_reason",
    ):
        assert any(turn.get(name) for turn in turns), name
    assert {turn["role"] for turn in turns} == {"user", "assistant", "system"}


@pytest.mark.parametrize("call", ["call_99Fq2Wz0", "call_00Xa5Bd7", "nothing"])
def test_a_call_without_a_word_has_no_recording(api: httpx.Client, call: str) -> None:
    assert api.get(f"/agents/calls/{call}/audio").status_code == 404


def make_metric(api: httpx.Client, name: str = "tone.of_voice-2") -> dict[str, Any]:
    answer = api.post("/agents/metrics", json={"name": name, "prompt": "Was it kind?"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_name_of_a_metric_is_unique(api: httpx.Client) -> None:
    made = make_metric(api)
    assert made["display_name"] is None
    assert api.get(f"/agents/metrics/{made['id']}").json() == made
    assert api.get("/agents/metrics?limit=1").json() == {
        "data": [made],
        "has_more": True,
        "next_page": made["id"],
    }
    rest = api.get(f"/agents/metrics?starting_after={made['id']}").json()
    assert [metric["id"] for metric in rest["data"]] == [WORDS, METRIC]
    again = api.post("/agents/metrics", json={"name": made["name"], "prompt": "?"})
    assert again.status_code == 409
    for name in ("", "Caps", "with space"):
        answer = api.post("/agents/metrics", json={"name": name, "prompt": "?"})
        assert answer.status_code == 400
    assert api.get("/agents/metrics/nothing").status_code == 404


def call_of(api: httpx.Client, agent: str) -> dict[str, Any]:
    turns = [{"role": "assistant", "text": "Hello."}, {"role": "user", "text": "Goodbye then."}]
    answer = api.post("/_mock/calls", json={"agent_id": agent, "turns": turns})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_metric_has_results_for_later_calls_only(api: httpx.Client) -> None:
    metric = make_metric(api)["id"]
    path = f"/agents/{OTHER}/metrics/{metric}"
    results = f"/agents/metrics/results?metric_id={metric}"
    call_of(api, OTHER)
    for _ in range(2):
        added = api.post(path)
        assert (added.status_code, added.content) == (204, b"")
    assert api.get(results).json()["data"] == []

    call = call_of(api, OTHER)
    assert api.get(f"/agents/calls/{call['id']}").json()["transcript"][1]["text"] == "Goodbye then."
    (result,) = api.get(results).json()["data"]
    assert (result["callId"], result["agentId"], result["status"]) == (
        call["id"],
        OTHER,
        "completed",
    )

    assert api.delete(path).status_code == 204
    assert api.delete(path).status_code == 404
    call_of(api, OTHER)
    assert api.get(results).json()["data"] == [result]


@pytest.mark.parametrize(
    "path", [f"/agents/nobody/metrics/{METRIC}", f"/agents/{AGENT}/metrics/nothing"]
)
def test_unknown_metrics_and_agents_cannot_be_assigned(api: httpx.Client, path: str) -> None:
    assert api.post(path).status_code == 404
    assert api.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"agent_id": "nobody", "turns": [{"role": "user", "text": "x"}]}, 404),
        ({"agent_id": AGENT, "turns": []}, 400),
        ({"agent_id": AGENT, "turns": [{"role": "user"}]}, 400),
    ],
)
def test_a_call_needs_an_agent_and_words(
    api: httpx.Client, body: dict[str, Any], status: int
) -> None:
    assert api.post("/_mock/calls", json=body).status_code == status


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 16),
        (f"agent_id={AGENT}", 16),
        (f"agent_id={OTHER}", 0),
        (f"metric_id={METRIC}", 13),
        (f"metric_id={WORDS}", 3),
        (f"call_id={CALL}", 2),
        ("deployment_id=deploy_1Ls9BvHr", 16),
        ("deployment_id=deploy_5Ur0AxFn", 0),
        (f"metric_id={METRIC}&call_id={CALL}", 1),
        ("start_date=2026-01-20T10:02:00Z", 3),
        ("start_date=2026-01-20T10:02:00.001Z", 1),
        ("end_date=2026-01-09T10:02:00Z", 1),
        ("end_date=2026-01-09T12:02:00%2B02:00", 1),
        ("end_date=2026-01-09T12:01:59%2B02:00", 0),
        ("start_date=2026-01-10T00:00:00z&end_date=2026-01-11T00:00:00-00:00", 1),
        ("start_date=0001-01-01T00:00:00%2B14:00", 16),
    ],
)
def test_results_are_filtered(api: httpx.Client, query: str, count: int) -> None:
    found = api.get(f"/agents/metrics/results?limit=100&{query}").json()["data"]
    assert len(found) == count
    times = [result["createdAt"] for result in found]
    assert times == sorted(times, reverse=True)
    table = api.get(f"{EXPORT}?{query}")
    if count == 0:
        assert table.status_code == 404
    else:
        rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
        assert [row["id"] for row in rows] == [result["id"] for result in found]
        assert [row["result"] for row in rows] == [result["result"] for result in found]


def test_the_csv_export_follows_rfc_4180(api: httpx.Client) -> None:
    answer = api.get(f"{EXPORT}?metric_id={WORDS}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = answer.content.split(b"\r\n")
    assert lines[0] == (
        b"id,metricId,metricName,agentId,callId,deploymentId,status,result,createdAt"
    )
    assert lines[-1] == b""
    assert len(lines) == 5
    assert b'"Please tell Ms. Jones, and only her: ""the invoice is paid""."' in answer.content


@pytest.mark.parametrize("query", ["start_date=yesterday", "end_date=2026-02-30T00:00:00Z"])
@pytest.mark.parametrize("path", ["/agents/metrics/results", EXPORT])
def test_invalid_timestamps_are_refused(api: httpx.Client, path: str, query: str) -> None:
    assert api.get(f"{path}?{query}").status_code == 400


def test_results_come_page_by_page(api: httpx.Client) -> None:
    whole = api.get("/agents/metrics/results?limit=100").json()["data"]
    found: list[Any] = []
    page = {"has_more": True, "next_page": ""}
    while page["has_more"]:
        answer = api.get(f"/agents/metrics/results?limit=7&starting_after={page['next_page']}")
        page = answer.json()
        found += page["data"]
    assert found == whole
