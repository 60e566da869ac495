"""Describe what a change of the document means for users, as text for the changelog.

Run ``python -m scripts.spec_diff BASE``: the document of the git revision BASE is compared with the
one in the working tree. With ``--from DATE --to DATE``, the documents of two dates are compared.
Requests and responses are judged separately: a new required
field breaks callers that send it, not callers that read it. A change is breaking if a program that
was correct before, types included, may be incorrect after.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from scripts.api_surface import (
    REQUESTS,
    RESPONSES,
    OperationSummary,
    SchemaSummary,
    Surface,
    surface,
)
from scripts.bundle import MAIN_FILE, DocumentError, bundle
from scripts.dated_versions import read_versions
from scripts.field_summary import FieldSummary
from scripts.view.document import Document
from scripts.view.prose import with_article

KINDS = ("Added", "Changed", "Removed")
MANY, MANY_SHOWN = 12, 3
"""From how many values of one enum on they are not named one by one, and how many are."""
REQUIRED = {REQUESTS: "must be given now", RESPONSES: "is always there now"}
OPTIONAL = {REQUESTS: "may be left out now", RESPONSES: "may be missing now"}


class Change(NamedTuple):
    """One change, from the point of view of a user.

    Attributes:
        kind: One of ``KINDS``.
        text: What changed, in a sentence.
        breaks: Whether it breaks correct programs.
    """

    kind: str
    text: str
    breaks: bool = False


@dataclass(frozen=True)
class ChangedItem:
    """An operation or a type, and the direction it travels in."""

    name: str
    side: str
    """``requests`` or ``responses``."""

    @property
    def is_sent(self) -> bool:
        """Whether callers send it."""
        return self.side == REQUESTS

    def changed(self, words: str, *, breaks: bool) -> Change:
        """Make a change of this item.

        Args:
            words: What is different, after its name.
            breaks: Whether that breaks programs.
        """
        return Change("Changed", f"{self} {words}.", breaks=breaks)

    def __str__(self) -> str:
        return f"{self.name} in {self.side}"


def compare(old: Surface, new: Surface) -> list[Change]:
    """Compare two documents.

    Args:
        old: The one that users have.
        new: The one that they get.

    Returns:
        Every change that a user can notice.
    """
    renamed = dict(_renamed(old, new))
    old = old.with_names(renamed)
    found = [
        Change("Changed", f"`{before}` is called `{after}` now.", breaks=True)
        for before, after in renamed.items()
    ]
    if old.version != new.version:
        found.append(
            Change("Changed", f"The API version is {new.version} now, it was {old.version}.")
        )
    found += _operations(old, new)
    found += _schemas(old, new)
    return found


def _renamed(old: Surface, new: Surface) -> Iterator[tuple[str, str]]:
    """Find schemas that were only renamed."""
    gone = {name for name in old.schemas if name not in new.schemas}
    come = {name for name in new.schemas if name not in old.schemas}
    for before in sorted(gone):
        same = [
            after
            for after in sorted(come)
            if old.with_names({before: after}).schemas[after] == new.schemas[after]
        ]
        if len(same) == 1:
            come.discard(same[0])
            yield before, same[0]


def _operations(old: Surface, new: Surface) -> Iterator[Change]:
    gone = {operation.id: operation for operation in _only(old.operations, new.operations)}
    for operation in _only(new.operations, old.operations):
        if moved := gone.pop(operation.id, None):
            text = f"`{operation.id}` is {operation.call} now, it was {moved.call}."
            yield Change("Changed", text)
            yield from _operation(moved, operation)
        else:
            yield Change("Added", f"`{operation.id}`: {operation.call}.")
    for operation in gone.values():
        yield Change("Removed", f"`{operation.id}`: {operation.call}.", breaks=True)
    for call in old.operations.keys() & new.operations.keys():
        yield from _operation(old.operations[call], new.operations[call])


def _only(
    these: Mapping[str, OperationSummary], others: Mapping[str, OperationSummary]
) -> Iterator[OperationSummary]:
    yield from (operation for call, operation in these.items() if call not in others)


def _operation(old: OperationSummary, new: OperationSummary) -> Iterator[Change]:
    for name in old.names:
        if name not in new.names:
            way = f" Call `{new.id}`." if name == old.id else ""
            yield Change("Removed", f"`{name}` for {new.call}.{way}", breaks=True)
    for name in new.names:
        if name not in old.names:
            yield Change("Added", f"`{name}` for {new.call}.")
    if old.result != new.result:
        text = f"`{new.id}` returns {new.result} now, it was {old.result}."
        yield Change("Changed", text, breaks=True)
    if new.deprecation and not old.deprecation:
        yield Change("Changed", f"`{new.id}` is deprecated now: {new.deprecation}.")
    yield from _fields(f"`{new.id}`", REQUESTS, old.arguments, new.arguments)


def _schemas(old: Surface, new: Surface) -> Iterator[Change]:
    for name in old.schemas.keys() | new.schemas.keys():
        before, after = old.schemas.get(name), new.schemas.get(name)
        if before is None:
            yield Change("Added", f"The type `{name}`.")
        elif after is None:
            yield Change("Removed", f"The type `{name}`.", breaks=True)
        elif before.kind != after.kind:
            text = (
                f"`{name}` is {with_article(after.kind)} now, it was {with_article(before.kind)}."
            )
            yield Change("Changed", text, breaks=True)
        else:
            for side in sorted(after.sides):
                yield from _fields(f"`{name}`", side, before.fields, after.fields)
                yield from _values(ChangedItem(f"`{name}`", side), before, after)


def _values(place: ChangedItem, old: SchemaSummary, new: SchemaSummary) -> Iterator[Change]:
    """Compare the values of an enum, or the members of a union."""
    word = "value" if new.kind == "enum" else "kind"
    for text in _named(word, [value for value in new.values if value not in old.values]):
        yield Change("Added", f"{text} of {place}.")
    for text in _named(word, [value for value in old.values if value not in new.values]):
        # A value that is no longer sent breaks no caller; one that is no longer accepted does.
        yield Change("Removed", f"{text} of {place}.", breaks=place.is_sent)
    if old.is_open != new.is_open:
        words = "may have other values too now" if new.is_open else "has only the listed values now"
        yield place.changed(words, breaks=place.is_sent and not new.is_open)


def _named(word: str, values: Sequence[str]) -> Iterator[str]:
    """Name values one by one; if they are many, by their number and the first of them."""
    if len(values) <= MANY:
        yield from (f"The {word} `{value}`" for value in values)
    else:
        first = ", ".join(f"`{value}`" for value in values[:MANY_SHOWN])
        yield f"{len(values)} {word}s ({first} and so on)"


def _fields(
    owner: str, side: str, old: Mapping[str, FieldSummary], new: Mapping[str, FieldSummary]
) -> Iterator[Change]:
    for name in [*new, *(name for name in old if name not in new)]:
        before, after = old.get(name), new.get(name)
        place = ChangedItem(f"`{name}` of {owner}", side)
        if before is None and after is not None:
            breaks = place.is_sent and after.required
            must = ", which must be given" if breaks else ""
            yield Change("Added", f"{place}: {after.type}{must}.", breaks=breaks)
        elif after is None:
            yield Change("Removed", f"{place}.", breaks=True)
        elif before is not None:
            yield from _field(place, before, after)


def _field(place: ChangedItem, old: FieldSummary, new: FieldSummary) -> Iterator[Change]:
    """Compare a field that exists in both documents."""
    if old.type != new.type:
        before, after = set(old.type.split(" or ")), set(new.type.split(" or "))
        fits = before <= after if place.is_sent else after <= before
        yield place.changed(f"is {new.type} now, it was {old.type}", breaks=not fits)
    if old.required != new.required:
        sides = REQUIRED if new.required else OPTIONAL
        yield place.changed(sides[place.side], breaks=new.required == place.is_sent)
    if old.nullable != new.nullable:
        words = "may be null now" if new.nullable else "cannot be null any more"
        yield place.changed(words, breaks=new.nullable != place.is_sent)
    if old.range != new.range:
        words = f"goes {_range(new)} now, it went {_range(old)}"
        yield place.changed(words, breaks=place.is_sent and not _holds(new, old))
    if old.default != new.default:
        words = f"is {_default(new)} if not given, it was {_default(old)}"
        yield place.changed(words, breaks=False)
    yield from _python_names(place, old, new)


def _python_names(place: ChangedItem, old: FieldSummary, new: FieldSummary) -> Iterator[Change]:
    """Compare the Python names of a field."""
    if old.python != new.python:
        was, now = old.python or "its name on the wire", new.python or "its name on the wire"
        yield place.changed(f"is called `{now}` in Python now, it was `{was}`", breaks=True)
    before, after = set(old.also.split(", ")), set(new.also.split(", "))
    for name in sorted(after - before - {""}):
        yield Change("Added", f"{place} is called `{name}` in Python too.")
    for name in sorted(before - after - {""}):
        yield Change("Removed", f"{place} is not called `{name}` in Python any more.", breaks=True)


def _default(field: FieldSummary) -> str:
    return field.default or "up to the server"


def _range(field: FieldSummary) -> str:
    return field.range or "anywhere"


def _holds(outer: FieldSummary, inner: FieldSummary) -> bool:
    """Return whether all values of one range are in another."""
    low, high = _bounds(outer)
    inner_low, inner_high = _bounds(inner)
    return low <= inner_low and inner_high <= high


def _bounds(field: FieldSummary) -> tuple[float, float]:
    low, _, high = field.range.partition("..")
    return float(low or "-inf"), float(high or "inf")


def report(changes: Sequence[Change]) -> str:
    """Format changes for the changelog: breaking ones first, then by kind.

    Args:
        changes: The changes.
    """
    if not changes:
        return "Nothing changes for users.\n"
    unique = sorted(set(changes), key=lambda change: (not change.breaks, change.text))
    breaking = sum(change.breaks for change in unique)
    noun = "change" if len(unique) == 1 else "changes"
    lines = [f"{len(unique)} {noun}, {breaking} of them breaking."]
    for kind in KINDS:
        mine = [change for change in unique if change.kind == kind]
        lines += ["", f"### {kind}", ""] if mine else []
        lines += [f"- {'**Breaking:** ' * change.breaks}{change.text}" for change in mine]
    return "\n".join(lines) + "\n"


def read(document: Path) -> Surface:
    """Read a document.

    Args:
        document: Its main file.
    """
    return surface(Document(bundle(document)))


def read_dates(dates: Sequence[str], document: Path) -> list[Surface]:
    """Read the documents of dates.

    Args:
        dates: Each is one of ``versions.yaml``.
        document: The main file of the document.

    Raises:
        RuntimeError: There is no such date.
    """
    versions = {version.date: version for version in read_versions(document)}
    for date in dates:
        if date not in versions:
            raise RuntimeError(f"there is no version {date}; there are {', '.join(versions)}")
    return [surface(Document(versions[date].bundle)) for date in dates]


def read_revision(revision: str, document: Path) -> Surface:
    """Read the document of a git revision.

    Args:
        revision: The git revision.
        document: Its main file, in the working tree of a git repository.

    Raises:
        RuntimeError: There is no such revision, or it has no such document.
    """
    folder = document.parent
    done = subprocess.run(
        ["git", "archive", "--format=tar", revision, "."],  # noqa: S607  # git is where it is
        cwd=folder,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"git has no document at {revision!r}: {done.stderr.decode().strip()}")
    with tempfile.TemporaryDirectory() as name:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(name, filter="data")
        return read(Path(name) / document.name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; give the exit status."""
    parser = argparse.ArgumentParser(description="Say what a change of the document means.")
    parser.add_argument(
        "base",
        nargs="?",
        default="HEAD",
        help="the git revision to compare with, such as main or v0.3.0",
    )
    parser.add_argument("--from", dest="old", help="the date to compare with, in place of BASE")
    parser.add_argument("--to", dest="new", help="the date that is compared")
    parser.add_argument(
        "--document", type=Path, default=MAIN_FILE, help="the main file of the document"
    )
    options = parser.parse_args(arguments)
    if (options.old is None) != (options.new is None):
        parser.error("--from and --to belong together")
    try:
        if options.old is not None:
            old, new = read_dates([options.old, options.new], options.document)
        else:
            old = read_revision(options.base, options.document.resolve())
            new = read(options.document)
    except (DocumentError, RuntimeError) as error:
        print(f"spec-diff: {error}", file=sys.stderr)
        return 1
    print(report(compare(old, new)), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
