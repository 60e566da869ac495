"""How the values of a call are written into a path, a query string and the fields of a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from cartesia._runtime.model import Model
from cartesia._runtime.sentinels import Omit

if TYPE_CHECKING:
    from collections.abc import Iterator


def fill_path(template: str, values: Mapping[str, str]) -> str:
    """Put values into a path, each as one percent-encoded segment.

    Args:
        template: The path with ``{name}`` in place of values.
        values: The values.

    Returns:
        The path.

    Raises:
        ValueError: A value is empty, or would change the shape of the path.
        TypeError: A value is no text.
    """
    for name, value in values.items():
        # A caller without a type checker may pass anything.
        if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"`{name}` must be a str, not {value!r:.80}")
        if value.strip(".") == "":
            raise ValueError(f"`{name}` must not be empty, and not be {value!r}")
        template = template.replace(f"{{{name}}}", _quote(name, value))
    return template


def encode_query(*layers: Mapping[str, object] | None) -> str:
    """Write a query string.

    Args:
        layers: Parameters; those of a later layer win.

    Returns:
        The query string, empty when there is nothing to say. A space is ``%20``, never ``+``.
    """
    merged: dict[str, object] = {}
    for layer in layers:
        if layer:
            merged.update(layer)
    return "&".join(f"{_quote(key, key)}={_quote(key, text)}" for key, text in _pairs(merged, ""))


def _quote(name: str, text: str) -> str:
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as error:
        raise ValueError(f"`{name}` holds half a surrogate pair: {text!r:.80}") from error


def form_fields(*layers: Mapping[str, object] | None) -> list[tuple[str, str]]:
    """Write the fields of a multipart form.

    Args:
        layers: Fields; those of a later layer win.

    Returns:
        Names and texts; objects have become ``name[field]``, lists repeat their name.
    """
    merged: dict[str, object] = {}
    for layer in layers:
        if layer:
            merged.update(layer)
    return list(_pairs(merged, ""))


def _pairs(values: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    """Take nested values apart into pairs; what is ``omit`` or None is left out."""
    for name, value in values.items():
        key = f"{prefix}[{name}]" if prefix else name
        yield from _pairs_of(key, value)


def _pairs_of(key: str, value: object) -> Iterator[tuple[str, str]]:
    if value is None or isinstance(value, Omit):
        return
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, bool):
        yield key, "true" if value else "false"
    elif isinstance(value, date):  # a datetime is one too
        yield key, value.isoformat()
    elif isinstance(value, Mapping):
        yield from _pairs(cast("Mapping[str, object]", value), key)
    elif isinstance(value, Model):
        yield from _pairs(value.to_dict(), key)
    elif isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray)):
        for item in cast("Iterable[object]", value):
            yield from _pairs_of(key, item)
    elif isinstance(value, (bytes, bytearray)) or _says_nothing(type(value)):
        raise TypeError(f"`{key}` cannot be sent: its type is {type(value).__name__}")
    else:
        yield key, str(value)


def _says_nothing(kind: type) -> bool:
    """Say whether the text of an object would only be where it lies in memory."""
    return all(getattr(kind, name) is getattr(object, name) for name in ("__str__", "__repr__"))
