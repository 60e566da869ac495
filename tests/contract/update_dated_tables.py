"""Write what the document of each date changes into its table, for review: what an overlay should do."""

from __future__ import annotations

import json

from scripts.dated_versions import DatedVersion
from tests.contract.test_dated_table import DATED, TABLES, own_changes

HEAD = "# What {date} changes of {base}, place by place; `gone` is what is not there.\n"


def text_of(version: DatedVersion) -> str:
    """Write a table: one line for each place."""
    lines = [HEAD.format(date=version.date, base=version.extends)]
    for place, said in own_changes(version).items():
        aspects = ", ".join(f"{aspect}: {_quoted(value)}" for aspect, value in said.items())
        lines.append(f"{_quoted(place)}: {{{aspects}}}\n")
    return "".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> None:
    """Write all tables."""
    for version in DATED:
        (TABLES / f"{version.date}.yaml").write_text(text_of(version), "utf-8")


if __name__ == "__main__":
    main()
