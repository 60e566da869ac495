"""JSON as Python sees it, and typed access to the fields of a validated object."""

from __future__ import annotations

import json
from typing import NoReturn, TypeAlias, Union

JSONValue: TypeAlias = Union[bool, int, float, str, list["JSONValue"], dict[str, "JSONValue"], None]
JSONObject: TypeAlias = dict[str, JSONValue]


class Fields:
    """The fields of a JSON object that the document's schema has already judged.

    A field that is absent and one that is null read the same: as the default. A field of another
    type than the one asked for reads as the default too, so nothing here needs a cast.

    Args:
        data: The object.
    """

    def __init__(self, data: JSONObject) -> None:
        self.data = data

    def has(self, name: str) -> bool:
        """Say whether there is a value called `name` that is not null."""
        return self.data.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Give the text called `name`."""
        value = self.data.get(name)
        return value if isinstance(value, str) else default

    def number(self, name: str) -> float | None:
        """Give the number called `name`, or None."""
        value = self.data.get(name)
        return float(value) if isinstance(value, (int, float)) else None

    def integer(self, name: str) -> int | None:
        """Give the integer called `name`, or None."""
        number = self.number(name)
        return None if number is None else int(number)

    def flag(self, name: str) -> bool | None:
        """Give the boolean called `name`, or None."""
        value = self.data.get(name)
        return value if isinstance(value, bool) else None

    def texts(self, name: str) -> list[str]:
        """Give the list of texts called `name`."""
        value = self.data.get(name)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def object(self, name: str) -> Fields:
        """Give the fields of the object called `name`: none when there is no such object."""
        return Fields(as_object(self.data.get(name)))


def as_object(value: JSONValue) -> JSONObject:
    """Give a JSON object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: JSONValue) -> list[JSONValue]:
    """Give a JSON array, or an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def parse_json(text: str | bytes) -> JSONValue:
    """Read JSON strictly: no NaN, no lone surrogates, no depth that the interpreter cannot hold.

    Args:
        text: The document as text, or as bytes in UTF-8.

    Returns:
        The value.

    Raises:
        ValueError: It is not JSON; the text says what and where.
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
