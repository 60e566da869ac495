"""``speak``: files, pipes, players, subtitles, and text that is still coming in."""

from __future__ import annotations

import io
import json
import os
import signal
import struct
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysubs2
import pytest
import webvtt

from cartesia import Cartesia
from cartesia.cli.speech_output import Container, Sound, SpeechWriter
from cartesia_mock.testing import serve
from tests.cli.conftest import TIMEOUT, Voice
from tests.overrides.speaking import OTHER_VOICE, VOICE

TEXT = "Hello there, this is a test."


def heard(voice: Voice, name: str) -> str:
    """Have a file transcribed by the mock server, which knows what it spoke."""
    with Cartesia(api_key="good", base_url=voice.environment["CARTESIA_BASE_URL"]) as client:
        return client.stt.transcribe(file=voice.path(name), model="ink-whisper").text


def seconds(data: bytes) -> float:
    with wave.open(io.BytesIO(data)) as file:
        return float(file.getnframes() / file.getframerate())


def test_a_text_becomes_a_wav_file(voice: Voice) -> None:
    run = voice("speak", *TEXT.split(), "--output", "hello.wav")
    assert (run.code, run.output, run.errors) == (0, b"", "")
    with wave.open(str(voice.path("hello.wav"))) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (44100, 2, 1)
        assert len(file.readframes(10**9)) == 2 * file.getnframes() > 44100
    assert heard(voice, "hello.wav") == TEXT


def test_json_tells_what_was_made(voice: Voice) -> None:
    run = voice("speak", TEXT, "-o", "hello.wav", "--rate", "16000", "--json")
    made = json.loads(run.text)
    assert made["output"] == "hello.wav"
    assert made["voice"] == VOICE
    assert made["seconds"] == pytest.approx(seconds(voice.path("hello.wav").read_bytes()), abs=0.01)


@pytest.mark.parametrize(
    ("name", "options", "head"),
    [
        ("speech.mp3", ("--bit-rate", "64000"), b"\xff"),
        ("speech.bin", ("--format", "mp3"), b"\xff"),
        ("speech.raw", ("--rate", "8000", "--encoding", "pcm_mulaw"), b""),
        ("speech", (), b"RIFF"),
    ],
)
def test_the_format_follows_the_name_unless_it_is_given(
    voice: Voice, name: str, options: tuple[str, ...], head: bytes
) -> None:
    assert voice("speak", TEXT, "-o", name, *options).code == 0
    data = voice.path(name).read_bytes()
    assert data.startswith(head)
    if name.endswith(".raw"):
        assert b"RIFF" not in data[:4]
        assert 8000 < len(data) < 80000


def test_a_file_and_a_pipe_are_spoken(voice: Voice) -> None:
    voice.path("text.txt").write_text(TEXT)
    assert voice("speak", "--file", "text.txt", "-o", "file.wav").code == 0
    assert voice("speak", "-", "-o", "pipe.wav", stdin=TEXT.encode()).code == 0
    assert voice("speak", "-o", "pipe.mp3", stdin=TEXT.encode()).code == 0
    for name in ("file.wav", "pipe.wav", "pipe.mp3"):
        assert heard(voice, name) == TEXT


def test_sound_goes_into_a_pipe(voice: Voice) -> None:
    whole = voice("speak", TEXT, "-o", "-")
    assert (whole.code, whole.errors) == (0, "")
    piped = voice("speak", "-", "-o", "-", stdin=TEXT.encode())
    assert whole.output[:4] == piped.output[:4] == b"RIFF"
    assert len(piped.output) == pytest.approx(len(whole.output), rel=0.2)


