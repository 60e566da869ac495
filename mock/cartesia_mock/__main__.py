"""Runs the mock server: `python -m cartesia_mock` is `cartesia-mock`."""

from __future__ import annotations

import sys

from cartesia_mock.cli import main

if __name__ == "__main__":
    sys.exit(main())
