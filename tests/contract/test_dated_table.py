"""The document of a date differs from the one that it extends just as its table says, both ways.

The tables in ``dated_tables/`` were held to the vendor's description of the date, so an overlay
that changes more or less than it should, or that is outdated by a change of the default document, is
found out. ``python -m tests.contract.update_dated_tables`` writes them, for review.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.bundle import read_yaml
from scripts.dated_versions import DatedVersion, Use
from scripts.view.document import Document
from tests.contract import described
from tests.contract.dates import versions
from tests.contract.facts import THERE, Aspect, Facts
from tests.contract.figures import figures

TABLES = Path(__file__).parent / "dated_tables"
GONE = "gone"


def dated_facts(version: DatedVersion) -> Facts:
    return described.facts(Document(version.bundle))


def changes(base: Facts, other: Facts) -> dict[str, dict[str, str]]:
    """Return what differs, by place and aspect; what is gone or new is said of the place alone."""
    found: dict[str, dict[str, str]] = {}
    for place, aspect in sorted({*base, *other}):
        was, now = base.get(Aspect(place, aspect), GONE), other.get(Aspect(place, aspect), GONE)
        if was != now:
            found.setdefault(place, {})[aspect] = now
    for said in found.values():
        if said.get(THERE) == GONE:
            said.clear()
            said[THERE] = GONE
    return found


def written_changes(date: str) -> dict[str, dict[str, str]]:
    content = read_yaml(TABLES / f"{date}.yaml") or {}
    assert isinstance(content, Mapping)
    return {
        place: {key: str(value) for key, value in said.items()}
        for place, said in content.items()
        if isinstance(said, Mapping)
    }


EACH = {version.date: version for version in versions()}
DATED = [version for version in EACH.values() if version.use is not Use.DEFAULT]


def own_changes(version: DatedVersion) -> dict[str, dict[str, str]]:
    """Return what a date changes of the one that its overlay extends."""
    return changes(dated_facts(EACH[version.extends]), dated_facts(version))


@pytest.mark.parametrize("version", DATED, ids=lambda version: version.date)
def test_a_date_differs_just_as_its_table_says(version: DatedVersion) -> None:
    found = own_changes(version)
    figures.count("facts of dates held to their tables", sum(map(len, found.values())))
    table = written_changes(version.date)
    for place in sorted({*found, *table}):
        assert found.get(place) == table.get(place), place


def test_every_date_has_its_table() -> None:
    assert {path.stem for path in TABLES.glob("*.yaml")} == {each.date for each in DATED}
