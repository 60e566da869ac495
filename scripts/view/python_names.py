"""Conversion of names of the document to Python names."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from scripts.bundle import JSON

_WORDS = re.compile(
    r"(?:TTS|STT|SSE|WAV|MP3|API|URL)(?=[A-Z0-9_]|$)|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"
)
_BRACKETS = re.compile(r"\[([^\]]*)\]")


def words(name: str) -> list[str]:
    """Split a name at its capitals, digits and delimiters; known acronyms stay whole."""
    return [word for part in re.split(r"[^0-9A-Za-z]+", name) for word in _WORDS.findall(part)]


def snake_case(name: str) -> str:
    """``TTSSSEEvent`` -> ``tts_sse_event``, ``MP3Rate`` -> ``mp3_rate``."""
    text = "_".join(word.lower() for word in words(name))
    return re.sub(r"([a-z])_([0-9])", r"\1\2", text)


def pascal_case(name: str) -> str:
    """``fine_tunes`` -> ``FineTunes``; capitals that are there stay."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^0-9A-Za-z]+", name))


def identifier(name: str) -> str:
    """Make an identifier of a wire name: ``expand[]`` -> ``expand``, ``voice[id]`` -> ``voice_id``.

    ``continue`` and the other keywords get an underscore at the end.
    """
    flat = _BRACKETS.sub(lambda found: f"_{found[1]}" if found[1] else "", name)
    flat = re.sub(r"[^0-9A-Za-z_]", "_", flat)
    return f"{flat}_" if keyword.iskeyword(flat) else flat


def attribute(name: str) -> str:
    """Name the attribute of a model: as `identifier`, in snake_case."""
    plain = identifier(name)
    if re.search(r"[a-z0-9][A-Z]", plain):
        plain = snake_case(plain)
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def literal(value: JSON | tuple[str, ...]) -> str:
    """Write a value of the document as Python, with double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, Mapping):
        inside = ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(literal(item) for item in value)}]"
    return repr(value)
