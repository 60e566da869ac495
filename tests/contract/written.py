"""The table in ``table/``: the API as its reference describes it, written down once, read as facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import yaml

from scripts.field_summary import FieldSummary
from tests.contract.facts import THERE, YES, Aspect, Facts, facts_of

TABLE = Path(__file__).parent / "table"
Node: TypeAlias = "Mapping[str, Node] | list[Node] | str | int | float | bool | None"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader, where libyaml is there
_FIELD = re.compile(
    r"(?P<type>\".+?\"|\S+(?: or \S+)*)"
    r" (?P<mark>!~|!|\?~|\?)"
    r"(?: (?P<range>[\d.]*\.\.[\d.]*))?"
    r"(?: = (?P<default>.+?))?"
    r"(?: as (?P<python>\w+))?"
    r"(?: also (?P<also>\w+(?:, \w+)*))?"
)


def read(name: str, folder: Path = TABLE) -> Mapping[str, Node]:
    """Read one file of the table that is a mapping."""
    return mapping(_load(folder / name))


def entries(name: str) -> list[Mapping[str, Node]]:
    """Read one file of the table that is a list."""
    contents = _load(TABLE / name)
    return [mapping(entry) for entry in contents] if isinstance(contents, list) else []


def _load(file: Path) -> Node:
    contents: Node = yaml.load(file.read_text("utf-8"), _LOADER)  # noqa: S506  # both are safe
    return contents


def field(text: str) -> FieldSummary:
    """Read the notation of a field, explained in operations.yaml."""
    found = _FIELD.fullmatch(text)
    if found is None:
        way = "write `type mark [low..high] [= default] [as name] [also name]`"
        raise ValueError(f"{text!r} is not a field: {way}")
    mark = found["mark"]
    return FieldSummary(
        type=found["type"],
        required=mark.startswith("!"),
        nullable=mark.endswith("~"),
        range=found["range"] or "",
        default=found["default"] or "",
        python=found["python"] or "",
        also=found["also"] or "",
    )


def facts(folder: Path = TABLE) -> Facts:
    """Read the whole table."""
    found: dict[Aspect, str] = {}
    for name, node in read("operations.yaml", folder).items():
        found |= dict(_operation(name, mapping(node)))
    for name, node in read("schemas.yaml", folder).items():
        found |= dict(_schema(name, node))
    for name, node in read("enums.yaml", folder).items():
        found |= dict(_enum(name, mapping(node)))
    return found


def mapping(node: Node) -> Mapping[str, Node]:
    """Return a node that must be a mapping."""
    if not isinstance(node, Mapping):
        raise TypeError(f"{node!r} is not a mapping")
    return node


def _fields(place: str, node: Node) -> Iterator[tuple[Aspect, str]]:
    for name, text in mapping(node).items():
        yield from facts_of(field(str(text)), f"{place} {name}").items()


def _operation(name: str, node: Mapping[str, Node]) -> Iterator[tuple[Aspect, str]]:
    body = "json" if "json" in node else "form" if "form" in node else ""
    yield Aspect(name, THERE), YES
    yield Aspect(name, "body"), body
    for key in ("python", "credentials", "answer", "sends", "receives"):
        yield Aspect(name, key), str(node.get(key, ""))
    if node.get("deprecated") is True:
        yield Aspect(name, "deprecated"), YES
    older = node.get("older", [])
    yield Aspect(name, "older"), ", ".join(map(str, older if isinstance(older, list) else []))
    yield from _fields(f"{name} path", node.get("path", {}))
    yield from _fields(f"{name} query", node.get("query", {}))
    yield from _fields(f"{name} body", node.get(body, {}))
    headers = node.get("headers", [])
    for header in headers if isinstance(headers, list) else []:
        yield Aspect(f"{name} header {header}", THERE), YES


def _schema(name: str, node: Node) -> Iterator[tuple[Aspect, str]]:
    yield Aspect(name, THERE), YES
    if isinstance(node, str):
        yield Aspect(name, "kind"), node
        return
    if isinstance(node, list):
        yield Aspect(name, "kind"), "union"
        yield from ((Aspect(f"{name} | {member}", THERE), YES) for member in node)
        return
    fields = mapping(node)
    first = next(iter(fields))
    if not first.startswith("by "):
        yield Aspect(name, "kind"), "object"
        yield from _fields(name, node)
        return
    yield Aspect(name, "kind"), f"union {first}"
    for tag, member in mapping(fields[first]).items():
        yield Aspect(f"{name} | {member}", THERE), YES
        yield Aspect(f"{name} | {member}", "tag"), tag


def _enum(name: str, node: Mapping[str, Node]) -> Iterator[tuple[Aspect, str]]:
    yield Aspect(name, THERE), YES
    yield Aspect(name, "kind"), "open enum" if node["open"] else "enum"
    values = node["values"]
    for value in values if isinstance(values, list) else []:
        yield Aspect(f"{name} = {value}", THERE), YES
