"""The objects that the mock stores, in SQLite: in memory or in a file."""

from __future__ import annotations

from cartesia_mock.storage.database import Database, StorageError
from cartesia_mock.storage.records import Records
from cartesia_mock.storage.stored_objects import OWNER, Storage, make_id

__all__ = ["OWNER", "Database", "Records", "Storage", "StorageError", "make_id"]
