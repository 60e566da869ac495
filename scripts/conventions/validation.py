"""Validates values of the document, such as examples, by its schemas."""

from __future__ import annotations

import re

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import UnknownType
from jsonschema.protocols import Validator
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

from scripts.bundle import JSON
from scripts.view.document import Document

_LOCATION = "urn:document"


class ExampleValidator:
    """Validates values by the schemas of a document.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        resource = DRAFT202012.create_resource(document.root)
        self._registry = EMPTY_REGISTRY.with_resource(_LOCATION, resource)

    def faults(self, pointer: str, value: JSON) -> list[str]:
        """Say what is wrong with a value.

        Args:
            pointer: JSON pointer to its schema.
            value: The value.

        Returns:
            One text for each fault; none for a schema that is itself wrong, which others tell.
        """
        try:
            return [
                f"{error.json_path.removeprefix('$.')}: {error.message}"
                if error.path
                else error.message
                for error in self._validator(pointer).iter_errors(value)
            ]
        except (UnknownType, Unresolvable, TypeError, ValueError, AttributeError, re.error):
            return []

    def _validator(self, pointer: str) -> Validator:
        return Draft202012Validator(
            {"$ref": f"{_LOCATION}#{pointer}"},
            registry=self._registry,
            format_checker=FormatChecker(),
        )
