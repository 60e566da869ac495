"""The SQLite database: its schema, the schema's version, and short transactions from any thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

VERSION = 1
"""Version of the schema, kept in `PRAGMA user_version`; a change of the schema counts it up."""

_SCHEMA = """
CREATE TABLE records (
    number INTEGER PRIMARY KEY,  -- The order in which they came.
    kind TEXT NOT NULL,          -- `dataset`, `voice`, ...
    id TEXT NOT NULL,
    parent TEXT,                 -- Id of what it belongs to.
    body TEXT NOT NULL,          -- The object, as JSON.
    content BLOB,                -- What was uploaded with it.
    UNIQUE (kind, id)
);
CREATE INDEX records_by_parent ON records (kind, parent);
CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class StateError(Exception):
    """The file that was named for the state cannot be used."""


class Database:
    """One database, in memory or in a file.

    Every transaction is short and under one lock, so that it may be used from the event loop and
    from worker threads at once.

    Args:
        path: The file; None keeps everything in memory.

    Raises:
        StateError: The file cannot be opened, is something else, or has another schema.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        self.is_new = False
        name = ":memory:" if path is None else str(path)
        try:
            self._connection = sqlite3.connect(name, check_same_thread=False, isolation_level=None)
            self._prepare(name)
        except sqlite3.Error as error:
            raise StateError(f"{name} cannot hold the state: {error}") from None

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """Run statements as one transaction: all of them hold, or none does.

        One within another is part of that.
        """
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the database; what is in a file stays there."""
        with self._lock:
            self._connection.close()

    def _prepare(self, name: str) -> None:
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        self.is_new = version == 0 and tables == 0
        if self.is_new:
            script = f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"
            self._connection.executescript(script)
        elif version != VERSION:
            self._connection.close()
            raise StateError(
                f"{name} has schema {version}, this mock reads {VERSION}: name another file"
            )
