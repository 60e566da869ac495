"""Files of every command: what is wrong with one is code 1, in a line, before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Voice

NOWHERE = "http://127.0.0.1:9"
"""Where a request would end with code 5."""

INPUTS = {
    "speak": ("speak", "-o", "a.wav", "--file"),
    "listen": ("listen",),
    "listen live": ("listen", "--live"),
    "clone": ("voices", "clone", "--name", "x"),
    "api": ("api", "stt.transcribe", "--model", "ink-whisper", "--file"),
    "api audio": (
        *("api", "stt.manual_finalize.websocket", "--model", "ink-2", "--encoding", "pcm_s16le"),
        *("--sample-rate", "16000", "--audio"),
    ),
}
OUTPUTS = {
    "speak": (("speak", "Hi.", "-o"), ".wav"),
    "speak a pipe": (("speak", "-", "-o"), ".mp3"),
    "subtitles": (("speak", "Hi.", "--subtitles"), ".srt"),
    "listen": (("listen", "ok.wav", "-o"), ".vtt"),
    "listen live": (("listen", "ok.wav", "--turns", "-o"), ".txt"),
    "preview": (("voices", "preview", "katie", "-o"), ".wav"),
    "api": (("api", "voices.list", "-o"), ".json"),
}


@pytest.fixture
def files(voice: Voice, hello: Path) -> Voice:
    """The command beside a recording, a folder and a file."""
    voice.path("ok.wav").write_bytes(hello.read_bytes())
    voice.path("file").touch()
    for ending in ("", *{ending for _, ending in OUTPUTS.values()}):
        voice.path(f"folder{ending}").mkdir()
    return voice


@pytest.mark.parametrize("name", ["none", "folder", "file/none"])
@pytest.mark.parametrize("command", INPUTS)
def test_an_input_that_cannot_be_read(files: Voice, command: str, name: str) -> None:
    run = files(*INPUTS[command], name, CARTESIA_BASE_URL=NOWHERE)
    assert (run.code, run.text) == (1, "")
    reason = {
        "none": "No such file or directory",
        "folder": "Is a directory",
        "file/none": "Not a directory",
    }
    assert run.errors == f"cartesia-voice: {name}: {reason[name]}\n"


@pytest.mark.parametrize("name", ["none/x", "folder", "file/x", "/proc/x", "x" * 300])
@pytest.mark.parametrize("command", OUTPUTS)
def test_an_output_that_cannot_be_written(files: Voice, command: str, name: str) -> None:
    arguments, ending = OUTPUTS[command]
    before = set(files.directory.iterdir())
    name += ending
    run = files(*arguments, name, stdin=b"Hi.", CARTESIA_BASE_URL=NOWHERE)
    assert (run.code, run.text) == (1, "")
    assert run.errors.startswith(f"cartesia-voice: {name}: cannot be written: ")
    assert run.errors.count("\n") == 1
    assert set(files.directory.iterdir()) == before


@pytest.mark.parametrize("option", [("-",), ("--file", "latin.txt")])
def test_a_text_that_is_not_utf_8(voice: Voice, option: tuple[str, ...]) -> None:
    voice.path("latin.txt").write_bytes(b"gr\xfc\xdfe")
    run = voice("speak", *option, "-o", "a.wav", stdin=b"gr\xfc\xdfe")
    assert run.code == 1
    assert run.errors.endswith("is not UTF-8 text\n")
    assert not voice.path("a.wav").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("speak", "-", "-o", "a.wav"), "no text came from standard input"),
        (("speak", "--file", "empty", "-o", "a.wav"), "empty: the file is empty"),
        (("listen", "-", "--live"), "no audio came from standard input"),
        (("listen", "-", "--turns", "--rate", "8000"), "no audio came from standard input"),
        (("listen", "empty", "--live"), "empty: the file is empty"),
        (("listen", "empty"), "the audio is empty"),
    ],
)
def test_an_empty_input_is_no_wrong_command_line(
    voice: Voice, arguments: tuple[str, ...], complaint: str
) -> None:
    voice.path("empty").touch()
    run = voice(*arguments)
    assert run.code == 1
    assert complaint in run.errors
    assert run.errors.count("\n") == 1


def test_a_disk_that_is_full(voice: Voice) -> None:
    run = voice("speak", "Hi.", "-o", "/dev/full")
    assert (run.code, run.errors) == (1, "cartesia-voice: No space left on device\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("speak", "Hi.", "-o", "x.ogg"), "files that end in .ogg, only in .wav, .mp3, .raw, .pcm"),
        (("speak", "Hi.", "-o", "x.ogg"), "say --format wav, mp3, raw"),
        (("speak", "-", "-o", "x.flac"), "files that end in .flac"),
        (("speak", "Hi.", "-o", "x.mp3", "--format", "wav"), "named like mp3, but --format is wav"),
        (("speak", "Hi.", "-o", "x.PCM", "--format", "mp3"), "named like raw, but --format is mp3"),
        (("speak", "Hi.", "-o", "x.mp3", "--encoding", "pcm_s16le"), "--encoding for all but mp3"),
        (("speak", "Hi.", "-o", "x.wav", "--bit-rate", "64000"), "--bit-rate is for mp3"),
        (("listen", "ok.wav", "-o", "x.doc"), "end in .doc, only in .txt, .srt, .vtt, .json"),
        (("listen", "ok.wav", "-o", "x.srt", "--format", "vtt"), "but --format is vtt"),
        (("listen", "ok.wav", "-o", "x.srt", "--json"), "but --format is json"),
    ],
)
def test_a_name_that_says_another_format(
    files: Voice, arguments: tuple[str, ...], complaint: str
) -> None:
    run = files(*arguments, CARTESIA_BASE_URL=NOWHERE)
    assert run.code == 2
    assert complaint in run.errors
    assert run.errors.count("\n") == 1
    assert list(files.directory.glob("x.*")) == []


def test_a_sample_is_named_as_what_it_is(voice: Voice) -> None:
    run = voice("voices", "preview", "katie", "-o", "katie.mp3")
    assert run.code == 1
    assert run.errors == "cartesia-voice: the sample is a .wav file: write it with -o katie.wav\n"
    assert not voice.path("katie.mp3").exists()


def test_a_pipe_is_read_and_written_as_it_is(voice: Voice, hello: Path) -> None:
    run = voice(
        "-c",
        f"cartesia-voice listen <(cat '{hello}') --live && cartesia-voice speak Hi. -o >(cat)",
        command=("bash",),
    )
    assert run.code == 0, run.errors
    assert run.output.startswith(b"Hello there, world.\nRIFF")
