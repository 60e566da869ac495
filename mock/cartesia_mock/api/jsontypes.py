"""JSON values: their types, strict parsing, and typed access to the fields of an object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn, Union

if TYPE_CHECKING:
    from typing import TypeAlias  # new in Python 3.10

JSONValue: TypeAlias = Union[bool, int, float, str, list["JSONValue"], dict[str, "JSONValue"], None]
JSONObject: TypeAlias = dict[str, JSONValue]


class JSONFields:
    """Typed access to a JSON object that was already validated by its schema.

    A field that is absent, null, or of another type than the one asked for reads as the default.

    Args:
        data: The object.
    """

    def __init__(self, data: JSONObject) -> None:
        self.data = data

    def has(self, name: str) -> bool:
        """Return whether the field `name` is present and not null."""
        return self.data.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Return the string field `name`."""
        value = self.data.get(name)
        return value if isinstance(value, str) else default

    def number(self, name: str) -> float | None:
        """Return the number field `name`, or None."""
        value = self.data.get(name)
        return float(value) if isinstance(value, (int, float)) else None

    def integer(self, name: str) -> int | None:
        """Return the integer field `name`, or None."""
        number = self.number(name)
        return None if number is None else int(number)

    def flag(self, name: str) -> bool | None:
        """Return the boolean field `name`, or None."""
        value = self.data.get(name)
        return value if isinstance(value, bool) else None

    def texts(self, name: str) -> list[str]:
        """Return the strings of the array field `name`."""
        value = self.data.get(name)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def object(self, name: str) -> JSONFields:
        """Return the object field `name`; an empty object when there is none."""
        return JSONFields(as_object(self.data.get(name)))


def as_object(value: JSONValue) -> JSONObject:
    """Return a JSON object unchanged, and an empty object for any other value."""
    return value if isinstance(value, dict) else {}


def as_list(value: JSONValue) -> list[JSONValue]:
    """Return a JSON array unchanged, and an empty array for any other value."""
    return value if isinstance(value, list) else []


def compact_json(value: JSONValue) -> str:
    """Return a value as JSON, as short as it can be, with characters beyond ASCII as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parse_json(text: str | bytes) -> JSONValue:
    """Parse JSON strictly: no NaN, no unpaired surrogates, no nesting beyond the recursion limit.

    Args:
        text: The JSON as text, or as bytes in UTF-8.

    Returns:
        The value.

    Raises:
        ValueError: The text is not valid JSON.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value: JSONValue = json.loads(text, parse_constant=_refuse_constant)
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    except UnicodeError:
        raise ValueError("the text is not valid Unicode") from None
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
