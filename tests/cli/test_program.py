"""The command as a whole: help, completion, errors, pipes, interrupts, and the mock server."""

from __future__ import annotations

import json
import re
import signal
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from subprocess import Popen
from threading import Thread

import pytest

from cartesia import __version__
from cartesia_mock.testing import MockURL
from tests.cli.conftest import COMMAND, TIMEOUT, Voice
from tests.overrides.speaking import VOICE

MODULE = (sys.executable, "-m", "cartesia")


def test_the_version_is_shown(voice: Voice) -> None:
    for arguments in (("--version",), ("--mock", "--version")):
        run = voice(*arguments, command=COMMAND)
        assert (run.code, run.text) == (0, f"cartesia-voice {__version__}\n")


def test_help_names_every_command_and_loads_nothing_heavy(voice: Voice) -> None:
    program = (
        "import sys; from cartesia.cli import main; main(['--help']);"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    run = voice(command=(sys.executable, "-c", program))
    assert run.code == 0
    for name in ("speak", "listen", "voices", "api", "doctor", "--mock", "--json", "Exit codes"):
        assert name in run.text
    assert not {"rich", "httpx", "attr", "ssl", "numpy", "websockets", "cartesia_mock"} & set(
        run.errors.split()
    )


def test_without_arguments_there_is_help(voice: Voice) -> None:
    run = voice(command=COMMAND)
    assert run.code == 0
    assert run.lines[0].startswith("Usage: cartesia-voice ")


def test_it_is_a_module_too(voice: Voice) -> None:
    run = voice("api", "get_status", command=MODULE)
    assert (run.code, json.loads(run.text)["ok"]) == (0, True)
    assert voice("--help", command=MODULE).lines[0].startswith("Usage: python -m cartesia ")


def test_what_is_missing_is_named(voice: Voice) -> None:
    program = (
        "import sys; sys.modules['typer'] = None; from cartesia.cli import main; sys.exit(main([]))"
    )
    run = voice(command=(sys.executable, "-c", program))
    assert run.code == 1
    assert run.errors == ("cartesia-voice: typer is missing: pip install 'cartesia-openapi[cli]'\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_a_script_of_completion(voice: Voice, shell: str) -> None:
    run = voice(_CARTESIA_VOICE_COMPLETE=f"source_{shell}")
    assert run.code == 0
    assert f"_CARTESIA_VOICE_COMPLETE=complete_{shell}" in run.text


def test_commands_options_and_operations_are_completed(voice: Voice) -> None:
    def completed(words: str) -> list[str]:
        return voice(
            _CARTESIA_VOICE_COMPLETE="complete_bash",
            COMP_WORDS=words,
            COMP_CWORD=str(words.count(" ")),
        ).lines

    assert completed("cartesia-voice li") == ["listen"]
    assert "--subtitles" in completed("cartesia-voice speak --")
    assert completed("cartesia-voice api voices.l") == ["voices.list", "voices.localize"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("speek",), "No such command 'speek'"),
        (("speak", "--volumes", "1"), "No such option: --volumes"),
        (("speak", "--speed", "fast"), "'fast' is not a valid float"),
        (("listen",), "give one of FILE, - and --mic"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_code_2(
    voice: Voice, arguments: tuple[str, ...], complaint: str
) -> None:
    run = voice(*arguments)
    assert run.code == 2
    assert complaint in run.errors
    assert run.errors.count("\n") == 1
    assert run.errors.rstrip().endswith("--help")


def test_a_missing_key_is_code_3_and_a_refused_one_too_with_the_request_id(voice: Voice) -> None:
    missing = voice("voices", CARTESIA_API_KEY="")
    assert missing.code == 3
    assert missing.errors == (
        "cartesia-voice: there is no API key: set CARTESIA_API_KEY, or try --mock, which needs none\n"
    )
    refused = voice("voices", CARTESIA_API_KEY="bad")
    assert refused.code == 3
    assert refused.errors.count("\n") == 1
    assert re.search(r"\(request id: [-0-9a-f]{36}\)\n", refused.errors)


@pytest.mark.parametrize(
    "arguments",
    [("speak", "Hi.", "-o", "a.wav"), ("api", "voices.list"), ("listen", "-", "--live")],
)
def test_a_missing_key_is_code_3_for_every_command(
    voice: Voice, hello: Path, arguments: tuple[str, ...]
) -> None:
    run = voice(*arguments, stdin=hello.read_bytes(), CARTESIA_API_KEY="")
    assert run.code == 3
    assert "set CARTESIA_API_KEY, or try --mock" in run.errors


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("CARTESIA_API_KEY", "with a space ", 3),
        ("CARTESIA_API_KEY", "two\nlines", 3),
        ("CARTESIA_BASE_URL", "localhost:4010", 2),
        ("CARTESIA_BASE_URL", "ftp://localhost", 2),
    ],
)
def test_an_environment_that_cannot_be_right_is_named(
    voice: Voice, name: str, value: str, code: int
) -> None:
    voice.environment[name] = value
    run = voice("voices")
    assert run.code == code
    assert run.errors.startswith(f"cartesia-voice: {name} ")
    assert "`" not in run.errors
    assert run.errors.count("\n") == 1


def test_a_server_that_is_not_the_api_is_told_without_its_page(voice: Voice) -> None:
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        run = voice("voices", CARTESIA_BASE_URL=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    assert run.code == 1
    assert "Unsupported method" in run.errors
    assert "<" not in run.errors
    assert run.errors.endswith("; `cartesia-voice doctor` may know why\n")


@pytest.mark.parametrize(("status", "code"), [(429, 6), (500, 1), (404, 4), (403, 3), (400, 1)])
def test_the_code_follows_the_status(voice: Voice, status: int, code: int) -> None:
    fault = f"X-Mock-Fault: status; code={status}; retry-after=0"
    run = voice("api", "get_status", CARTESIA_CUSTOM_HEADERS=fault)
    assert run.code == code
    assert run.errors.count("\n") == 1


def test_no_connection_is_code_5(voice: Voice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    for arguments in (("voices",), ("speak", "-", "-o", "a.wav"), ("api", "get_status")):
        run = voice(*arguments, stdin=b"Hi.", CARTESIA_BASE_URL=url)
        assert run.code == 5
        assert url.partition(":")[2] in run.errors
        assert run.errors.endswith("; `cartesia-voice doctor` may know why\n")
        assert run.errors.count("\n") == 1


def test_errors_are_json_for_machines(voice: Voice) -> None:
    run = voice("voices", "show", "nobody-has-this-name", "--json")
    assert run.code == 4
    error = json.loads(run.errors)["error"]
    assert error["exit_code"] == 4
    assert "nobody-has-this-name" in error["message"]
    refused = json.loads(voice("voices", "--json", CARTESIA_API_KEY="bad").errors)["error"]
    assert len(refused["request_id"]) == 36


@pytest.mark.parametrize(
    "arguments",
    [
        ("voices",),
        ("api", "voices.list", "--all"),
        ("api", "--list"),
        ("speak", "--output", "-", "Hello there, this is a rather long text. " * 40),
    ],
)
def test_a_pipe_that_closes_is_no_error(voice: Voice, arguments: tuple[str, ...]) -> None:
    with voice.start(*arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.wait(TIMEOUT) == 0
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
@pytest.mark.parametrize("arguments", [("--output", "speech.wav"), ("--subtitles", "speech.srt")])
def test_an_interrupt_leaves_the_old_file_and_nothing_half_written(
    voice: Voice, mock_url: MockURL, number: signal.Signals, code: int, arguments: tuple[str, ...]
) -> None:
    voice.path("speech.wav").write_bytes(b"old")
    before = names(voice.directory)
    earlier = {entry.id for entry in mock_url.requests}
    with voice.start("speak", "-", *arguments) as process:
        _type(process, "Hello there, ")
        _wait_for_text(mock_url, earlier, "Hello there, ")
        assert names(voice.directory) == before
        process.send_signal(number)
        assert process.wait(TIMEOUT) == code
    assert names(voice.directory) == before
    assert voice.path("speech.wav").read_bytes() == b"old"


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def _type(process: Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(text.encode())
    process.stdin.flush()


def _wait_for_text(server: MockURL, earlier: set[str], text: str) -> None:
    """Wait until a text is being spoken; by then the file of the sound is open."""
    end = time.monotonic() + TIMEOUT
    while not any(
        text in message
        for entry in server.requests
        if entry.id not in earlier
        for message in entry.messages
    ):
        assert time.monotonic() < end, "it sends no text"
        time.sleep(0.05)


@pytest.mark.parametrize(
    "arguments", [("--mock", "voices", "show", "katie"), ("voices", "show", "katie", "--mock")]
)
def test_the_mock_server_needs_no_key_and_no_network(
    voice: Voice, arguments: tuple[str, ...]
) -> None:
    nowhere = "http://127.0.0.1:9"
    run = voice(*arguments, CARTESIA_API_KEY="", CARTESIA_BASE_URL=nowhere, HTTP_PROXY=nowhere)
    assert run.code == 0, run.errors
    assert VOICE in run.text
    assert run.errors == ""


def test_the_mock_server_speaks(voice: Voice) -> None:
    run = voice("--mock", "speak", "Hello.", "--output", "hello.wav", CARTESIA_API_KEY="")
    assert (run.code, run.errors) == (0, "")
    assert voice.path("hello.wav").read_bytes()[:4] == b"RIFF"


@pytest.mark.parametrize("arguments", [("speak", "Hello."), ("voices", "preview", "katie")])
def test_a_mock_server_without_a_voice_says_so_and_what_to_install(
    voice: Voice, arguments: tuple[str, ...]
) -> None:
    (voice.programs / "sitecustomize.py").write_text(
        "import sys\nsys.modules['espeakng_loader'] = None\n"
    )
    run = voice("--mock", *arguments, "--output", "tones.wav", command=COMMAND)
    assert run.code == 0
    assert "these are tones, not words" in run.errors
    assert run.errors.endswith("pip install 'cartesia-openapi[speech]'\n")


@pytest.mark.parametrize(
    ("command", "code", "output"),
    [
        ("speak -o a.wav <&-", 1, "cartesia-voice: no text came from standard input\n"),
        ("listen - --live <&-", 1, "cartesia-voice: no audio came from standard input\n"),
        ("api get_status >&-", 0, ""),
        ("speak Hello. -o a.wav >&-", 0, ""),
        ("get_status 2>&-", 2, ""),
        ("api get_status --limit 2>&-", 2, ""),
    ],
)
def test_streams_that_the_caller_closed_are_empty(
    voice: Voice, command: str, code: int, output: str
) -> None:
    run = voice("-c", f"cartesia-voice {command}", command=("bash",))
    assert (run.code, run.output.decode() + run.errors) == (code, output)


def test_a_terminal_that_cannot_show_a_letter_shows_another(voice: Voice) -> None:
    run = voice("voices", command=COMMAND, PYTHONIOENCODING="ascii")
    assert run.code == 0, run.errors
    assert "?" in run.text
