"""Splitting transcripts into sentences."""

from __future__ import annotations

import re

from cartesia_mock.speech.markup import plain_text

# A sentence ends after its punctuation and closing quotes: immediately in scripts without
# spaces, else before white space or at the end of the text.
_END = re.compile(
    "[\u3002\uff01\uff1f\uff61]+[\u201d\u2019\u300d\u300f\uff09]*"
    # From the start of its punctuation only: long runs of it would take quadratic time.
    "|(?<![.!?\u2026\u061f\u0964])[.!?\u2026\u061f\u0964]+[\"'\u201d\u2019\u00bb)\\]]*(?=\\s|$)"
    "|\n+"
)
_UNFINISHED_NUMBER = re.compile(r"\d\.$")


def is_pronounceable(transcript: str) -> bool:
    """Return whether there is a letter or a digit outside of tags."""
    return any(character.isalnum() for character in plain_text(transcript))


def split_sentences(transcript: str) -> list[str]:
    """Split a transcript into sentences, so that audio can be sent sentence by sentence.

    Args:
        transcript: The text; one with tags is not split, as a tag may span sentences.

    Returns:
        The sentences; concatenated they are the transcript.
    """
    if "<" in transcript:
        return [transcript]
    sentences: list[str] = []
    start = checked = 0
    for end in _END.finditer(transcript):
        # Without tags, a text is pronounceable if one of its parts is.
        if is_pronounceable(transcript[checked : end.end()]):
            sentences.append(transcript[start : end.end()])
            start = end.end()
        checked = end.end()
    rest = transcript[start:]
    if not sentences or is_pronounceable(rest):
        return [*sentences, rest]
    return [*sentences[:-1], sentences[-1] + rest]


def complete_length(buffer: str) -> int:
    """Return the length of the complete sentences at the start of a growing text.

    Args:
        buffer: The text so far; more may follow.

    Returns:
        The number of characters up to the end of the last complete sentence, with the white
        space after it. A full stop after a number at the end of the text does not complete a
        sentence: decimals may follow.
    """
    if buffer.rfind("<") > buffer.rfind(">"):
        return 0  # A tag is still open.
    complete = 0
    for end in _END.finditer(buffer):
        if end.end() < len(buffer) or not _UNFINISHED_NUMBER.search(buffer):
            complete = end.end()
    complete += len(buffer[complete:]) - len(buffer[complete:].lstrip())
    return complete if is_pronounceable(buffer[:complete]) else 0
