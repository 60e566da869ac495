"""Runs the Python of a page as one program: ``python runner.py PAGE``.

A block that includes a file, and one after ``<!-- not run: reason -->``, is left out.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

BLOCK = re.compile(
    r"(?P<mark><!-- not run: .+ -->\n)?^```python[^\n]*\n(?P<code>.*?)^```",
    re.MULTILINE | re.DOTALL,
)
INCLUDE = "--8<--"


def main(page: Path) -> None:
    text = page.read_text("utf-8")
    names: dict[str, object] = {"__name__": "__main__"}
    for found in BLOCK.finditer(text):
        if found["mark"] or INCLUDE in found["code"]:
            continue
        above = "\n" * text.count(
            "\n", 0, found.start("code")
        )  # a traceback has the line of the page
        exec(compile(above + found["code"], page.name, "exec"), names)  # noqa: S102 - our own pages


if __name__ == "__main__":
    main(Path(sys.argv[1]))
