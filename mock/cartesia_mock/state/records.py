"""Objects of one kind in the database, by id and in the order in which they came."""

from __future__ import annotations

import json

from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import JSONObject, as_object

from .database import Database


class Records:
    """All objects of one kind.

    Args:
        database: Where they are kept.
        kind: What they are, such as `dataset`; errors name it.
    """

    def __init__(self, database: Database, kind: str) -> None:
        self._database = database
        self._kind = kind

    def add(
        self, id: str, body: JSONObject, *, parent: str | None = None, content: bytes | None = None
    ) -> None:
        """Keep an object.

        Args:
            id: Its identifier, which no other of this kind has.
            body: The object.
            parent: Identifier of what it belongs to.
            content: What was uploaded with it.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO records (kind, id, parent, body, content) VALUES (?, ?, ?, ?, ?)",
                (self._kind, id, parent, json.dumps(body), content),
            )

    def find(self, id: str, *, parent: str | None = None) -> JSONObject | None:
        """Give an object, or None.

        Args:
            id: Its identifier.
            parent: What it must belong to, if that matters.

        Returns:
            The object.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT body FROM records WHERE kind = ? AND id = ? AND (? IS NULL OR parent = ?)",
                (self._kind, id, parent, parent),
            ).fetchone()
        return None if row is None else _read(row[0])

    def get(self, id: str, *, parent: str | None = None) -> JSONObject:
        """Give an object that must be there: as `find`, but APIError (404) where there is none."""
        found = self.find(id, parent=parent)
        if found is None:
            raise self.missing(id)
        return found

    def list(self, *, parent: str | None = None) -> list[JSONObject]:
        """Give all objects, the newest first.

        Args:
            parent: Only those that belong to it; all when None.

        Returns:
            The objects.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT body FROM records WHERE kind = ? AND (? IS NULL OR parent = ?) "
                "ORDER BY number DESC",
                (self._kind, parent, parent),
            ).fetchall()
        return [_read(row[0]) for row in rows]

    def change(self, id: str, changes: JSONObject) -> JSONObject:
        """Give an object other values for some of its fields.

        Args:
            id: Its identifier.
            changes: The fields.

        Returns:
            The object as it is now.

        Raises:
            APIError: There is none (404).
        """
        with self._database.transaction() as connection:
            body = self.get(id) | changes
            connection.execute(
                "UPDATE records SET body = ? WHERE kind = ? AND id = ?",
                (json.dumps(body), self._kind, id),
            )
        return body

    def content(self, id: str) -> bytes | None:
        """Give what was uploaded with an object, or None."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT content FROM records WHERE kind = ? AND id = ?", (self._kind, id)
            ).fetchone()
        return None if row is None else row[0]

    def remove(self, id: str) -> None:
        """Forget an object.

        Args:
            id: Its identifier.

        Raises:
            APIError: There is none (404).
        """
        with self._database.transaction() as connection:
            gone = connection.execute(
                "DELETE FROM records WHERE kind = ? AND id = ?", (self._kind, id)
            )
            if not gone.rowcount:
                raise self.missing(id)

    def remove_all(self, *, parent: str) -> None:
        """Forget every object that belongs to something."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM records WHERE kind = ? AND parent = ?", (self._kind, parent)
            )

    def missing(self, id: str) -> APIError:
        """Give the error for an identifier that no object of this kind has."""
        return APIError(
            404, f"{self._kind.capitalize()} not found", f"no {self._kind} has the id {id!r}"
        )


def _read(text: str) -> JSONObject:
    return as_object(json.loads(text))
