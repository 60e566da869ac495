"""``listen``: files, pipes and a microphone; whole, live, and by turns."""

from __future__ import annotations

import json
import signal
import time
import wave
from pathlib import Path

import pysubs2
import pytest
import webvtt

from cartesia_mock.speech.recognition import FIXED_SENTENCE
from cartesia_mock.testing import MockURL
from tests.cli.conftest import COMMAND, TIMEOUT, Voice

TEXT = "Hello there, world."
LIVE = ("--live",), ("--turns",)

FAKE_SOUNDDEVICE = '''
"""A microphone that hears a recording, and then nothing."""

import os
import threading


class RawInputStream:
    def __init__(self, *, samplerate, blocksize, callback, **options):
        with open(os.environ["RECORDING"], "rb") as file:
            self.samples = file.read()[44:]
        self.size, self.callback = 2 * blocksize, callback

    def start(self):
        threading.Thread(target=self.record, daemon=True).start()

    def record(self):
        for begin in range(0, len(self.samples), self.size):
            piece = self.samples[begin : begin + self.size]
            self.callback(piece, len(piece) // 2, None, None)

    def abort(self):
        pass

    def close(self):
        pass
'''


@pytest.mark.parametrize("options", [(), *LIVE])
def test_a_recording_becomes_text(voice: Voice, hello: Path, options: tuple[str, ...]) -> None:
    run = voice("listen", str(hello), *options)
    assert (run.code, run.text, run.errors) == (0, f"{TEXT}\n", "")


@pytest.mark.parametrize("options", [(), *LIVE])
def test_a_pipe_becomes_text(voice: Voice, hello: Path, options: tuple[str, ...]) -> None:
    run = voice("listen", "-", *options, stdin=hello.read_bytes())
    assert (run.code, run.text) == (0, f"{TEXT}\n")


@pytest.mark.parametrize("options", [(), *LIVE])
def test_raw_samples_need_their_rate(voice: Voice, hello: Path, options: tuple[str, ...]) -> None:
    samples = hello.read_bytes()[44:]
    form = ("--rate", "16000", "--encoding", "pcm_s16le")
    run = voice("listen", "-", *options, *form, stdin=samples)
    assert (run.code, run.text) == (0, f"{TEXT}\n")


@pytest.mark.parametrize("options", [(), ("--live",)])
def test_subtitles_and_json_follow_the_name_or_the_option(
    voice: Voice, hello: Path, options: tuple[str, ...]
) -> None:
    assert voice("listen", str(hello), *options, "-o", "a.srt").code == 0
    assert pysubs2.load(str(voice.path("a.srt")))[0].text == TEXT
    shown = voice("listen", str(hello), *options, "--format", "vtt")
    voice.path("b.vtt").write_bytes(shown.output)
    assert webvtt.read(str(voice.path("b.vtt")))[0].text == TEXT
    assert voice("listen", str(hello), *options, "-o", "a.txt").text == ""
    assert voice.path("a.txt").read_text() == f"{TEXT}\n"


def test_json_holds_the_words_and_live_each_event_in_a_line(voice: Voice, hello: Path) -> None:
    whole = json.loads(voice("listen", str(hello), "--json").text)
    assert whole["text"] == TEXT
    assert [word["word"] for word in whole["words"]] == TEXT.split()
    live = [json.loads(line) for line in voice("listen", str(hello), "--live", "--json").lines]
    assert [event["text"] for event in live if event["type"] == "transcript"][-1] == TEXT
    assert live[-1]["type"] == "done"
    assert any(event.get("is_final") is False for event in live)
    turns = [json.loads(line) for line in voice("listen", str(hello), "--turns", "--json").lines]
    assert [event["type"] for event in turns][:2] == ["connected", "turn.start"]
    assert turns[-1]["transcript"] == TEXT


def test_words_come_while_the_sound_still_does(voice: Voice, hello: Path) -> None:
    with voice.start("listen", "-", "--live", "--json") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(hello.read_bytes())
        process.stdin.flush()
        while b"Hello" not in process.stdout.readline():
            assert process.poll() is None
        process.stdin.close()
        assert TEXT.encode() in process.stdout.read()
        assert process.wait(TIMEOUT) == 0


