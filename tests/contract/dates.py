"""The date that a contract run is about: `API_DATE`, by default that of ``import cartesia``."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from types import ModuleType

from scripts.dated_versions import DatedVersion, Use, default_version, read_versions

VARIABLE = "API_DATE"


@cache
def versions() -> list[DatedVersion]:
    """Return all versions, with their documents."""
    return read_versions()


@cache
def version() -> DatedVersion:
    """Return the version that the run is about, with its document."""
    wanted = os.environ.get(VARIABLE)
    if wanted is None:
        return default_version(versions())
    return next(each for each in versions() if each.date == wanted)


def package(name: str) -> ModuleType:
    """Import ``cartesia`` or ``cartesia_rest``, or a module of these, for the date.

    Args:
        name: Such as ``cartesia_rest.models``.
    """
    if version().use is Use.DEFAULT:
        return import_module(name)
    head, dot, rest = name.partition(".")
    return import_module(f"{head}.{version().module}{dot}{rest}")


def other_dates() -> list[str]:
    """Return the further dates that have a client, which a run of their own is about."""
    return [each.date for each in versions() if each.use is Use.CLIENT]
