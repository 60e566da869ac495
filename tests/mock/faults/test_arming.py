"""Faults that are armed, refused or described."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from cartesia_mock.cli import main
from cartesia_mock.faults.fault_types import (
    FAULT_TYPES,
    describe_faults,
    describe_options,
    parse_faults,
)
from tests.mock.faults.fault_requests import FAULT

README = Path(__file__).parents[3] / "mock" / "README.md"


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("nonsense", "there is no fault 'nonsense'; there are status, delay"),
        ("status; colour=red", "status has no option 'colour'; it has code"),
        ("status; code=999", "there is no such code"),
        ("status; code=ten", "it is a number"),
        ("delay; head=-1", "from 0 up"),
        ("delay; head=inf", "from 0 up"),
        ("cut; how=gently", "one of close, reset, end, stall"),
        ("socket-drop", "socket-drop does not happen here; use one of status"),
    ],
)
def test_an_unknown_fault_is_refused(client: httpx.Client, fault: str, problem: str) -> None:
    answer = client.get("/voices", headers={FAULT: fault})
    assert answer.status_code == 400
    assert problem in answer.text


def test_armed_faults_hit_the_next_requests_of_a_path(client: httpx.Client) -> None:
    armed = {"fault": "status; code=503", "path": "/voices", "method": "get", "times": 2, "skip": 1}
    answer = client.post("/_mock/faults", json=armed)
    assert answer.status_code == 201
    other = client.get("/openapi.json").status_code
    statuses = [client.get("/voices").status_code for _ in range(4)]
    assert (other, statuses) == (200, [200, 503, 503, 200])
    shown = client.get("/_mock/faults").json()["faults"]
    assert shown == [{**armed, "method": "GET", "skip": 0, "hits": 2, "id": answer.json()["id"]}]


def test_armed_faults_can_be_cleared(client: httpx.Client) -> None:
    first = client.post(
        "/_mock/faults", json={"fault": "status", "path": "/voices*", "times": None}
    )
    client.post("/_mock/faults", json={"fault": "status; code=502", "times": None})
    assert client.get("/voices").status_code == 502  # The later one has what the first has made.
    assert client.delete(f"/_mock/faults/{first.json()['id']}").status_code == 204
    assert client.delete(f"/_mock/faults/{first.json()['id']}").status_code == 404
    assert client.get("/voices").status_code == 502
    assert client.delete("/_mock/faults").status_code == 204
    assert client.get("/voices").status_code == 200


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "fault: is required"),
        ({"fault": "nonsense"}, "there is no fault"),
        ({"fault": "sse-huge; bytes=99999999"}, "bytes=99999999: it is at most 67108864"),
        ({"fault": "status", "times": -1}, "times: -1 is not a whole number"),
        ({"fault": "status", "skip": True}, "skip: True is not a whole number"),
        ({"fault": "status", "often": 3}, "often: there are fault, method, path"),
    ],
)
def test_invalid_faults_cannot_be_armed(
    client: httpx.Client, body: dict[str, Any], problem: str
) -> None:
    answer = client.post("/_mock/faults", json=body)
    assert answer.status_code == 400
    assert problem in answer.text


@pytest.mark.parametrize("path", ["/tts/bytes", "/tts/sse", "/voices"])
def test_the_server_is_the_same_after_every_fault(
    client: httpx.Client, speech_request: dict[str, Any], path: str
) -> None:
    method, body = ("GET", None) if path == "/voices" else ("POST", speech_request)
    endless = {"sse-comments"}
    for name in (name for name, kind in FAULT_TYPES.items() if "http" in kind.where):
        if name in endless:
            continue
        with contextlib.suppress(httpx.TransportError):
            client.request(method, path, json=body, headers={FAULT: name}, timeout=1)
    assert client.request(method, path, json=body).status_code == 200


def test_every_fault_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    for name, kind in FAULT_TYPES.items():
        options = [f"`{option}`".replace("|", "\\|") for option in describe_options(kind)]
        assert f"| `{name}` | {', '.join(options) or 'none'} | {kind.text} |" in text


def test_help_describes_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert describe_faults() in capsys.readouterr().out


def test_the_description_names_every_option() -> None:
    text = describe_faults()
    for name, kind in FAULT_TYPES.items():
        line = next(line for line in text.splitlines() if line.split(";")[0] == name)
        assert [part.split("=")[0].strip() for part in line.split(";")[1:]] == list(kind.options)


def test_defaults_are_read_as_they_are_described() -> None:
    for name, kind in FAULT_TYPES.items():
        assert parse_faults(name)[0].options == kind.options
