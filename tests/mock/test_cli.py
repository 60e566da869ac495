"""The command: the ready line, free ports, signals, clean stops."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import random
import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cartesia_mock import cli
from cartesia_mock.server.uvicorn_server import listen
from cartesia_mock.settings import MockSettings
from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS, VOICE, running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_server_is_ready_when_it_says_so_and_stops_cleanly(number: signal.Signals) -> None:
    with running() as (process, url):
        assert httpx.get(url).json()["ok"] is True
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert process.stdout is not None
        assert process.stdout.read() == "", "one line and no more"


def test_open_sockets_and_streams_do_not_delay_the_stop() -> None:
    # At an hour for a second of audio nothing here would ever end by itself.
    speech: dict[str, Any] = {
        "model_id": "sonic-3",
        "transcript": "Hello there, this takes a while.",
        "voice": {"mode": "id", "id": VOICE},
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 44100},
    }
    with (
        running("--realtime-factor", "3600") as (process, url),
        connect(
            url.replace("http", "ws") + "/tts/websocket", additional_headers=HEADERS
        ) as speaking,
        httpx.stream("POST", f"{url}/tts/bytes", json=speech, headers=HEADERS) as streaming,
    ):
        speaking.send(json.dumps(speech | {"context_id": "c1"}))
        assert json.loads(speaking.recv())["type"] == "chunk"
        assert next(streaming.iter_raw())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_recognition_blocks_neither_responses_nor_the_stop() -> None:
    # Half a minute of noise: pocketsphinx needs longer for it than any of the waits here.
    noise = random.Random(1).randbytes(2 * 16000 * 30)  # noqa: S311  # no secret
    form: dict[str, Any] = {
        "files": {"file": ("noise.raw", noise)},
        "data": {"model": "ink-whisper"},
        "params": {"encoding": "pcm_s16le", "sample_rate": 16000},
    }
    with running() as (process, url), ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.post, f"{url}/stt", headers=HEADERS, timeout=60, **form)
        for _ in range(20):
            assert httpx.get(url, timeout=5).status_code == 200
        assert not asked.done()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_a_refused_handshake_is_no_error_of_the_server(capfd: pytest.CaptureFixture[str]) -> None:
    with running() as (process, url):
        with pytest.raises(InvalidStatus), connect(url.replace("http", "ws") + "/tts/websocket"):
            pass
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
    text = capfd.readouterr().err
    assert text.startswith("cartesia-mock: WEBSOCKET /tts/websocket 401: Missing credentials: ")
    assert text.count("\n") == 1


def test_answers_do_not_wait_for_acknowledgements() -> None:
    # asyncio sets TCP_NODELAY only on connections whose listener names its protocol.
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_port_in_use_is_a_clear_error(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert cli.main(["--port", str(port), "--engine", "tone"]) == 1
    text = capsys.readouterr().err
    assert text.startswith(f"cartesia-mock: cannot listen on 127.0.0.1:{port}: ")
    assert os.strerror(errno.EADDRINUSE) in text


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "70000"],
        ["--first-chunk-ms", "-1"],
        ["--realtime-factor", "inf"],
        ["--engine", "x"],
    ],
)
def test_bad_options_are_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(options)
    assert caught.value.code == 2
    assert options[0] in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip() == f"cartesia-mock {version('cartesia-openapi')}"


def test_any_voice_is_an_option_of_the_command() -> None:
    body = {
        "model_id": "sonic-3",
        "transcript": "Hi.",
        "voice": {"mode": "id", "id": "11111111-2222-4333-8444-555555555555"},
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
    }
    codes = []
    for options in ([], ["--any-voice"]):
        with running("--engine", "tone", *options) as (_, url):
            codes.append(httpx.post(f"{url}/tts/bytes", json=body, headers=HEADERS).status_code)
    assert codes == [404, 200]


def test_the_options_reach_the_server() -> None:
    with running("--api-key", "right", "--max-body-bytes", "10") as (_, url):
        assert httpx.get(f"{url}/voices", headers=HEADERS).status_code == 401
        right = {**HEADERS, "authorization": "Bearer right"}
        assert httpx.post(f"{url}/tts/bytes", json={"a": "b" * 9}, headers=right).status_code == 413


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--port", "high"], "argument --port: high is not a port (0 to 65535)"),
        (["--port", "65536"], "argument --port: 65536 is not a port (0 to 65535)"),
        (["--page-size", "0"], "argument --page-size: 0 is not a whole number from 1 up"),
        (["--page-size", "1.5"], "argument --page-size: 1.5 is not a whole number from 1 up"),
        (["--idle-timeout", "nan"], "argument --idle-timeout: nan is not a number from 0 up"),
        (["--engine", "loud"], "argument --engine: invalid choice: 'loud'"),
    ],
)
def test_a_wrong_option_is_named(
    capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    with pytest.raises(SystemExit):
        cli.main(arguments)
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ({"page_size": 0}, "page_size: 0 is not a whole number from 1 up"),
        ({"page_size": 1.5}, "page_size: 1.5 is not a whole number from 1 up"),
        ({"tts_concurrency": 0}, "tts_concurrency: 0 is not a whole number from 1 up"),
        ({"stt_concurrency": "2"}, "stt_concurrency: '2' is not a whole number from 1 up"),
        ({"first_chunk_ms": -1}, "first_chunk_ms: -1 is not a number from 0 up"),
        ({"idle_timeout": float("nan")}, "idle_timeout: nan is not a number from 0 up"),
        ({"realtime_factor": None}, "realtime_factor: None is not a number from 0 up"),
        ({"engine": "loud"}, "engine: 'loud' is not one of auto, espeak, tone"),
    ],
)
def test_serve_refuses_what_the_command_refuses(setting: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"), serve(**setting):
        pass


def test_every_setting_is_an_option_and_help_shows_no_python(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    for setting in dataclasses.fields(MockSettings):
        assert f"--{setting.name.replace('_', '-')}" in text
    assert "None" not in text
