"""Every example runs on the mock server as a user runs it: as a program of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import wave
from pathlib import Path

import httpx
import nbformat
import pytest
from nbclient import NotebookClient

from cartesia_mock.testing import serve

EXAMPLES = Path(__file__).parents[2] / "examples"
LONGEST = 40
FAKE_PORTAUDIO = """
class RawOutputStream:
    def __init__(self, **options):
        assert options["samplerate"] == 44100
        self.file = open("played.pcm", "wb")
    def start(self): pass
    def write(self, data): self.file.write(data)
    def stop(self): pass
    def close(self): self.file.close()
"""
ELSEWHERE = {
    "demo": "it starts a mock server of its own",
    "fastapi_app": "it is imported",
    "test_without_key": "it is a test",
    "livekit_agent": "in `make integrations`",
    "pipecat_bot": "in `make integrations`",
}
PRINTED = {
    "barge_in": ("cancelled after 0.", "done after "),
    "clone_voice": ("cloned: Me ",),
    "first_sound": ("hello.wav is written",),
    "flush_and_emotion": (
        "excited: I have good news. (",
        "sad: And then there is the other news. (",
    ),
    "infill": ("before.wav, between.wav, after.wav",),
    "live_transcript": ("so far  Please turn", "final   Please turn on the light.\n"),
    "llm_to_voice": (" s of speech",),
    "pronunciation": ("compare wrong.wav with right.wav",),
    "speaker": ("played",),
    "subtitled": ("00:00:00,000 --> ", "Every word knows its time."),
    "telephony": (" frames of 20 ms",),
    "turns": (
        "answer this: How is the weather today?\n",
        "stop the voice\nanswer this: Thank you.\n",
    ),
}


def run(folder: Path, *command: str, **environment: str) -> str:
    """Run a program of this environment, where a warning is an error; give what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", *command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def seconds(file: Path) -> float:
    with wave.open(str(file)) as reader:
        length: float = reader.getnframes() / reader.getframerate()
    return length


def test_every_example_is_tried_and_short() -> None:
    files = sorted(EXAMPLES.glob("*.py"))
    assert {file.stem for file in files} == PRINTED.keys() | ELSEWHERE.keys()
    lengths = {file.name: len(file.read_text("utf-8").splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


@pytest.mark.parametrize("name", sorted(PRINTED))
def test_an_example_does_what_it_says(name: str, tmp_path: Path, mock_url: str) -> None:
    (tmp_path / "sounddevice.py").write_text(FAKE_PORTAUDIO, "utf-8")
    printed = run(
        tmp_path,
        str(EXAMPLES / f"{name}.py"),
        CARTESIA_API_KEY="good",
        CARTESIA_BASE_URL=mock_url,
        PYTHONPATH=str(tmp_path),
    )
    for expected in PRINTED[name]:
        assert expected in printed
    for file in tmp_path.glob("*.wav"):
        assert seconds(file) > 0.3, file
    if name == "speaker":
        assert len((tmp_path / "played.pcm").read_bytes()) > 2 * 44100
    if name == "pronunciation":
        assert (tmp_path / "wrong.wav").read_bytes() != (tmp_path / "right.wav").read_bytes()


def test_the_demo_prints_as_it_goes_within_80_columns(tmp_path: Path) -> None:
    file = tmp_path / "demo.py"  # it writes beside itself
    file.write_text((EXAMPLES / "demo.py").read_text("utf-8"), "utf-8")
    environment = {**os.environ, "CARTESIA_API_KEY": ""}
    with subprocess.Popen(
        [sys.executable, "-W", "error", str(file)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert process.poll() is None, "it had ended before its first line came"
        lines = [first, *process.stdout]
    assert process.returncode == 0
    steps = [line.split("  ")[0] for line in lines]
    assert steps == ["server", "voice", "first sound", "file", "heard back"]
    assert max(map(len, lines)) <= 80
    assert lines[-1].endswith(" Hello! This went out as text, and came back as sound.\n")
    assert seconds(tmp_path / "hello.wav") > 1


def test_the_demo_says_which_server_it_speaks_to(mock_url: str, tmp_path: Path) -> None:
    file = tmp_path / "demo.py"
    file.write_text((EXAMPLES / "demo.py").read_text("utf-8"), "utf-8")
    environment = {**os.environ, "CARTESIA_API_KEY": "good", "CARTESIA_BASE_URL": mock_url}
    done = subprocess.run(
        [sys.executable, str(file)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout.decode().splitlines()[0].split() == ["server", mock_url]


def test_the_demo_is_in_colour_on_a_terminal(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    file = tmp_path / "demo.py"
    file.write_text((EXAMPLES / "demo.py").read_text("utf-8"), "utf-8")
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, str(file)],
            cwd=tmp_path,
            env={**os.environ, "CARTESIA_API_KEY": ""},
            stdout=theirs,
            check=True,
        )
        assert b"\x1b[1;36mheard back" in os.read(ours, 4096)
    finally:
        os.close(ours)
        os.close(theirs)


def test_the_test_without_a_key_passes(tmp_path: Path) -> None:
    file = str(EXAMPLES / "test_without_key.py")
    plugins = ("-p", "no:cacheprovider", "-p", "no:randomly")
    said = run(tmp_path, "-m", "pytest", "-q", "--rootdir", str(tmp_path), *plugins, file)
    assert "1 passed" in said


def test_the_server_passes_speech_on_as_mp3(mock_url: str) -> None:
    environment = {**os.environ, "CARTESIA_API_KEY": "good", "CARTESIA_BASE_URL": mock_url}
    command = [sys.executable, "-m", "uvicorn", "--port", "0", "fastapi_app:app"]
    with subprocess.Popen(
        command, cwd=EXAMPLES, env=environment, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            url = next(
                found[0] for line in server.stderr if (found := re.search(r"http://\S+", line))
            )
            answer = httpx.get(f"{url}/speech", params={"text": "Hello from the server."})
        finally:
            server.terminate()
            server.communicate()
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.content.startswith((b"ID3", b"\xff"))
    assert len(answer.content) > 8000


def test_the_notebook_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CARTESIA_API_KEY", "any")
    with serve() as url:
        monkeypatch.setenv("CARTESIA_BASE_URL", url)
        notebook = nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4)  # type: ignore[no-untyped-call] # it has none
        NotebookClient(notebook, timeout=250, resources={"metadata": {"path": tmp_path}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [output.data for output in outputs if "data" in output]
    players = [html for data in shown if "<audio controls" in (html := data.get("text/html", ""))]
    assert len(players) == 2, "an answer, and a stream"
    assert all(len(player) > 24000 for player in players)
    assert any("Notebooks can speak." in data.get("text/plain", "") for data in shown)
