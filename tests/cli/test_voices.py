"""``voices``: the list, one of them, and what can be done with it."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

from tests.cli.conftest import Voice
from tests.overrides.speaking import VOICE


def test_a_pipe_gets_a_line_for_each_voice(voice: Voice) -> None:
    run = voice("voices")
    assert run.code == 0
    rows = [line.split("\t") for line in run.lines]
    assert len(rows) > 40  # of several pages
    assert all(len(row) == 5 for row in rows)
    assert [VOICE, "Katie", "en", "feminine"] in [row[:4] for row in rows]


def test_voices_are_chosen_by_language_gender_text_and_owner(voice: Voice) -> None:
    def names(*options: str) -> list[str]:
        return [found["name"] for found in json.loads(voice("voices", "--json", *options).text)]

    assert names("--search", "katie") == ["Katie"]
    assert "Demo Clone" in names("--mine")
    assert "Katie" not in names("--mine")
    german = names("--language", "de", "--gender", "masculine")
    assert "Konrad" in german
    assert not {"Greta", "Katie"} & set(german)


def test_a_voice_is_shown_by_name_or_id(voice: Voice) -> None:
    assert f"id\t{VOICE}" in voice("voices", "show", "Katie").lines
    assert json.loads(voice("voices", "show", VOICE, "--json").text)["name"] == "Katie"
    missing = voice("voices", "show", "11111111-1111-1111-1111-111111111111")
    assert missing.code == 4


def test_a_voice_is_cloned_localized_changed_and_deleted(voice: Voice, hello: Path) -> None:
    made = voice("voices", "clone", str(hello), "--name", "Cli clone", "-d", "Mine.", "--json")
    clone = json.loads(made.text)
    assert (clone["name"], clone["description"], clone["language"]) == ("Cli clone", "Mine.", "en")
    german = json.loads(
        voice(
            "voices", "localize", clone["id"], "--language", "de", "--gender", "female", "--json"
        ).text
    )
    assert (german["name"], german["language"]) == ("Cli clone", "de")
    ambiguous = voice("voices", "delete", "cli clone", "--yes")
    assert ambiguous.code == 4
    assert german["id"] in ambiguous.errors
    changed = voice("voices", "update", german["id"], "--name", "Klon", "--gender", "masculine")
    assert "name\tKlon" in changed.lines
    assert "gender\tmasculine" in changed.lines
    for command in (("delete", "Kl", "--yes"), ("update", "Kl", "--name", "Other")):
        near = voice("voices", *command)
        assert near.code == 4
        assert german["id"] in near.errors
        assert "whole name" in near.errors
    refused = voice("voices", "delete", "Klon")
    assert refused.code == 2
    assert "--yes" in refused.errors
    deleted = voice("voices", "delete", "klon", "--yes", "--json")
    assert json.loads(deleted.text) == {"id": german["id"], "deleted": True}
    deleted = voice("voices", "delete", clone["id"], "-y")
    assert deleted.text == f"deleted Cli clone ({clone['id']})\n"
    assert voice("voices", "show", clone["id"]).code == 4


def test_a_question_is_asked_on_a_terminal(voice: Voice, hello: Path) -> None:
    made = json.loads(voice("voices", "clone", str(hello), "--name", "Asked", "--json").text)
    kept = voice.on_terminal("voices", "delete", made["id"], typed="n\n")
    assert kept.code == 0
    assert f"Delete the voice Asked ({made['id']})? [y/N]:" in kept.raw
    assert voice("voices", "show", made["id"]).code == 0
    gone = voice.on_terminal("voices", "delete", made["id"], typed="y\n")
    assert gone.code == 0
    assert f"deleted Asked ({made['id']})" in gone.raw
    assert voice("voices", "show", made["id"]).code == 4


def test_a_sample_is_written_and_played(voice: Voice) -> None:
    assert voice("voices", "preview", "katie", "-o", "katie.wav").code == 0
    with wave.open(str(voice.path("katie.wav"))) as file:
        assert file.getnframes() > file.getframerate() / 2
    played = voice.install("mpv")
    assert voice("voices", "preview", VOICE).code == 0
    assert played.read_bytes()[44:] == voice.path("katie.wav").read_bytes()[44:]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--gender", "male"), "--gender must be one of masculine"),
        (("clone", "a.wav"), "'--name'"),
        (("localize", VOICE, "--language", "de", "--gender", "x"), "--gender must be one of male"),
        (("localize", VOICE, "--language", "xx", "--gender", "male"), "--language must be one of"),
        (("clone", "a.wav", "--name", "x", "--language", "xx"), "--language must be one of en, fr"),
        (("update", VOICE, "--gender", "woman"), "--gender must be one of masculine, feminine"),
        (("clone", "a.wav", "--name", " "), "--name is empty"),
        (("update", VOICE, "--name", ""), "--name is empty"),
        (("show", ""), "the name of the voice is empty"),
        (("update", VOICE), "nothing to change"),
    ],
)
def test_what_cannot_be_done_is_said(
    voice: Voice, arguments: tuple[str, ...], complaint: str
) -> None:
    voice.path("a.wav").touch()
    run = voice("voices", *arguments)
    assert run.code == 2
    assert complaint in run.errors


def test_a_sample_without_a_player_can_be_written(voice: Voice) -> None:
    run = voice("voices", "preview", "katie", PATH=str(voice.programs))
    assert run.code == 1
    assert "or ffplay" in run.errors
    assert run.errors.endswith("; or write a file: -o FILE\n")
