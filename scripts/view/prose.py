"""Docstrings: descriptions of the document, escaped and wrapped."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

WIDTH = 100


def clean(text: str) -> str:
    """Make text safe inside a docstring."""
    return text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def with_article(noun: str) -> str:
    """Write a noun with its indefinite article."""
    has_vowel = noun[0] in "aeiou" and not noun.startswith("uni")  # a union
    return f"{'an' if has_vowel else 'a'} {noun}"


def ended(text: str) -> str:
    """Add a full stop, unless the text ends with punctuation."""
    text = text.strip()
    return text if not text or text[-1] in ".!?:" else f"{text}."


def sentence(text: str) -> str:
    """Return a text as a sentence, safe inside a docstring."""
    return clean(ended(text))


def first_sentence(text: str) -> tuple[str, str]:
    """Split a text after its first sentence."""
    opening, _, rest = text.partition("\n\n")
    flat = " ".join(opening.split())
    found = re.match(r"(.+?[.!?])(?:\s+(?=[A-Z`\"(])|$)", flat)
    if found is None:
        return flat, rest
    return found[1], "\n\n".join(part for part in (flat[found.end() :], rest) if part.strip())


def wrap(text: str, indent: int, hanging: int = 0) -> list[str]:
    """Wrap one paragraph so that, printed at ``indent``, it stays within the line length."""
    return textwrap.wrap(
        " ".join(text.split()),
        WIDTH - indent,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def paragraphs(text: str, indent: int) -> list[str]:
    """Wrap a text of several paragraphs; lists keep their lines."""
    lines: list[str] = []
    for block in re.split(r"\n\s*\n", clean(text)):
        if not block.strip():
            continue
        if lines:
            lines.append("")
        if re.match(r"\s*[-*] ", block):
            for item in re.split(r"\n(?=\s*[-*] )", block):
                lines += wrap(item, indent, 2)
        else:
            lines += wrap(block, indent)
    return lines


def note(text: str, indent: int) -> list[str]:
    """Write the docstring of an attribute or a type; its first line leaves room for the quotes."""
    if not text:
        return []
    room = "\0" * 6
    first, *rest = paragraphs(f"{room}{ended(text)}", indent)
    lines = [first.removeprefix(room), *rest]
    if lines[-1].endswith('"'):
        lines[-1] += " "
    return lines


def described(text: str, indent: int) -> list[str]:
    """Write the docstring of a class or a type: the first sentence, then what more there is."""
    summary, rest = first_sentence(text)
    more = paragraphs(rest, indent)
    return [*note(summary, indent), *(["", *more] if more else [])]


def section(title: str, entries: Sequence[tuple[str, str]], indent: int) -> list[str]:
    """Write ``Args:``, ``Returns:`` or ``Raises:``; an entry without a name is plain text."""
    if not entries:
        return []
    lines = [f"{title}:"]
    for name, text in entries:
        entry = f"{name}: {sentence(text)}" if name else sentence(text)
        lines += ["    " + line for line in wrap(entry, indent + 4, 4 if name else 0)]
    return lines


def docstring(summary: str, parts: Sequence[Sequence[str]]) -> list[str]:
    """Join the first sentence and further parts, with a blank line between two."""
    lines = [sentence(summary)]
    for part in parts:
        if part:
            lines += ["", *part]
    if lines[-1].endswith('"'):
        lines[-1] += " "
    return lines
