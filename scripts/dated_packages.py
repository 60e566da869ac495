"""Derive the public package of each date, such as ``cartesia.v2026_08_14``, from ``cartesia``.

The public package of the default date is written by hand. A date has the same public names, on its
own part of the generated package: every module that imports ``cartesia_rest`` is copied with
the names of the packages replaced. The package of the default date itself has the same classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.dated_versions import DatedVersion, Use
from scripts.type_modules import SOURCE, type_modules
from scripts.view.package import PACKAGE, PUBLIC_PACKAGE

HEADER = "# Derived by `make generate` from {source}.\n# Do not edit: change that file.\n"
_DATED = re.compile(r"v\d{4}_\d\d_\d\d")


def dated_package(public: Path, version: DatedVersion) -> dict[str, str]:
    """Derive the package of one date.

    Args:
        public: The ``__init__.py`` of the public package.
        version: The date.

    Returns:
        The text of each module by its path in the package of the date.
    """
    modules = type_modules()
    sources = {**dict(_sources(public.parent)), **modules}
    if version.use is Use.DEFAULT:  # the client itself, and all else that is private, is the same
        sources = {path: text for path, text in sources.items() if not path.startswith("_")} | {
            "__init__.py": sources["__init__.py"]
        }
    names = sorted({path.partition("/")[0].removesuffix(".py") for path in sources} - {"__init__"})
    found: dict[str, str] = {}
    for path, text in sources.items():
        derived = _derive(text, names, version.module)
        if version.use is not Use.DEFAULT:
            derived = re.sub(rf"\b{PACKAGE}\b", f"{PACKAGE}.{version.module}", derived)
            derived = derived.replace(
                f'= "{PUBLIC_PACKAGE}"', f'= "{PUBLIC_PACKAGE}.{version.module}"'
            )
        source = SOURCE if path in modules else f"{'/'.join(public.parent.parts[-2:])}/{path}"
        found[path] = HEADER.format(source=source) + derived
    return found


def is_dated(folder: str) -> bool:
    """Return whether a folder of the public package is the derived one of a date."""
    return _DATED.fullmatch(folder) is not None


def _sources(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the modules that import the generated package."""
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder)
        if path.parts[0] != "_runtime" and not is_dated(path.parts[0]):
            text = file.read_text("utf-8")
            if PACKAGE in text:
                yield path.as_posix(), text


def _derive(text: str, names: list[str], module: str) -> str:
    """Replace the names of the packages."""
    any_name = "|".join(names)
    text = re.sub(rf"\b{PUBLIC_PACKAGE}\.({any_name})\b", rf"{PUBLIC_PACKAGE}.{module}.\1", text)
    return re.sub(
        rf"\bfrom {PUBLIC_PACKAGE} import ({any_name})\b",
        rf"from {PUBLIC_PACKAGE}.{module} import \1",
        text,
    )
