"""``doctor``: what it finds, and what it advises."""

from __future__ import annotations

import json
import socket

import pytest

from tests.cli.conftest import Run, Voice


def states(run: Run) -> dict[str, str]:
    return {finding["check"]: finding["state"] for finding in json.loads(run.text)}


def finding(run: Run, check: str) -> dict[str, object]:
    (found,) = [found for found in json.loads(run.text) if found["check"] == check]
    assert isinstance(found, dict)
    return found


def test_all_is_well(voice: Voice) -> None:
    run = voice("doctor", "--speak", "--json")
    assert (run.code, run.errors) == (0, "")
    found = states(run)
    for check in ("key", "address", "proxy", "connect", "answer", "access", "WebSocket", "speech"):
        assert found[check] == "ok", run.text
    assert "cartesia-openapi" in str(finding(run, "versions")["text"])
    lines = voice("doctor").lines
    assert any(line.startswith("ok    access     the key is accepted") for line in lines)
    assert not any("good" in line for line in lines), "the key is never shown"


def test_a_missing_key_and_a_refused_one(voice: Voice) -> None:
    missing = voice("doctor", "--json", CARTESIA_API_KEY="")
    assert missing.code == 3
    assert "export CARTESIA_API_KEY" in str(finding(missing, "key")["advice"])
    assert states(missing)["answer"] == "ok"
    refused = voice("doctor", "--json", CARTESIA_API_KEY="bad")
    assert refused.code == 3
    assert "request id" in str(finding(refused, "access")["text"])
    assert "WebSocket" not in states(refused)


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("http://127.0.0.1:{closed}", "nothing listens there"),
        ("http://no-such-host.invalid", "name of the host is not known"),
        ("https://127.0.0.1:{plain}", "something else than the API"),
    ],
)
def test_a_server_that_is_not_reached(voice: Voice, mock_url: str, url: str, advice: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    address = url.format(closed=closed, plain=mock_url.rpartition(":")[2])
    run = voice("doctor", "--json", CARTESIA_BASE_URL=address)
    assert run.code == 5
    assert advice in str(finding(run, "answer")["advice"])


def test_a_proxy_is_named_without_its_password(voice: Voice) -> None:
    proxy = "http://user:secret@127.0.0.1:9"
    run = voice("doctor", "--json", HTTP_PROXY=proxy, http_proxy=proxy)
    assert run.code == 5
    assert finding(run, "proxy")["text"] == "all goes through 127.0.0.1:9"
    assert "secret" not in run.text
    exempt = voice("doctor", "--json", HTTP_PROXY=proxy, NO_PROXY="127.0.0.1")
    assert exempt.code == 0
    assert "NO_PROXY" in str(finding(exempt, "proxy")["text"])


def test_what_plays_is_found(voice: Voice) -> None:
    (voice.programs / "sounddevice.py").write_text("raise ImportError\n")
    nothing = voice("doctor", "--json", PATH=str(voice.programs))
    assert finding(nothing, "sound")["state"] == "note"
    voice.install("mpv")
    assert "mpv plays" in str(finding(voice("doctor", "--json"), "sound")["text"])
    (voice.programs / "sounddevice.py").write_text("def query_devices(kind): return {}\n")
    assert "PortAudio plays" in str(finding(voice("doctor", "--json"), "sound")["text"])


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("def query_devices(kind): raise PortAudioError", "finds no speaker and no microphone"),
        ("def query_devices(kind): kind == 'output' or [][0]", "PortAudio finds no microphone"),
        ("raise PortAudioError('Error initializing')", "nothing plays or records"),
    ],
)
def test_portaudio_without_devices_is_a_note(voice: Voice, module: str, text: str) -> None:
    error = "class PortAudioError(Exception): pass\n"
    (voice.programs / "sounddevice.py").write_text(f"{error}{module}\n")
    run = voice("doctor", "--json", PATH=str(voice.programs))
    assert (run.code, run.errors) == (0, "")
    found = finding(run, "sound")
    assert found["state"] == "note"
    assert text in str(found["text"])
    assert found["advice"]


def test_the_mock_server_is_examined_too(voice: Voice) -> None:
    run = voice("--mock", "doctor", "--json", CARTESIA_API_KEY="")
    assert run.code == 0
    assert finding(run, "key")["text"] == "the mock server takes any"
