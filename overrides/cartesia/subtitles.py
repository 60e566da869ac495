"""Subtitles from the times of words: cues, and their SubRip (SRT) and WebVTT files.

>>> from cartesia.subtitles import Word, cues, to_srt
>>> print(to_srt(cues([Word("Hello,", 0.0, 0.4), Word("world!", 0.5, 0.9)])), end="")
1
00:00:00,000 --> 00:00:01,000
Hello, world!
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Union, cast

from attrs import define, field, validators

from cartesia._runtime.model import Model

_SENTENCE_ENDS = frozenset(".!?…。！？؟۔।")  # noqa: RUF001 # marks of other scripts
_CLAUSE_ENDS = frozenset(",;:،؛、，；：—")  # noqa: RUF001 # as above
_CLOSING = "\"'’”»)]）」』"  # noqa: RUF001 # as above
# Scripts without spaces between words: their first and last code points.
_UNSPACED = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Burmese
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3000", "\u30ff"),  # punctuation of Chinese and Japanese, kana
    ("\u3400", "\u9fff"),  # Chinese characters
    ("\uf900", "\ufaff"),
    ("\uff00", "\uff9f"),  # full-width forms
    ("\U00020000", "\U0003ffff"),
)
_RIGHT_TO_LEFT_MARK = "\u200f"


Source = Union[Model, Iterable[object]]
"""A transcript, timestamps of speech, or an iterable of words, of events, or of their JSON."""


class Word(NamedTuple):
    """A word and its times.

    Attributes:
        word: The word, with its punctuation.
        start: Its start, in seconds.
        end: Its end, in seconds.
    """

    word: str
    start: float
    end: float


class Cue(NamedTuple):
    """What is shown at one time.

    Attributes:
        start: When it appears, in seconds.
        end: When it goes, in seconds.
        text: What is shown; lines are separated by a line feed.
    """

    start: float
    end: float
    text: str


@define(frozen=True, kw_only=True)
class Layout:
    """How words become cues.

    Args:
        width: The longest line, in columns; characters of Chinese, Japanese and Korean take two.
        lines: The most lines of a cue.
        shortest: Seconds for which a cue stays at least, if the next one leaves room.
        longest: Seconds for which a cue stays at most.
        pause: Seconds of silence between two words that always begin a new cue.
    """

    width: int = field(default=42, validator=validators.ge(1))
    lines: int = field(default=2, validator=validators.ge(1))
    shortest: float = field(default=1.0, validator=validators.ge(0))
    longest: float = field(default=6.0, validator=validators.gt(0))
    pause: float = field(default=0.8, validator=validators.gt(0))


def words_of(source: Source) -> list[Word]:
    """Read the times of words.

    Args:
        source: A transcript, timestamps of speech, words, or an iterable of any of these and of
            events: those that hold no times of words are skipped.

    Returns:
        The words in the order of their starts; empty ones are left out.

    Raises:
        TypeError: There is something that has no times of words and is no event either.
    """
    words = [Word(word.strip(), start, end) for word, start, end in _read(source)]
    return sorted((word for word in words if word.word), key=lambda word: word.start)


def cues(source: Source, layout: Layout | None = None) -> list[Cue]:
    """Divide timed words into cues.

    A cue ends with its sentence, at a pause, or where it is full; then after a comma, if there is
    one in its second half. Cues never overlap.

    Args:
        source: What `words_of` takes: a transcript with ``timestamp_granularities=["word"]``, the
            events of speech with ``add_timestamps=True``, or words.
        layout: How words become cues.

    Returns:
        The cues, in order.

    Raises:
        TypeError: There is something that has no times of words and is no event either.
    """
    layout = layout or Layout()
    made = [
        Cue(part[0].start, max(word.end for word in part), _break_lines(part, layout))
        for part in _divide(words_of(source), layout)
    ]
    starts = [cue.start for cue in made[1:]] + [float("inf")]
    return [
        cue._replace(end=min(max(cue.end, cue.start + layout.shortest), following))
        for cue, following in zip(made, starts)
    ]


def to_srt(source: Iterable[Cue]) -> str:
    """Write cues as SubRip.

    Lines of right-to-left scripts are marked as such, since players of this format assume
    left-to-right, and would put their punctuation at the wrong end.

    Args:
        source: The cues.

    Returns:
        The text of an ``.srt`` file, to be written as UTF-8.
    """
    return "\n".join(
        f"{number}\n{_time(cue.start, ',')} --> {_time(cue.end, ',')}\n"
        + "".join(f"{_mark_direction(line)}\n" for line in _lines(cue))
        for number, cue in enumerate(source, 1)
    )


def to_vtt(source: Iterable[Cue]) -> str:
    """Write cues as WebVTT.

    Args:
        source: The cues.

    Returns:
        The text of a ``.vtt`` file, to be written as UTF-8.
    """
    blocks = [
        f"{_time(cue.start, '.')} --> {_time(cue.end, '.')}\n"
        + "".join(f"{_escape(line)}\n" for line in _lines(cue))
        for cue in source
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _read(source: object) -> Iterator[tuple[str, float, float]]:
    """Read whatever has times: words, models of the API of any date, their JSON, and iterables."""
    if isinstance(source, Word):
        yield source
    elif isinstance(source, Model):
        yield from _read_object(source.to_dict())
    elif isinstance(source, Mapping):
        yield from _read_object(cast("Mapping[str, object]", source))
    elif isinstance(source, Iterable) and not isinstance(source, (str, bytes)):
        for item in cast("Iterable[object]", source):
            yield from _read(item)
    else:
        raise TypeError(
            f"{source!r:.80} has no times of words: pass a transcript, the events of speech, or "
            "words with their starts and ends"
        )


def _read_object(data: Mapping[str, object]) -> Iterator[tuple[str, float, float]]:
    """Read a JSON object; one of another kind holds no words."""
    if "word" in data:
        yield cast("str", data["word"]), cast("float", data["start"]), cast("float", data["end"])
    elif "start" in data and "words" in data:
        columns = (cast("list[str]", data["words"]), data["start"], data["end"])
        yield from zip(columns[0], cast("list[float]", columns[1]), cast("list[float]", columns[2]))
    else:
        inside = data.get("words") or data.get("word_timestamps")
        yield from _read(inside or ())


def _divide(words: list[Word], layout: Layout) -> Iterator[list[Word]]:
    """Divide words into the parts that become cues."""
    part: list[Word] = []
    for word in words:
        if part and word.start - part[-1].end >= layout.pause:
            yield part
            part = []
        while part and not _fits([*part, word], layout):
            cut = _clause_end(part)
            yield part[:cut]
            part = part[cut:]
        part.append(word)
        if _ends_with(word.word, _SENTENCE_ENDS):
            yield part
            part = []
    if part:
        yield part


def _fits(part: list[Word], layout: Layout) -> bool:
    is_short = part[-1].end - part[0].start <= layout.longest
    return is_short and len(_wrap(part, layout.width)) <= layout.lines


def _clause_end(part: list[Word]) -> int:
    """Return how many words a full cue keeps: those of whole clauses, unless these are too few."""
    for count in range(len(part), len(part) // 2, -1):
        if _ends_with(part[count - 1].word, _CLAUSE_ENDS):
            return count
    return len(part)


def _ends_with(word: str, marks: frozenset[str]) -> bool:
    return word.rstrip(_CLOSING)[-1:] in marks


def _wrap(part: list[Word], width: int) -> list[str]:
    """Fill lines one after the other; a word that is longer than a line has one of its own."""
    lines: list[str] = []
    for word in part:
        longer = _join(lines[-1], word.word) if lines else ""
        if lines and _columns(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word.word)
    return lines


def _break_lines(part: list[Word], layout: Layout) -> str:
    """Break the text of a cue into as few lines as it needs, of about the same length."""
    lines = _wrap(part, layout.width)
    narrower = layout.width
    while narrower > 1 and len(_wrap(part, narrower - 1)) == len(lines):
        narrower -= 1
    return "\n".join(_wrap(part, narrower))


def _join(text: str, word: str) -> str:
    """Put a word behind a text; between scripts without spaces there is none."""
    is_spaced = not (_is_unspaced(text[-1]) and _is_unspaced(word[0]))
    return f"{text} {word}" if is_spaced else text + word


def _is_unspaced(character: str) -> bool:
    return any(first <= character <= last for first, last in _UNSPACED)


def _columns(text: str) -> int:
    """Return how wide a text is; characters that combine with others take no room."""
    return sum(
        2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
        if not unicodedata.combining(character)
    )


def _lines(cue: Cue) -> list[str]:
    """Return the lines of a cue; an empty one would end it."""
    return [line for line in cue.text.splitlines() if line.strip()]


def _mark_direction(line: str) -> str:
    strong = (unicodedata.bidirectional(character) for character in line)
    first = next((kind for kind in strong if kind in {"L", "R", "AL"}), "L")
    return line if first == "L" else f"{_RIGHT_TO_LEFT_MARK}{line}{_RIGHT_TO_LEFT_MARK}"


def _escape(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(seconds: float, point: str) -> str:
    milliseconds = max(round(seconds * 1000), 0)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
