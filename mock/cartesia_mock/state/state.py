"""Everything that the mock remembers, by kind."""

from __future__ import annotations

import uuid
from functools import partial

from .database import Database
from .records import Records

OWNER = "user_2Yk8QmZr"
"""The one user of the server, who owns all that is made."""


class State:
    """What the mock remembers of what it was told.

    Args:
        database: Where it is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        records = partial(Records, database)
        self.voices = records("voice")
        self.datasets = records("dataset")
        self.files = records("file")
        self.fine_tunes = records("fine-tune")
        self.dictionaries = records("pronunciation dictionary")
        self.agents = records("agent")
        self.templates = records("template")
        self.phone_numbers = records("phone number")
        self.deployments = records("deployment")
        self.calls = records("call")
        self.metrics = records("metric")
        self.agent_metrics = records("metric of an agent")
        self.results = records("result")

    @property
    def is_new(self) -> bool:
        """Whether nothing has been remembered yet."""
        return self._database.is_new

    def note(self, name: str) -> str | None:
        """Give a note of the server to itself, or None."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def write_note(self, name: str, value: str) -> None:
        """Keep a note, in place of the one of that name."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def make_id(prefix: str) -> str:
    """Make an identifier that nothing else has, such as `ds_0f3a...`."""
    return f"{prefix}_{uuid.uuid4().hex[:16]}"
