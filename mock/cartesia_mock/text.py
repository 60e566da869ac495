"""Transcripts cut into what can be spoken: sentences, and the parts that have no word."""

from __future__ import annotations

import re

from cartesia_mock.speech.markup import plain_text

# A sentence ends behind its marks and the quotes that follow them: at once in scripts without
# spaces, else before white space or at the end of the text.
_END = re.compile(
    "[\u3002\uff01\uff1f\uff61]+[\u201d\u2019\u300d\u300f\uff09]*"
    "|[.!?\u2026\u061f\u0964]+[\"'\u201d\u2019\u00bb)\\]]*(?=\\s|$)"
    "|\n+"
)
_OPEN_NUMBER = re.compile(r"\d\.$")


def is_pronounceable(transcript: str) -> bool:
    """Say whether there is anything to speak: a letter or a digit outside of tags."""
    return any(character.isalnum() for character in plain_text(transcript))


def split_sentences(transcript: str) -> list[str]:
    """Cut a transcript into sentences, so that the first can be heard before the last is made.

    Args:
        transcript: The text; one with tags stays whole, as a tag may reach over sentences.

    Returns:
        The sentences; joined they are the transcript.
    """
    if "<" in transcript:
        return [transcript]
    sentences: list[str] = []
    start = 0
    for end in _END.finditer(transcript):
        if is_pronounceable(transcript[start : end.end()]):
            sentences.append(transcript[start : end.end()])
            start = end.end()
    rest = transcript[start:]
    if not sentences or is_pronounceable(rest):
        return [*sentences, rest]
    return [*sentences[:-1], sentences[-1] + rest]


def complete_part(buffer: str) -> int:
    """Say how much of a growing text is complete sentences.

    Args:
        buffer: The text so far; more may follow.

    Returns:
        The number of characters up to the end of the last complete sentence, with the white
        space behind it. A number with a
        full stop behind it is not held for one: the rest of the number may follow.
    """
    if buffer.rfind("<") > buffer.rfind(">"):
        return 0  # A tag is still open.
    complete = 0
    for end in _END.finditer(buffer):
        if end.end() < len(buffer) or not _OPEN_NUMBER.search(buffer):
            complete = end.end()
    complete += len(buffer[complete:]) - len(buffer[complete:].lstrip())
    return complete if is_pronounceable(buffer[:complete]) else 0
