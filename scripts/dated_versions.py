"""The dated versions of the API: ``openapi/versions.yaml``, and the document of each date.

Run ``python -m scripts.dated_versions`` to check every date: its overlay can be applied, and the
result is valid OpenAPI that follows the conventions.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from scripts.bundle import MAIN_FILE, Bundle, DocumentError, bundle, escape, read_node
from scripts.conventions import check_document
from scripts.conventions.references import check_references
from scripts.overlay import apply_overlay, read_overlay
from scripts.view.document import Document, mapping, text

VERSIONS = "versions.yaml"
OVERLAYS = "overlays"
BASE = "../openapi.yaml"
"""What an overlay extends that names nothing: the document of the default date."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Use(Enum):
    """What a date is for."""

    DEFAULT = "default"
    """The document under ``openapi/``, and the client that ``import cartesia`` gives."""
    CLIENT = "client"
    """A client of its own, beside the default one."""
    MOCK = "mock"
    """The mock server alone."""


@dataclass(frozen=True)
class DatedVersion:
    """One dated version of the API, and its document."""

    date: str
    use: Use
    bundle: Bundle
    extends: str = ""
    """The date whose document its overlay changes; empty for the default date."""

    @property
    def module(self) -> str:
        """The name of its modules: ``v2026_08_14``."""
        return f"v{self.date.replace('-', '_')}"


def read_versions(main: Path = MAIN_FILE) -> list[DatedVersion]:
    """Make the document of every date.

    Args:
        main: The main file of the document of the default date; ``versions.yaml`` and ``overlays/``
            are beside it. Without ``versions.yaml`` there is the default date alone.

    Returns:
        The versions, the oldest first.

    Raises:
        DocumentError: A date, an overlay or the document has a fault, told with its location.
    """
    base = bundle(main)
    own = text(mapping(base.document, "info"), "version")
    file = main.resolve().parent / VERSIONS
    if not file.exists():
        return [DatedVersion(own, Use.DEFAULT, base)]
    folder = f"{file.parent.name}/{OVERLAYS}"
    uses = _read_uses(file, own)
    stray = {path.stem for path in (file.parent / OVERLAYS).glob("*.yaml")} - uses.keys()
    if stray:
        raise DocumentError(
            [f"{folder}/{date}.yaml: {VERSIONS} has no such date" for date in sorted(stray)]
        )
    found: list[DatedVersion] = []
    faults: list[str] = []
    for date, use in uses.items():
        try:
            if use is Use.DEFAULT:
                found.append(DatedVersion(date, use, base))
            else:
                dated, extended = _dated(base, file.parent, date, ())
                found.append(DatedVersion(date, use, dated, extended or own))
        except DocumentError as error:
            faults += error.faults
    if faults:
        raise DocumentError(faults)
    return found


def default_version(versions: Sequence[DatedVersion]) -> DatedVersion:
    """Return the version whose document is the base of the others."""
    return next(version for version in versions if version.use is Use.DEFAULT)


def _dated(base: Bundle, folder: Path, date: str, above: tuple[str, ...]) -> tuple[Bundle, str]:
    """Apply the overlay of a date, after the one that it extends.

    Args:
        base: The document of the default date.
        folder: Its folder.
        date: The date.
        above: The dates whose overlays extend this one.

    Returns:
        The document, and the date that the overlay extends; empty for the default.
    """
    file = folder / OVERLAYS / f"{date}.yaml"
    shown = file.relative_to(folder.parent).as_posix()
    if not file.exists():
        raise DocumentError([f"{shown}: missing; write it, or remove {date} from {VERSIONS}"])
    overlay, extended = read_overlay(file, shown), ""
    if overlay.extends not in {"", BASE}:
        extended = overlay.extends.removesuffix(".yaml")
        if extended in {date, *above} or not (folder / OVERLAYS / overlay.extends).exists():
            raise DocumentError(
                [f"{shown}: `extends` is {BASE} or another overlay, not {overlay.extends}"]
            )
        base, _ = _dated(base, folder, extended, (*above, date))
    dated = apply_overlay(base, overlay)
    said = text(mapping(dated.document, "info"), "version")
    if said != date:
        raise DocumentError(
            [f"{shown}: `info.version` is {said} in the result; update it to {date}"]
        )
    return dated, extended


def _read_uses(file: Path, default: str) -> dict[str, Use]:
    shown = f"{file.parent.name}/{file.name}"
    node, content = read_node(file, shown)
    uses = {use.value: use for use in Use}
    if not isinstance(content, Mapping) or node is None:
        raise DocumentError([f"{shown}: a mapping of dates to {', '.join(uses)}"])
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    faults: list[str] = []
    found: dict[str, Use] = {}
    for date, use in sorted(content.items()):
        place = f"{shown}:{lines[date]}"
        if not _DATE.fullmatch(date):
            faults.append(f"{place}: {date!r} is not a date of the form YYYY-MM-DD")
        elif not isinstance(use, str) or use not in uses:
            faults.append(f"{place}: {date} is for one of {', '.join(uses)}, not {use!r}")
        else:
            found[date] = uses[use]
    named = [date for date, use in found.items() if use is Use.DEFAULT]
    if named != [default] and not faults:
        faults.append(f"{shown}: the default is {default}, the `info.version` of the document")
    if faults:
        raise DocumentError(faults)
    return found


def check_versions_of(main: Path) -> list[str]:
    """Check the document of every date.

    Args:
        main: The main file of the document.

    Returns:
        One line for each fault, with its location.
    """
    try:
        versions = read_versions(main)
    except DocumentError as error:
        return error.faults
    return list(dict.fromkeys(fault for version in versions for fault in _faults(version)))


def _faults(version: DatedVersion) -> Iterator[str]:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    document = Document(version.bundle)
    try:
        check_document(document)
    except DocumentError as error:
        yield from error.faults
    if any(check_references(document)):
        return  # The validator follows references, wherever they lead.
    for invalid in OpenAPIV31SpecValidator(dict(version.bundle.document)).iter_errors():
        pointer = "".join(f"/{escape(str(token))}" for token in invalid.absolute_path)
        yield f"{version.bundle.place(pointer)}: {invalid.message.splitlines()[0][:200]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; give the exit status."""
    parser = argparse.ArgumentParser(description="Check the document of every date.")
    parser.add_argument(
        "--document", type=Path, default=MAIN_FILE, help="the main file of the document"
    )
    faults = check_versions_of(parser.parse_args(arguments).document)
    for fault in faults:
        print(f"versions: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
