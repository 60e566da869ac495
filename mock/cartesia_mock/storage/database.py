"""The SQLite database: its schema and version, and short transactions from any thread."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from cartesia_mock.api.http_errors import HTTPError

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


_OWNER_ONLY = 0o600
_MAX_BYTES = 1024**3


class StorageError(Exception):
    """The storage file cannot be used."""


class Database:
    """One database, in memory or in a file.

    Every transaction is short and holds one lock, so that the event loop and worker threads can
    share the database.

    Args:
        path: The file, readable by its owner only; None stores everything in memory.
        max_bytes: Maximum size.

    Raises:
        StorageError: The file cannot be opened, is not a database, or has another schema.
    """

    def __init__(self, path: Path | None = None, max_bytes: int = _MAX_BYTES) -> None:
        self._lock = threading.RLock()
        self.is_new = False
        name = ":memory:" if path is None else str(path)
        try:
            if path is not None:
                # The file has the secret of access tokens in it. SQLite would make it by the umask.
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))
            self._connection = sqlite3.connect(name, check_same_thread=False, isolation_level=None)
            self._prepare(name)
            if path is not None:
                with suppress(PermissionError):  # The file belongs to another user.
                    path.chmod(_OWNER_ONLY)
            page_size = int(self._connection.execute("PRAGMA page_size").fetchone()[0])
            self._connection.execute(f"PRAGMA max_page_count = {max_bytes // page_size}")
        except (sqlite3.Error, OSError) as error:
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
            except BaseException as error:
                if self._connection.in_transaction:  # SQLite itself rolls back when it is full.
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
                    message = "there is no room for more objects: delete some, or reset the server"
                    raise HTTPError(507, "Insufficient storage", message) from None
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
