"""API versions: which one a request speaks, and what that changes."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

HEADER = "cartesia-version"
QUERY = "cartesia_version"
_STRUCTURED_ERRORS = dt.date(2026, 3, 1)


@dataclass(frozen=True)
class Version:
    """One dated version of the API."""

    date: dt.date

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read a version.

        Args:
            text: A date as `YYYY-MM-DD`.

        Returns:
            The version.

        Raises:
            ValueError: It is no such date.
        """
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                return cls(dt.date.fromisoformat(text))
        except ValueError:
            pass  # It has the form, and no such day exists.
        raise ValueError(f"{text!r} is not a date of the form YYYY-MM-DD")

    @property
    def has_structured_errors(self) -> bool:
        """Whether errors are JSON objects: they are text before 2026-03-01."""
        return self.date >= _STRUCTURED_ERRORS
