"""Encodes the values of a request as a path, a query string or the fields of a form."""

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
        ValueError: A value is empty, or would change the structure of the path.
        TypeError: A value is not a str.
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
    """Encode a query string.

    Args:
        layers: Parameters; those of a later layer win.

    Returns:
        The query string, empty without parameters. A space is ``%20``, never ``+``.
    """
    return "&".join(f"{_quote(key, key)}={_quote(key, text)}" for key, text in form_fields(*layers))


def form_fields(*layers: Mapping[str, object] | None) -> list[tuple[str, str]]:
    """Flatten nested values into the fields of a form.

    Args:
        layers: Fields; those of a later layer win. ``omit`` and None are left out.

    Returns:
        Names and texts; objects have become ``name[field]``, lists repeat their name.
    """
    merged: dict[str, object] = {}
    for layer in layers:
        if layer:
            merged.update(layer)
    return [pair for name, value in merged.items() for pair in _flatten(name, value)]


def _flatten(key: str, value: object) -> Iterator[tuple[str, str]]:
    if value is None or isinstance(value, Omit):
        return
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, bool):
        yield key, "true" if value else "false"
    elif isinstance(value, date):  # a datetime is one too
        yield key, value.isoformat()
    elif isinstance(value, (Mapping, Model)):
        fields = (
            value.to_dict() if isinstance(value, Model) else cast("Mapping[str, object]", value)
        )
        for name, item in fields.items():
            yield from _flatten(f"{key}[{name}]", item)
    elif isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray)):
        for item in cast("Iterable[object]", value):
            yield from _flatten(key, item)
    elif isinstance(value, (bytes, bytearray)) or _has_no_text(type(value)):
        raise TypeError(f"`{key}` cannot be sent: its type is {type(value).__name__}")
    else:
        yield key, str(value)


def _has_no_text(kind: type) -> bool:
    """Tell whether `str` gives nothing but the class and the address of an object."""
    return all(getattr(kind, name) is getattr(object, name) for name in ("__str__", "__repr__"))


def _quote(name: str, text: str) -> str:
    return quote(encode_text(name, text), safe="")


def encode_text(name: str, text: str) -> bytes:
    """Encode a text as UTF-8.

    Args:
        name: The name of the argument, for the error.
        text: The text.

    Returns:
        The bytes.

    Raises:
        ValueError: It holds an unpaired surrogate.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"`{name}` holds an unpaired surrogate: {text!r:.80}") from error
