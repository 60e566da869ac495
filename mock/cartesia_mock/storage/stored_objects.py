"""All stored objects, by kind."""

from __future__ import annotations

import uuid
from functools import partial

from cartesia_mock.storage.database import Database
from cartesia_mock.storage.records import Records

OWNER = "user_2Yk8QmZr"
"""Identifier of the server's only user, the owner of all created objects."""


class Storage:
    """The stored objects of one server.

    Args:
        database: The database.
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
        """Whether the database was created just now."""
        return self._database.is_new

    def note(self, name: str) -> str | None:
        """Return an internal value of the server by name, or None."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def write_note(self, name: str, value: str) -> None:
        """Store an internal value of the server, replacing the one of that name."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def clear(self) -> None:
        """Remove all objects, but no internal values."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM records")

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def make_id(prefix: str) -> str:
    """Return a new unique identifier, such as `ds_0f3a...`."""
    return f"{prefix}_{uuid.uuid4().hex[:16]}"
