"""The values of open enumerations that the server knows, such as its models and languages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

from cartesia_mock.document.openapi_document import APIDocument


class KnownValues:
    """The values that the server takes for the open enumerations of a document.

    They are those that any date lists, since models and languages do not come with a version.

    Args:
        document: The document.
        dated: The documents of all dates.
    """

    def __init__(self, document: APIDocument, dated: Collection[APIDocument]) -> None:
        self._document = document
        self._dated = dated
        self._find = cache(self._collect)

    def of(self, schema: str) -> Sequence[str]:
        """Return the known values of a schema.

        Args:
            schema: JSON pointer to it.

        Returns:
            The values, first those of the document; none for a schema that takes any value.
        """
        return self._find(schema)

    def _collect(self, schema: str) -> Sequence[str]:
        return [
            value
            for place in self._document.restricted_enums(schema)
            for value in dict.fromkeys(
                value
                for document in (self._document, *self._dated)
                if document.has(place) and document.restricted_enums(place)
                for value in document.enum(place)
            )
        ]
