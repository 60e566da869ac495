"""What a person sees, on a terminal of 80 columns; and that pipes get none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Voice
from tests.overrides.speaking import VOICE


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("speak", "--help"),
        ("listen", "--help"),
        ("voices", "--help"),
        ("api", "--help"),
        ("api", "tts.generate", "--help"),
        ("api", "--list"),
        ("voices",),
        ("voices", "show", "katie"),
        ("doctor",),
    ],
)
def test_nothing_is_wider_than_the_terminal(voice: Voice, arguments: tuple[str, ...]) -> None:
    seen = voice.on_terminal(*arguments)
    assert seen.code == 0
    assert max(len(line) for line in seen.lines) <= 80
    assert "…" not in seen.raw, "nothing is cut off"


def test_voices_are_a_table_with_whole_ids(voice: Voice) -> None:
    seen = voice.on_terminal("voices")
    assert ["Id", "Name", "Language", "Gender"] in [line.split() for line in seen.lines]
    assert any(line.split()[:2] == [VOICE, "Katie"] for line in seen.lines)


def test_progress_is_shown_on_stderr_of_a_terminal_alone(voice: Voice) -> None:
    seen = voice.on_terminal("speak", "Hello there.", "-o", "a.wav")
    assert "speaking" in seen.raw
    assert seen.lines[-1].endswith("s of speech in a.wav")
    piped = voice("speak", "Hello there.", "-o", "a.wav")
    assert (piped.text, piped.errors) == ("", "")


def test_sound_is_not_written_to_a_terminal(voice: Voice) -> None:
    for arguments in (("speak", "Hi.", "-o", "-"), ("voices", "preview", "katie", "-o", "-")):
        seen = voice.on_terminal(*arguments)
        assert seen.code == 2
        assert "redirect it" in " ".join(seen.lines)


def test_without_a_text_there_is_a_question_and_no_waiting(voice: Voice) -> None:
    seen = voice.on_terminal("speak")
    assert seen.code == 2
    assert "what to say?" in " ".join(seen.lines)


@pytest.mark.parametrize("option", ["--live", "--turns"])
def test_words_that_are_not_final_are_shown_and_then_replaced(
    voice: Voice, hello: Path, option: str
) -> None:
    seen = voice.on_terminal("listen", str(hello), option)
    assert seen.code == 0
    assert "Hello\x1b" in seen.raw, "dimmed, while they may change"
    assert [line for line in seen.lines if line][-1].endswith("Hello there, world.")
    final = voice("listen", str(hello), option)
    assert final.text == "Hello there, world.\n"


def test_an_error_is_wrapped_between_words(voice: Voice) -> None:
    seen = voice.on_terminal("speak", "Hi.", "-o", "a.wav", "--emotion", "xyzzy")
    assert seen.code == 2
    assert max(map(len, seen.lines)) <= 80
    words = " ".join(seen.lines).split()
    assert {"excited,", "determined;", "--help"} <= set(words)


def test_nothing_covers_what_is_typed(voice: Voice) -> None:
    seen = voice.on_terminal("speak", "-", "-o", "a.wav", typed="Hello there.\n\x04")
    assert seen.code == 0
    assert "speaking" not in seen.raw
    assert "type what to say; Ctrl-D ends it" in seen.lines
    assert seen.lines[-1].endswith("s of speech in a.wav")


def test_no_voices_are_no_empty_table(voice: Voice) -> None:
    seen = voice.on_terminal("voices", "--search", "xyzzy")
    assert (seen.code, [line for line in seen.lines if line][-1]) == (0, "no voice is like this")
