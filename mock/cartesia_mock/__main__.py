"""The entry point of `cartesia-mock` and `python -m cartesia_mock`."""

from __future__ import annotations

import sys

from cartesia_mock import missing_extra_message


def main() -> int:
    """Run the mock server until SIGINT or SIGTERM.

    Returns:
        The exit code: 0 after a clean stop, 1 when the server cannot start.
    """
    try:
        from cartesia_mock.cli import main as run
    except ModuleNotFoundError as error:
        print(f"cartesia-mock: {missing_extra_message(error)}", file=sys.stderr)
        return 1
    return run()


if __name__ == "__main__":
    sys.exit(main())
