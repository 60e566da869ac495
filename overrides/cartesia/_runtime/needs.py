"""Checks that a call is what its operation needs: a slip is told by the name of the argument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cartesia._runtime.model import Model
from cartesia._runtime.sentinels import Omit

if TYPE_CHECKING:
    from cartesia._runtime.request import Need, Operation

_TEXTS = (str, bytes, bytearray)
_OBJECTS = (Mapping, Model)
# What is surely wrong. All else is for the encoder, or the server, to judge.
_WRONG: dict[str, tuple[type, ...]] = {
    "array": (*_TEXTS, *_OBJECTS, int, float),
    "number": (*_TEXTS, *_OBJECTS, bool, list),
    "integer": (*_TEXTS, *_OBJECTS, bool, list, float),
    "boolean": (*_TEXTS, *_OBJECTS, list, float),
}


def check_needs(
    operation: Operation, extra: Mapping[str, object], *given: Mapping[str, object] | None
) -> None:
    """Check the fields of a body, and the query parameters.

    Args:
        operation: What is called.
        extra: Fields that the caller adds on their own account; they are not looked at.
        given: Fields, files and query parameters.

    Raises:
        TypeError: A field is missing, or of a type that cannot be right.
        ValueError: A text is too short.
    """
    values: dict[str, object] = {}
    for fields in given:
        if fields:
            values.update(fields)
    for need in operation.needs:
        value = values.get(need.name)
        if value is not None and not isinstance(value, Omit):
            if need.name not in extra:
                _check(need, value)
        elif not need.optional and need.name not in extra:
            raise TypeError(f"`{_called(need)}` is missing: {operation.name} needs it")


def _called(need: Need) -> str:
    return need.argument or need.name


def _check(need: Need, value: object) -> None:
    if need.kind == "string":
        if not isinstance(value, str):
            raise TypeError(f"`{_called(need)}` must be a str, not {value!r:.80}")
        if len(value) < need.least:
            raise ValueError(f"`{_called(need)}` must not be empty")
    elif need.kind == "object":
        if not isinstance(value, _OBJECTS):
            raise TypeError(f"`{_called(need)}` must be a dict or a model, not {value!r:.80}")
    elif isinstance(value, _WRONG.get(need.kind, ())):
        text = f"`{_called(need)}` must be of the JSON type {need.kind}, not {value!r:.80}"
        raise TypeError(text)