def test_speech_begins_while_text_is_still_coming_in(voice: Voice) -> None:
    with voice.start("speak", "-", "-o", "-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"This is the beginning of it. ")
        process.stdin.flush()
        begin = process.stdout.read(10_000)  # waits, with the text still open
        assert begin[:4] == b"RIFF"
        process.stdin.write(b"This is the end.")
        process.stdin.close()
        assert len(process.stdout.read()) > 10_000
        assert process.wait(TIMEOUT) == 0


def test_text_after_a_long_pause_is_spoken_too_at_the_times_that_its_subtitles_say(
    voice: Voice,
) -> None:
    with voice.start("speak", "-", "-o", "two.wav", "--subtitles", "two.srt") as process:
        assert process.stdin is not None
        process.stdin.write(b"One two three.\n")
        process.stdin.flush()
        time.sleep(11)  # longer than the text is buffered, and then its context stays open
        process.stdin.write(b"Four five six.\n")
        process.stdin.close()
        assert process.wait(TIMEOUT) == 0
    assert heard(voice, "two.wav").split() == ["One", "two", "three.", "Four", "five", "six."]
    first, second = pysubs2.load(str(voice.path("two.srt")))
    assert (first.text, second.text) == ("One two three.", "Four five six.")
    assert second.start >= first.end > 500
    length = seconds(voice.path("two.wav").read_bytes())
    assert second.start / 1000 < length


def test_subtitles_are_written_as_srt_and_vtt(voice: Voice) -> None:
    assert voice("speak", TEXT, "-o", "a.wav", "--subtitles", "a.srt").code == 0
    assert voice("speak", TEXT, "--subtitles", "a.vtt").code == 0
    (srt,) = pysubs2.load(str(voice.path("a.srt")))
    vtt = webvtt.read(str(voice.path("a.vtt")))[0]
    assert srt.text == vtt.text == TEXT
    assert heard(voice, "a.wav") == TEXT


def test_it_is_played_when_no_file_is_given(voice: Voice) -> None:
    played = voice.install("ffplay")
    assert voice("speak", TEXT).code == 0
    assert played.read_bytes()[:4] == b"RIFF"
    whole = played.read_bytes()
    assert voice("speak", "-", "--play", "-o", "both.wav", stdin=TEXT.encode()).code == 0
    assert played.read_bytes()[44:] == voice.path("both.wav").read_bytes()[44:]
    assert len(whole) > 44100


@pytest.mark.parametrize("arguments", [("-",), (TEXT,), (TEXT, "--format", "mp3")])
def test_without_a_player_it_says_what_to_install_and_asks_for_no_speech(
    voice: Voice, arguments: tuple[str, ...]
) -> None:
    with serve() as url:
        run = voice(
            *("speak", *arguments),
            stdin=TEXT.encode(),
            PATH=str(voice.programs),
            CARTESIA_BASE_URL=url,
        )
        assert [entry.path for entry in url.requests if "tts" in entry.path] == []
    assert run.code == 1
    assert "or write a file: -o FILE" in run.errors
    assert "ffplay" in run.errors
    assert "PortAudio" in run.errors


def test_a_voice_is_found_by_its_name(voice: Voice) -> None:
    run = voice("speak", TEXT, "--voice", "sophie", "-o", "a.wav", "--json")
    assert json.loads(run.text)["voice"] == OTHER_VOICE
    run = voice("speak", TEXT, "-o", "a.wav", "--json", CARTESIA_VOICE="Sophie")
    assert json.loads(run.text)["voice"] == OTHER_VOICE


def test_several_voices_of_a_name_are_listed_and_none_is_said(voice: Voice) -> None:
    several = voice("speak", TEXT, "--voice", "kat", "-o", "a.wav")
    assert several.code == 4
    assert f"  {VOICE}  Katie (en)" in several.errors.splitlines()
    assert "Katja" in several.errors
    none = voice("speak", TEXT, "--voice", "xyzzy", "-o", "a.wav")
    assert none.code == 4
    assert "no voice is called 'xyzzy'" in none.errors
    assert not voice.path("a.wav").exists()


def test_speed_volume_emotion_language_and_dictionary_are_sent(voice: Voice) -> None:
    made = voice(
        "api",
        "pronunciation_dicts.create",
        "--name",
        "d",
        "--items",
        '[{"text": "a", "alias": "b"}]',
    )
    dictionary = json.loads(made.text)["id"]
    options = ("--language", "en", "--dictionary", dictionary, "--emotion", "calm")
    slow = voice("speak", TEXT, "-o", "slow.wav", "--speed", "0.6", "--json", *options)
    fast = voice(
        "speak", "-", "-o", "fast.wav", "--speed", "1.5", "--json", *options, stdin=TEXT.encode()
    )
    assert json.loads(slow.text)["seconds"] > 1.5 * json.loads(fast.text)["seconds"]
    quiet = voice("speak", TEXT, "-o", "quiet.wav", "--volume", "0.5")
    assert quiet.code == 0
    assert voice("speak", TEXT, "-o", "a.wav", "--dictionary", "none").code == 4


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("speak", "  "), "the text is empty"),
        (("speak", TEXT, "--file", "x"), "not both"),
        (("speak", TEXT, "-o", "a.wav", "--rate", "11025"), "--rate must be one of 8000,"),
        (("speak", TEXT, "-o", "a.wav", "--encoding", "mp3"), "--encoding must be one of"),
        (("speak", TEXT, "-o", "a.mp3", "--subtitles", "a.srt"), "MP3"),
        (("speak", TEXT, "-o", "a.wav", "--subtitles", "a.txt"), ".srt or .vtt"),
        (("speak", TEXT, "-o", "-", "--json"), "not both"),
        (("speak", TEXT, "-o", "a.wav", "--emotion", "exited"), "like it are excited"),
        (("speak", TEXT, "-o", "a.wav", "--emotion", "xyzzy"), "must be one of neutral, happy"),
        (("speak", TEXT, "-o", "a.wav", "--language", "english"), "must be one of en, fr"),
        (("speak", TEXT, "-o", "a.wav", "--speed", "9"), "--speed must be 0.6 to 1.5, not 9.0"),
        (("speak", TEXT, "-o", "a.wav", "--volume", "nan"), "--volume must be 0.5 to 2.0"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_sent(
    voice: Voice, arguments: tuple[str, ...], complaint: str
) -> None:
    run = voice(*arguments, CARTESIA_BASE_URL="http://127.0.0.1:9")
    assert run.code == 2
    assert complaint in run.errors
    assert run.errors.count("\n") == 1
    assert list(Path(voice.directory).glob("a.*")) == []


def test_a_device_and_a_link_stay_what_they_are(voice: Voice) -> None:
    assert voice("speak", "-", "-o", "/dev/null", stdin=TEXT.encode()).code == 0
    target, link = voice.path("target.wav"), voice.path("link.wav")
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    voice.path("hard.wav").hardlink_to(target)
    assert voice("speak", "-", "-o", "link.wav", stdin=TEXT.encode()).code == 0
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert heard(voice, "target.wav") == heard(voice, "hard.wav") == TEXT


@pytest.mark.parametrize("option", [(), ("--subtitles", "a.srt")])
def test_a_file_gets_its_true_lengths_and_a_pipe_the_longest(
    voice: Voice, option: tuple[str, ...]
) -> None:
    assert voice("speak", TEXT, "-o", "a.wav", *option).code == 0
    data = voice.path("a.wav").read_bytes()
    assert struct.unpack("<4sI", data[:8]) == (b"RIFF", len(data) - 8)
    assert struct.unpack("<4sI", data[36:44]) == (b"data", len(data) - 44)
    piped = voice("speak", TEXT, "-o", "-", *option).output
    assert piped[4:8] == piped[40:44] == b"\xff\xff\xff\xff"
    assert piped[8:40] == data[8:40]


PORTAUDIO_WITHOUT_DEVICE = """
class PortAudioError(Exception):
    pass


def RawOutputStream(**options):
    raise PortAudioError("Error querying device -1")


RawInputStream = query_devices = RawOutputStream
"""


def test_without_a_device_a_program_plays_and_without_one_the_error_is_a_line(
    voice: Voice,
) -> None:
    (voice.programs / "sounddevice.py").write_text(PORTAUDIO_WITHOUT_DEVICE)
    run = voice("speak", TEXT, PATH=str(voice.programs))
    assert run.code == 1
    assert "Error querying device -1; or install ffplay" in run.errors
    assert run.errors.count("\n") == 1
    recorded = voice("listen", "--mic")
    assert recorded.code == 1
    assert recorded.errors == (
        "cartesia-voice: PortAudio cannot open the device: Error querying device -1\n"
    )
    played = voice.install("ffplay")
    assert voice("speak", TEXT).code == 0
    assert len(played.read_bytes()) > 44100


def test_a_file_that_cannot_be_opened_gives_the_device_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ends: list[type[BaseException] | None] = []

    @contextmanager
    def open_speaker(_sound: Sound) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            ends.append(type(error))
            raise

    monkeypatch.setattr("cartesia.cli.speech_output._open_speaker", open_speaker)
    output = str(tmp_path / "none" / "a.wav")
    sound = Sound(Container.wav, "pcm_s16le", 16000, 128000, output, play=True, subtitles=None)
    with pytest.raises(FileNotFoundError), SpeechWriter(sound):
        raise AssertionError
    assert ends == [FileNotFoundError]


def test_subtitles_that_cannot_be_written_leave_the_sound(voice: Voice) -> None:
    voice.path("full.srt").symlink_to("/dev/full")
    run = voice("speak", TEXT, "-o", "a.wav", "--subtitles", "full.srt")
    assert (run.code, run.errors) == (1, "cartesia-voice: No space left on device\n")
    assert heard(voice, "a.wav") == TEXT


def test_a_player_that_fails_is_told_and_the_file_is_there(voice: Voice) -> None:
    player = voice.programs / "ffplay"
    player.write_text("#!/bin/sh\ncat > /dev/null\nexit 2\n")
    player.chmod(0o755)
    run = voice("speak", TEXT, "--play", "-o", "a.wav")
    assert run.code == 1
    assert run.errors.endswith("ffplay failed with code 2\n")
    assert heard(voice, "a.wav") == TEXT


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_interrupt_stops_the_sound(voice: Voice) -> None:
    player = voice.programs / "ffplay"
    player.write_text("#!/bin/sh\necho $$ > playing\nexec sleep 100\n")
    player.chmod(0o755)
    with voice.start("speak", TEXT) as process:
        end = time.monotonic() + TIMEOUT
        while not (voice.path("playing").exists() and voice.path("playing").read_text()):
            assert time.monotonic() < end, "it does not play"
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 130
    while is_running(int(voice.path("playing").read_text())):  # it may need a moment to end
        assert time.monotonic() < end, "it still plays"
        time.sleep(0.05)
