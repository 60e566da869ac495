"""Standard output and error: text for people where they are terminals, plain data in pipes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable, cast

if TYPE_CHECKING:
    from rich.live import Live
    from typing_extensions import Generator, Self

_GAP = 2
_NARROWEST = 20
"""The fewest columns in which a text can be read."""

_PLACEHOLDERS = str.maketrans({"\t": " ", "\n": " ", "\r": " "})


def is_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout.isatty()


def write(text: str, end: str = "\n") -> None:
    """Write text to standard output at once.

    Args:
        text: The text.
        end: What follows it.
    """
    sys.stdout.write(text + end)
    sys.stdout.flush()


def to_json(value: object, *, indent: int | None = 2) -> str:
    """Make JSON text.

    Args:
        value: The value; models are written as the objects that they were read from.
        indent: Spaces to indent with; None makes one line.

    Returns:
        The text.
    """
    return json.dumps(value, indent=indent, ensure_ascii=False, default=_to_plain)


def write_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table; in a pipe, a line for each row, with its values separated by tabs.

    Args:
        columns: The headings, for a terminal; empty ones are not shown. What comes last wraps, and
            is left out of a terminal that has no room for it.
        rows: The values.
    """
    if not is_terminal():
        for row in rows:
            write("\t".join(value.translate(_PLACEHOLDERS) for value in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    widths = [max(map(len, values)) + _GAP for values in zip(columns, *rows)]
    count = len(columns)
    if sum(widths[:-1]) + _NARROWEST > console.width:
        count -= 1
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), show_header=any(columns))
    for number, column in enumerate(columns[:count]):
        table.add_column(column, no_wrap=number < count - 1)
    for row in rows:
        table.add_row(*(Text(value) for value in row[:count]))
    console.print(table)


def note(text: str) -> None:
    """Say something on stderr that only people want to know.

    Args:
        text: A line.
    """
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def warn(text: str) -> None:
    """Say something on stderr that matters in scripts too.

    Args:
        text: A line.
    """
    print(f"cartesia-voice: {text}", file=sys.stderr)


@contextmanager
def progress(text: str, *, shown: bool = True) -> Generator[Callable[[str], None]]:
    """Show on stderr that something is under way, if it is a terminal.

    Args:
        text: What is under way.
        shown: Whether there is room for it, since nobody types there.

    Yields:
        A function that shows another text.
    """
    if not (shown and sys.stderr.isatty()):
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(text) as status:
        yield status.update


class InterimText:
    """Shows text that will be replaced, below what is final; only on a terminal.

    It is a context manager, which removes the text at its end.
    """

    def __init__(self) -> None:
        self._live: Live | None = None
        self._has_line = False

    def __enter__(self) -> Self:
        if is_terminal():
            from rich.live import Live

            self._live = Live(transient=True, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._live is not None:
            self._live.stop()
        elif self._has_line:
            write("")

    def show(self, text: str) -> None:
        """Show a text in place of the last one.

        Args:
            text: The text.
        """
        if self._live is not None:
            from rich.text import Text

            self._live.update(Text(text.strip(), style="dim"), refresh=True)

    def write(self, text: str, end: str) -> None:
        """Write a final text, in place of the last one that was shown.

        Args:
            text: The text.
            end: What separates it from the next one, in a pipe; a terminal gets it as a line.
        """
        if self._live is None:
            write(text, end)
            self._has_line = not end
        else:
            from rich.text import Text

            self._live.update("", refresh=True)
            self._live.console.print(Text(text.strip()))


def _to_plain(value: object) -> object:
    to_dict: Callable[[], Mapping[str, object]] | None = getattr(value, "to_dict", None)
    return str(value) if to_dict is None else cast("object", to_dict())
