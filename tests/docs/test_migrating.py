"""The guides to newer dates: each pair of examples runs, before and after, and all changes are told."""

from __future__ import annotations

import re
from datetime import datetime
from types import ModuleType

import pytest

import cartesia
import cartesia.v2026_08_14
from scripts.bundle import MAIN_FILE
from scripts.spec_diff import compare, read_dates, report
from tests.overrides.speaking import VOICE, WAV

GUIDES = MAIN_FILE.parents[1] / "docs" / "migrating"
CLIENTS = {"2025-11-04": cartesia, "2026-08-14": cartesia.v2026_08_14}
PAIR = re.compile(
    r"^```python before\n(.*?)^```\n\n```python after\n(.*?)^```", re.MULTILINE | re.DOTALL
)
TITLE = re.compile(r"# From API version (\S+) to (\S+)")


def guides() -> list[tuple[str, str, str]]:
    """Return the dates that each guide leads from and to, and its text."""
    found: list[tuple[str, str, str]] = []
    for path in sorted(GUIDES.glob("*.md")):
        text = path.read_text("utf-8")
        title = TITLE.match(text)
        assert title is not None
        assert title[2] == path.stem
        found.append((title[1], title[2], text))
    return found


PAIRS = [
    (date, code)
    for old, new, text in guides()
    for pair in PAIR.findall(text)
    for date, code in zip((old, new), pair, strict=True)
]


@pytest.mark.parametrize(("date", "code"), PAIRS)
def test_the_code_of_each_date_runs(mock_url: str, date: str, code: str) -> None:
    package: ModuleType = CLIENTS[date]
    with package.Cartesia(api_key="good", base_url=mock_url) as client:
        speech = client.tts.generate(
            model_id="sonic-3", transcript="Hello there.", voice=VOICE, output_format=WAV
        )
        known = {"client": client, "VOICE": VOICE, "WAV": WAV, "CLIP": ("a.wav", speech.read())}
        before = {voice.id for voice in client.voices.list(is_owner=True)}
        exec(code, {**known, "NotFoundError": package.NotFoundError})  # noqa: S102  # our own guide
        for voice in client.voices.list(is_owner=True):
            if voice.id not in before:
                client.voices.delete(voice.id)


def test_there_are_examples() -> None:
    assert len(PAIRS) >= 14
    for _, _, text in guides():
        assert text.count("```python before") == text.count("```python after")
        assert len(PAIR.findall(text)) == text.count("```python before")


@pytest.mark.parametrize(("old", "new", "text"), guides(), ids=lambda value: value[:10])
def test_every_change_is_told(old: str, new: str, text: str) -> None:
    told = text.partition("<!-- spec-diff -->\n\n")[2]
    wanted = report(compare(*read_dates([old, new], MAIN_FILE)))
    assert told == wanted, f"put what `make spec-diff FROM={old} TO={new}` prints there"
    assert datetime.fromisoformat(old) < datetime.fromisoformat(new)
