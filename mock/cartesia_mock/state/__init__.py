"""What the mock remembers of what it was told: SQLite, in memory or in a file."""

from __future__ import annotations

from .database import Database, StateError
from .records import Records
from .state import OWNER, State, make_id

__all__ = ["OWNER", "Database", "Records", "State", "StateError", "make_id"]
