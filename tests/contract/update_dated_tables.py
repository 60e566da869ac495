"""Write what the document of each date changes into its table, for review: what an overlay should do."""

from __future__ import annotations

import json
from collections.abc import Mapping

from scripts.dated_versions import Use, default_version, read_versions
from tests.contract.test_dated_table import TABLES, changes, dated_facts

HEAD = "# What {date} changes of the default date, place by place; `gone` is what is not there.\n"


def text_of(date: str, found: Mapping[str, Mapping[str, str]]) -> str:
    """Write a table: one line for each place."""
    lines = [HEAD.format(date=date)]
    for place, said in found.items():
        aspects = ", ".join(f"{aspect}: {_quoted(value)}" for aspect, value in said.items())
        lines.append(f"{_quoted(place)}: {{{aspects}}}\n")
    return "".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> None:
    """Write all tables."""
    versions = read_versions()
    base = dated_facts(default_version(versions))
    for version in versions:
        if version.use is not Use.DEFAULT:
            found = changes(base, dated_facts(version))
            (TABLES / f"{version.date}.yaml").write_text(text_of(version.date, found), "utf-8")


if __name__ == "__main__":
    main()
