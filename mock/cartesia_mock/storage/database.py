"""The SQLite database: its schema and version, and short transactions from any thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

VERSION = 1
"""Version of the schema, in `PRAGMA user_version`; increased by each change of the schema."""

_SCHEMA = """
CREATE TABLE records (
    number INTEGER PRIMARY KEY,  -- Insertion order.
    kind TEXT NOT NULL,          -- `dataset`, `voice`, ...
    id TEXT NOT NULL,
    parent TEXT,                 -- Id of the owning object.
    body TEXT NOT NULL,          -- The object, as JSON.
    content BLOB,                -- The uploaded file.
    UNIQUE (kind, id)
);
CREATE INDEX records_by_parent ON records (kind, parent);
CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class StorageError(Exception):
    """The storage file cannot be used."""


class Database:
    """One database, in memory or in a file.

    Every transaction is short and holds one lock, so that the event loop and worker threads can
    share the database.

    Args:
        path: The file; None stores everything in memory.

    Raises:
        StorageError: The file cannot be opened, is not a database, or has another schema.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        self.is_new = False
        name = ":memory:" if path is None else str(path)
        try:
            self._connection = sqlite3.connect(name, check_same_thread=False, isolation_level=None)
            self._prepare(name)
        except sqlite3.Error as error:
            raise StorageError(f"{name} cannot hold the state: {error}") from None

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """Run statements as one transaction; a nested transaction joins the outer one."""
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
        """Close the database."""
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
            raise StorageError(
                f"{name} has schema {version}, this mock reads {VERSION}: name another file"
            )
