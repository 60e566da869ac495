"""The command ``cartesia-voice``, of the extra ``cli``; `docs/command-line.md` describes it.

Commands import what they need when they run, so that ``--help`` and completion are quick.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cartesia import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIBRARIES = ("typer", "rich")
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None, program: str = "cartesia-voice") -> int:
    """Run the command.

    Args:
        arguments: The command line; that of the process by default.
        program: The name that help and errors show.

    Returns:
        The exit code; see `cartesia.cli.failures`.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given == ["--version"]:
        print(f"cartesia-voice {__version__}")
        return 0
    try:
        from cartesia.cli.program import run

        return run(given, program)
    except ModuleNotFoundError as error:
        if error.name not in _LIBRARIES:
            raise
        print(
            f"{program}: {error.name} is missing: pip install 'cartesia-openapi[cli]'",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:  # while it was being imported, or ended
        return _INTERRUPTED
