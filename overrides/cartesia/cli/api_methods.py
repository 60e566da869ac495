"""The operations of the document, as the methods of the client, and their arguments as text."""

from __future__ import annotations

import inspect
import json
import re
import sys
import textwrap
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Callable, NamedTuple, cast

import typer

from cartesia.cli.files import check_input
from cartesia.cli.session import documented_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What a method says of itself: "`GET /voices/{id}`: https://docs...".
_ENDPOINT = re.compile(r"^`([A-Z]+) (/\S*)`", re.MULTILINE)
_WRAPPERS = ("with_raw_response", "with_streaming_response")
_ALTERNATIVES = re.compile(r"\s*\|\s*(?![^\[]*\])")
_SEQUENCE = re.compile(r"(?:Sequence|list)\[(.*)\]")
# A field of the section "Args": its name, and a text of several lines.
_FIELD = re.compile(r"^    (\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)
_WIDTH = 79
_SCALARS = frozenset({"str", "int", "float", "bool"})
_IGNORED = frozenset({"None", "Omit", "NotGiven"})
_FILE = "file"
_OBJECT = "object"
_WORDS = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    _FILE: "a file, or -",
    _OBJECT: "JSON",
}


class ApiMethod(NamedTuple):
    """A method of the client for an operation of the document.

    Attributes:
        name: Its name, such as ``voices.list``.
        verb: The HTTP method.
        path: The path of the API.
        call: The method.
    """

    name: str
    verb: str
    path: str
    call: Callable[..., object]

    @property
    def documentation(self) -> str:
        """What it does, takes and returns."""
        return inspect.getdoc(self.call) or ""

    @property
    def summary(self) -> str:
        """What it does, in one line."""
        return self.documentation.partition("\n")[0]

    def help(self, program: str) -> str:
        """Describe it as a command.

        Args:
            program: The name of the command that calls it.

        Returns:
            Lines of at most 80 columns.
        """
        parameters = inspect.signature(self.call).parameters.values()
        required = [
            f"--{_dashed(parameter.name)} ..."
            for parameter in parameters
            if parameter.default is parameter.empty
        ]
        described, _, arguments = self.documentation.partition("\nArgs:\n")
        fields = dict(_FIELD.findall(arguments.partition("\nReturns:")[0]))
        blocks = [
            _wrap(
                " ".join(("Usage:", program, self.name, *required, "[--field value ...]")), " " * 4
            ),
            *(_wrap(paragraph) for paragraph in described.split("\n\n")),
            "\n".join(_describe_field(parameter, fields) for parameter in parameters),
        ]
        return "\n\n".join(block for block in blocks if block)

    def arguments(self, given: Sequence[str]) -> tuple[list[object], dict[str, object]]:
        """Read the arguments of a call.

        Args:
            given: Values, and ``--field value`` or ``--field=value``, as often as a list has items.

        Returns:
            The arguments by position, and those by name.

        Raises:
            BadParameter: There is no such field, or a value is not of its type.
            OSError: A file cannot be read.
        """
        parameters = inspect.signature(self.call).parameters
        positional = [p for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        by_position: list[object] = []
        by_name: dict[str, object] = {}
        lists: dict[str, list[object]] = {}
        for name, value in _pairs(given):
            if name is None:
                if len(by_position) == len(positional):
                    raise typer.BadParameter(f"{self.name}: what is {value!r}? use --field value")
                parameter = positional[len(by_position)]
                by_position.append(FieldType(str(parameter.annotation)).read(parameter.name, value))
                continue
            if name not in parameters:
                raise typer.BadParameter(f"{self.name} has no field --{_dashed(name)}")
            kind = FieldType(str(parameters[name].annotation))
            read = kind.read(name, value)
            if kind.item is not None and isinstance(read, list):
                items = lists.setdefault(name, [])
                items.extend(cast("list[object]", read))
                read = items
            by_name[name] = read
        missing = [
            f"--{_dashed(parameter.name)}"
            for parameter in parameters.values()
            if parameter.default is parameter.empty
            and parameter.name not in by_name
            and parameter not in positional[: len(by_position)]
        ]
        if missing:
            raise typer.BadParameter(f"{self.name} needs {', '.join(missing)}")
        return by_position, by_name


class FieldType:
    """The type of a field, which tells how its text is read.

    Args:
        annotation: The annotation of the argument, as it is written.
    """

    def __init__(self, annotation: str) -> None:
        self.item: FieldType | None = None
        self.kinds: set[str] = set()
        self._values: tuple[object, ...] = ()
        for part in _ALTERNATIVES.split(annotation):
            sequence = _SEQUENCE.fullmatch(part)
            if sequence:
                self.item = FieldType(sequence[1])
            elif part == "FileTypes":
                self.kinds.add(_FILE)
            elif part == "TimeoutTypes":
                self.kinds.add("float")
            elif part in _SCALARS:
                self.kinds.add(part)
            elif part not in _IGNORED:
                values = documented_values(part)
                self.kinds |= {type(value).__name__ for value in values} or {_OBJECT}
                self._values += values

    def read(self, name: str, text: str | None) -> object:
        """Read a value.

        Args:
            name: The name of the field, for errors.
            text: The text; None for a flag.

        Returns:
            The value.

        Raises:
            BadParameter: It is not of this type.
            OSError: It is a file that cannot be read.
        """
        option = f"--{_dashed(name)}"
        if text is None:
            if "bool" in self.kinds:
                return True
            raise typer.BadParameter(f"{option} needs a value")
        if _FILE in self.kinds:
            return ("stdin", sys.stdin.buffer.read()) if text == "-" else check_input(Path(text))
        is_json = text[:1] in {"{", "["}
        if "str" in self.kinds and not (is_json and (self.item or _OBJECT in self.kinds)):
            return text
        if self.item is not None and not is_json:
            return [self.item.read(name, text)]
        try:
            value: object = json.loads(text)
        except ValueError:
            value = None
        if type(value).__name__ not in self._json_types():
            raise typer.BadParameter(
                f"{option} must be of the type: {self.description}; not {text!r}"
            )
        return value

    def _json_types(self) -> set[str]:
        names = self.kinds & _SCALARS
        if "float" in names:
            names |= {"int"}
        if self.item is not None:
            names |= {"list"}
        return names | ({"dict", "list"} if _OBJECT in self.kinds else set())

    @property
    def description(self) -> str:
        """The type, in words."""
        words = [text for kind, text in _WORDS.items() if kind in self.kinds]
        if self.item is not None:
            words.append(f"{self.item.description}; repeated, or as JSON")
        values = f": {', '.join(map(str, self._values))}" if self._values else ""
        return " or ".join(words) + values


def api_methods(client: object, above: str = "") -> Iterator[ApiMethod]:
    """Find the methods of a client, those of its resources included.

    Args:
        client: The client, or a resource of it.
        above: What stands before the names.

    Yields:
        The methods, in the order of the document.
    """
    for name in _public_names(type(client)):
        found = inspect.getattr_static(client, name)
        if isinstance(found, cached_property):
            yield from api_methods(getattr(client, name), f"{above}{name}.")
            continue
        endpoint = _ENDPOINT.search(inspect.getdoc(found) or "") if callable(found) else None
        # A method that has another name of its own is there under that name too.
        if endpoint is not None and getattr(found, "__name__", name) == name:
            yield ApiMethod(above + name, endpoint[1], endpoint[2], getattr(client, name))


def _public_names(kind: type) -> list[str]:
    names = (name for base in kind.__mro__ for name in vars(base))
    return [n for n in dict.fromkeys(names) if not n.startswith("_") and n not in _WRAPPERS]


def _pairs(given: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """Return names and values; the name of a value by position and the value of a flag are None."""
    position = 0
    while position < len(given):
        word = given[position]
        position += 1
        if not word.startswith("--"):
            yield None, word
            continue
        name, equals, value = word[2:].partition("=")
        if not equals and position < len(given) and not given[position].startswith("--"):
            value, equals = given[position], " "
            position += 1
        yield name.replace("-", "_"), value if equals else None


def _wrap(text: str, indent: str = "", first: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _describe_field(parameter: inspect.Parameter, texts: dict[str, str]) -> str:
    kind = FieldType(str(parameter.annotation)).description
    heading = _wrap(f"--{_dashed(parameter.name)} ({kind})", " " * 6, " " * 2)
    return f"{heading}\n{_wrap(texts.get(parameter.name, ''), ' ' * 6, ' ' * 6)}"


def _dashed(name: str) -> str:
    return name.replace("_", "-")
