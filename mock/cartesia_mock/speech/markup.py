"""Transcript markup: SSML-like tags for pauses, speed, volume and spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cartesia_mock.speech.tokenization import split_words

_TAG = re.compile(
    r"<\s*(?:(/)\s*)?([a-zA-Z][\w:-]*)((?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?:/\s*)?>"
)
_PHONEMES = re.compile(r"<<([^<>]*)>>")
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TIME = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(ms|s)?\s*")
_MAX_BREAK_SECONDS = 30.0
_SPEEDS = (0.25, 4.0)
_VOLUMES = (0.0, 4.0)


@dataclass(frozen=True)
class SpokenWord:
    """One word of the transcript.

    Attributes:
        text: The word as written in the transcript.
        spoken: What is spoken for it (separate letters when it is spelled).
        phonemes: IPA symbols to speak in place of `spoken`, if there are any.
    """

    text: str
    spoken: str
    phonemes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passage:
    """Words that are spoken without a pause, with the same speed and volume.

    Attributes:
        words: At least one word.
        speed: Multiplier of the requested speed.
        volume: Multiplier of the requested volume.
    """

    words: tuple[SpokenWord, ...]
    speed: float = 1.0
    volume: float = 1.0


@dataclass(frozen=True)
class Pause:
    """A pause, in seconds."""

    seconds: float


def parse_transcript(transcript: str, language: str = "en") -> list[Passage | Pause]:
    """Parse a transcript with tags.

    `<break time="1s"/>` is a pause, `<speed ratio="1.2"/>` and `<volume ratio="0.8"/>` apply until
    the next tag of the same name, `<spell>...</spell>` is spelled letter by letter; all other tags
    are ignored. `<<t|ɛ|s|t>>` is a word in IPA.

    Args:
        transcript: The text as the client sent it.
        language: Its language code, which decides how words are split.

    Returns:
        The passages and the pauses, in order.
    """
    parts: list[Passage | Pause] = []
    words: list[SpokenWord] = []
    speed = volume = 1.0
    spelled = False

    def finish() -> None:
        if words:
            parts.append(Passage(tuple(words), speed, volume))
            words.clear()

    for piece in _pieces(transcript):
        if isinstance(piece, str):
            words += _words(piece, language, spelled=spelled)
            continue
        name, attributes, closing = piece
        if name == "spell":
            spelled = not closing
        elif name == "break" and not closing:
            finish()
            parts.append(Pause(_seconds(attributes.get("time", "0.5s"))))
        elif name == "speed" and not closing:
            finish()
            speed = _ratio(attributes, _SPEEDS)
        elif name == "volume" and not closing:
            finish()
            volume = _ratio(attributes, _VOLUMES)
    finish()
    return parts


def _words(text: str, language: str, *, spelled: bool) -> Iterator[SpokenWord]:
    at = 0
    for block in _PHONEMES.finditer(text):
        yield from _plain_words(text[at : block.start()], language, spelled=spelled)
        at = block.end()
        # Punctuation after the block belongs to its word.
        while at < len(text) and not (text[at].isspace() or text[at].isalnum() or text[at] == "<"):
            at += 1
        phonemes = tuple(each.strip() for each in block.group(1).split("|") if each.strip())
        if phonemes:
            yield SpokenWord(text[block.start() : at], "".join(phonemes), phonemes)
    yield from _plain_words(text[at:], language, spelled=spelled)


def _plain_words(text: str, language: str, *, spelled: bool) -> Iterator[SpokenWord]:
    for token in split_words(text, language):
        yield SpokenWord(token, " ".join(token) if spelled else token)


def plain_text(transcript: str) -> str:
    """Return the transcript without its tags."""
    without = "".join(piece if isinstance(piece, str) else " " for piece in _pieces(transcript))
    return re.sub(r"\s+", " ", without).strip() if without != transcript else transcript.strip()


def _pieces(transcript: str) -> Iterator[str | tuple[str, dict[str, str], bool]]:
    at = 0
    for tag in _TAG.finditer(_PHONEMES.sub(lambda block: "_" * len(block.group()), transcript)):
        if tag.start() > at:
            yield transcript[at : tag.start()]
        at = tag.end()
        closing, name, attributes = tag.group(1), tag.group(2), tag.group(3)
        pairs = {key: double or single for key, double, single in _ATTRIBUTE.findall(attributes)}
        yield name.lower(), pairs, bool(closing)
    if at < len(transcript):
        yield transcript[at:]


def _seconds(time: str) -> float:
    match = _TIME.fullmatch(time)
    if match is None:
        return 0.5
    seconds = float(match.group(1)) / (1000 if match.group(2) == "ms" else 1)
    return min(seconds, _MAX_BREAK_SECONDS)


def _ratio(attributes: dict[str, str], bounds: tuple[float, float]) -> float:
    try:
        ratio = float(attributes.get("ratio", "1"))
    except ValueError:
        return 1.0
    return min(max(bounds[0], ratio), bounds[1])
