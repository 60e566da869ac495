"""Objects of one kind in the database, by id and in insertion order."""

from __future__ import annotations

import json

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONObject, as_object
from cartesia_mock.storage.database import Database


class Records:
    """All objects of one kind.

    Args:
        database: The database.
        kind: Their kind, such as `dataset`; error messages contain it.
    """

    def __init__(self, database: Database, kind: str) -> None:
        self._database = database
        self._kind = kind

    def add(
        self, id: str, body: JSONObject, *, parent: str | None = None, content: bytes | None = None
    ) -> None:
        """Store an object.

        Args:
            id: Its identifier, unique within the kind.
            body: The object.
            parent: Identifier of the owning object.
            content: The uploaded file.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO records (kind, id, parent, body, content) VALUES (?, ?, ?, ?, ?)",
                (self._kind, id, parent, json.dumps(body), content),
            )

    def find(self, id: str, *, parent: str | None = None) -> JSONObject | None:
        """Find an object.

        Args:
            id: Its identifier.
            parent: Identifier of the owning object; None for any.

        Returns:
            The object, or None.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT body FROM records WHERE kind = ? AND id = ? AND (? IS NULL OR parent = ?)",
                (self._kind, id, parent, parent),
            ).fetchone()
        return None if row is None else _read(row[0])

    def get(self, id: str, *, parent: str | None = None) -> JSONObject:
        """Return an object as `find` does; raises HTTPError (404) when there is none."""
        found = self.find(id, parent=parent)
        if found is None:
            raise self.missing(id)
        return found

    def list(self, *, parent: str | None = None) -> list[JSONObject]:
        """Return the objects, newest first.

        Args:
            parent: Identifier of the owning object; None for all objects.

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
        """Change fields of an object.

        Args:
            id: Its identifier.
            changes: The fields.

        Returns:
            The changed object.

        Raises:
            HTTPError: There is no such object (404).
        """
        with self._database.transaction() as connection:
            body = self.get(id) | changes
            connection.execute(
                "UPDATE records SET body = ? WHERE kind = ? AND id = ?",
                (json.dumps(body), self._kind, id),
            )
        return body

    def content(self, id: str) -> bytes | None:
        """Return the uploaded file of an object, or None."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT content FROM records WHERE kind = ? AND id = ?", (self._kind, id)
            ).fetchone()
        return None if row is None else row[0]

    def remove(self, id: str) -> None:
        """Delete an object.

        Args:
            id: Its identifier.

        Raises:
            HTTPError: There is no such object (404).
        """
        with self._database.transaction() as connection:
            gone = connection.execute(
                "DELETE FROM records WHERE kind = ? AND id = ?", (self._kind, id)
            )
            if not gone.rowcount:
                raise self.missing(id)

    def remove_all(self, *, parent: str) -> None:
        """Delete all objects of an owning object."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM records WHERE kind = ? AND parent = ?", (self._kind, parent)
            )

    def missing(self, id: str) -> HTTPError:
        """Return the error for an unknown identifier."""
        return HTTPError(
            404, f"{self._kind.capitalize()} not found", f"no {self._kind} has the id {id!r}"
        )


def _read(text: str) -> JSONObject:
    return as_object(json.loads(text))
