"""Write what the document says into the table, to be reviewed: ``make table``.

Differences that are meant stay as they are. An entry in which nothing differs keeps its text.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from scripts.bundle import MAIN_FILE, bundle
from scripts.view.document import Document
from tests.contract import described, written
from tests.contract.facts import THERE, YES, Aspect, Difference, Facts
from tests.contract.meant import idle, unexplained

FILES = ("operations.yaml", "schemas.yaml", "enums.yaml")
WIDTH = 110

_KEY = re.compile(r"""(?P<quote>["']?)(?P<key>.+?)(?P=quote):(?:\s|$)""")
_OPERATION = re.compile(r"[A-Z]+ /\S*")
_FIRST = ("python", "older", "deprecated", "credentials")
_LAST = ("answer", "headers", "sends", "receives")


def update(folder: Path, document: Facts) -> list[Difference]:
    """Write the facts of a document into a table.

    Args:
        folder: The folder of the table.
        document: What the document says.

    Returns:
        What was written.
    """
    table = written.facts(folder)
    found = unexplained(table, document)
    facts = _applied(table, document, found)
    changed = {_entry_of(difference.place) for difference in found}
    wanted: dict[str, dict[str, Places]] = {name: {} for name in FILES}
    for name, places in _by_entry(facts).items():
        wanted[_file_of(places[name])][name] = places
    for file, entries in wanted.items():
        path = folder / file
        old = path.read_text("utf-8")
        path.write_text(_replaced(old, entries, changed), "utf-8")
    return found


def _applied(table: Facts, document: Facts, found: list[Difference]) -> Facts:
    """Return the facts of the table with these differences taken over from the document."""
    facts = dict(table)
    for difference in found:
        aspects = [Aspect(difference.place, difference.aspect)]
        if difference.aspect == THERE:
            of_place = {*table, *document}
            aspects = [aspect for aspect in of_place if aspect.place == difference.place]
        for aspect in aspects:
            facts.pop(aspect, None)
            if aspect in document:
                facts[aspect] = document[aspect]
    order = {aspect: index for index, aspect in enumerate([*table, *document])}
    order |= {aspect: index for index, aspect in enumerate(table)}
    return {aspect: facts[aspect] for aspect in sorted(facts, key=order.__getitem__)}


Sides = Mapping[str, str]
"""Aspect -> what is said of it."""
Places = Mapping[str, Sides]
"""The places of one entry."""


def _by_entry(facts: Facts) -> dict[str, dict[str, dict[str, str]]]:
    """Return the facts by entry, and in it by place: itself, then its fields, values or members."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for (place, aspect), said in facts.items():
        entry = found.setdefault(_entry_of(place), {})
        entry.setdefault(place, {})[aspect] = said
    return found


def _entry_of(place: str) -> str:
    operation = _OPERATION.match(place)
    return operation[0] if operation else place.partition(" ")[0]


def _file_of(entry: Sides) -> str:
    kind = entry.get("kind")
    if kind is None:
        return "operations.yaml"
    return "enums.yaml" if kind in {"enum", "open enum"} else "schemas.yaml"


def _written(name: str, places: Places) -> str:
    """Write one entry."""
    kind = places[name].get("kind")
    inner = {place.removeprefix(f"{name} "): sides for place, sides in places.items()}
    del inner[name]
    if kind is None:
        lines = list(_operation(places[name], inner))
    elif kind in {"enum", "open enum"}:
        lines = list(_enum(kind, inner))
    elif kind == "object":
        lines = [f"  {_key(wire)}: {_value(_field(sides, wire))}" for wire, sides in inner.items()]
    elif kind.startswith("union"):
        return _union(name, kind, inner)
    else:
        return f"{_key(name)}: {_value(kind)}\n"
    return "\n".join([f"{_key(name)}:", *lines, ""])


def _operation(sides: Sides, inner: Places) -> Iterator[str]:
    sections: dict[str, list[str]] = {}
    headers: list[str] = []
    for place, said in inner.items():
        where, _, wire = place.partition(" ")
        if where == "header":
            headers.append(wire)
        else:
            section = sides["body"] if where == "body" else where
            line = f"    {_key(wire)}: {_value(_field(said, wire))}"
            sections.setdefault(section, []).append(line)
    if sides["body"]:
        sections.setdefault(sides["body"], [])
    given = {
        **{key: _value(said) for key, said in sides.items() if said},
        "older": f"[{sides['older']}]" if sides["older"] else "",
        "deprecated": "true" if sides.get("deprecated") == YES else "",
        "headers": f"[{', '.join(headers)}]" if headers else "",
    }
    yield from (f"  {key}: {given[key]}" for key in _FIRST if given.get(key))
    for section, lines in sections.items():
        yield from [f"  {section}:", *lines] if lines else [f"  {section}: {{}}"]
    yield from (f"  {key}: {given[key]}" for key in _LAST if given.get(key))


def _enum(kind: str, inner: Places) -> Iterator[str]:
    values = ", ".join(_item(place.removeprefix("= ")) for place in inner)
    wrapped = textwrap.wrap(f"{values},", WIDTH - 4, break_on_hyphens=False)
    yield f"  open: {'true' if kind == 'open enum' else 'false'}"
    yield from ["  values: [", *(f"    {line}" for line in wrapped), "  ]"]


def _union(name: str, kind: str, inner: Places) -> str:
    members = {place.removeprefix("| "): sides for place, sides in inner.items()}
    if kind == "union":
        return f"{name}: [{', '.join(map(_item, members))}]\n"
    flow = ", ".join(f"{_key(sides['tag'])}: {member}" for member, sides in members.items())
    line = f"  {kind.removeprefix('union ')}: {{{flow}}}"
    if len(line) <= WIDTH:
        return f"{name}:\n{line}\n"
    lines = [f"    {_key(sides['tag'])}: {member}" for member, sides in members.items()]
    return "\n".join([f"{name}:", f"  {kind.removeprefix('union ')}:", *lines, ""])


def _field(sides: Sides, wire: str) -> str:
    """Write a field in the notation that operations.yaml explains."""
    mark = ("!" if sides["required"] == YES else "?") + ("~" if sides["nullable"] == YES else "")
    parts = [sides["type"], mark, sides.get("range", "")]
    parts += [f"= {sides['default']}"] if "default" in sides else []
    parts += [f"as {sides['python']}"] if sides["python"] != wire else []
    parts += [f"also {sides['also']}"] if sides["also"] else []
    return " ".join(filter(None, parts))


def _key(text: str) -> str:
    """Write a text as a key of YAML."""
    return _quoted_unless(text, f"{text}: 0", {text: 0})


def _value(text: str) -> str:
    """Write a text as a value of YAML; what is read as a number needs no quotes."""
    return _quoted_unless(text, f"key: {text}", {"key": text})


def _item(text: str) -> str:
    """Write a text as an item of a list in brackets."""
    return _quoted_unless(text, f"[{text}]", [text])


def _quoted_unless(text: str, plain: str, read: object) -> str:
    """Quote a text, unless it can be read without quotes."""
    try:
        if str(yaml.safe_load(plain)).replace("'", "") == str(read).replace("'", ""):
            return text
    except yaml.YAMLError:
        pass
    return "'{}'".format(text.replace("'", "''")) if '"' in text else f'"{text}"'


class _Entry(NamedTuple):
    """One entry of a file as it is written, and what stands before it: blank lines and comments."""

    before: list[str]
    lines: list[str]

    @property
    def name(self) -> str:
        """Its key, without quotes."""
        found = _KEY.match(self.lines[0])
        return found["key"] if found else ""


def _entries(text: str) -> tuple[list[_Entry], list[str]]:
    """Cut a file into its entries, and what follows the last one."""
    entries: list[_Entry] = []
    pending: list[str] = []
    for line in text.splitlines(keepends=True):
        if not line.strip() or line.startswith("#"):
            pending.append(line)
        elif line.startswith(" "):
            entries[-1].lines.extend([*pending, line])
            pending = []
        else:
            entries.append(_Entry(pending, [line]))
            pending = []
    return entries, pending


def _replaced(old: str, wanted: Mapping[str, Places], changed: set[str]) -> str:
    """Return the text of a file with the changed entries written anew, and new ones at its end."""
    entries, rest = _entries(old)
    kept = [entry for entry in entries if entry.name in wanted]
    parts = [
        "".join(entry.before)
        + (
            _written(entry.name, wanted[entry.name])
            if entry.name in changed
            else "".join(entry.lines)
        )
        for entry in kept
    ]
    known = {entry.name for entry in entries}
    fresh = [name for name in wanted if name not in known]
    parts += [f"\n{_written(name, wanted[name])}" for name in fresh]
    return "".join([*parts, *rest])


def main() -> int:
    """Write the table and say what to look at."""
    document = described.facts(Document(bundle(MAIN_FILE)))
    for difference in update(written.TABLE, document):
        sys.stdout.write(f"table: {difference}\n")
    for entry in idle(written.facts(), document):
        sys.stdout.write(f"table: no longer a difference, take it out: {entry.places[0]}\n")
    sys.stdout.write("table: review what was written, by `git diff tests/contract/table`\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