@pytest.mark.parametrize("options", LIVE)
def test_an_interrupt_ends_the_microphone_and_writes_what_was_said(
    voice: Voice, hello: Path, mock_url: MockURL, options: tuple[str, ...]
) -> None:
    (voice.programs / "sounddevice.py").write_text(FAKE_SOUNDDEVICE)
    before = {entry.id for entry in mock_url.requests}
    with voice.start(
        "listen", "--mic", *options, "-o", "said.txt", RECORDING=str(hello)
    ) as process:
        end = time.monotonic() + TIMEOUT
        size = len(hello.read_bytes()) - 44
        while not any(e.audio_bytes >= size for e in mock_url.requests if e.id not in before):
            assert time.monotonic() < end, "not all of the recording was sent"
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert voice.path("said.txt").read_text() == f"{TEXT}\n"


def test_without_portaudio_the_microphone_says_what_to_install(voice: Voice) -> None:
    (voice.programs / "sounddevice.py").write_text("raise ImportError\n")
    run = voice("listen", "--mic")
    assert run.code == 1
    assert "cartesia-openapi[audio]" in run.errors


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("listen", "a.wav", "--mic"), "give one of"),
        (("listen", "-", "--turns", "--format", "srt"), "leave out --turns"),
        (("listen", "-", "--turns", "--language", "en"), "takes no --language"),
        (("listen", "-", "--encoding", "mp3"), "--encoding must be one of pcm_s16le"),
        (("listen", "b.raw", "--live"), "--rate and --encoding"),
        (("listen", "-", "--live", "--rate", "0"), "--rate must be more than 0, not 0"),
        (("listen", "-", "--format", "doc"), "'doc' is not one of"),
    ],
)
def test_what_cannot_be_done_is_said(
    voice: Voice, arguments: tuple[str, ...], complaint: str
) -> None:
    voice.path("a.wav").touch()
    voice.path("b.raw").write_bytes(bytes(1000))
    run = voice(*arguments)
    assert run.code == 2
    assert complaint in run.errors


def test_stereo_is_refused_before_it_is_sent(voice: Voice) -> None:
    with wave.open(str(voice.path("stereo.wav")), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(6400))
    run = voice("listen", "stereo.wav", "--live")
    assert run.code == 1
    assert "2 channels" in run.errors


def test_an_error_of_the_socket_is_one_line(voice: Voice, hello: Path) -> None:
    run = voice("listen", str(hello), "--live", "--model", "no-such-model")
    assert run.code != 0
    assert run.errors.count("\n") == 1
    turns = voice("listen", str(hello), "--turns", "--model", "no-such-model")
    assert turns.code != 0
    assert turns.errors.count("\n") == 1


NO_EARS = "import sys\nsys.modules['pocketsphinx'] = None\n"


@pytest.mark.parametrize("options", [(), *LIVE])
def test_a_mock_server_that_cannot_know_the_words_says_so_and_what_to_install(
    voice: Voice, options: tuple[str, ...]
) -> None:
    (voice.programs / "sitecustomize.py").write_text(NO_EARS)
    assert voice("--mock", "speak", TEXT, "-o", "a.wav").code == 0
    run = voice("--mock", "listen", "a.wav", *options, command=COMMAND)
    assert run.code == 0
    assert "what follows is not what was said" in run.errors
    assert "pip install 'cartesia-openapi[ears]'" in run.errors
    assert "run cartesia-mock" in run.errors
    assert run.errors.count("\n") == 1


def test_a_mock_server_with_ears_recognizes_english_and_says_that_it_is_no_other_language(
    voice: Voice,
) -> None:
    pytest.importorskip("pocketsphinx")
    assert voice("--mock", "speak", "The weather is good today.", "-o", "a.wav").code == 0
    run = voice("--mock", "listen", "a.wav")
    assert (run.code, run.errors) == (0, "")
    assert run.text.strip() not in {"", FIXED_SENTENCE}
    german = voice("--mock", "listen", "a.wav", "--language", "de")
    assert "it recognizes English alone" in german.errors
