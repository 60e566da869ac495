"""Validation against the document's schemas, with messages that name the offending field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Protocol, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import (
    create,  # pyright: ignore[reportUnknownVariableType]  its stub leaves `version` open
)
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue, as_list, as_object
from cartesia_mock.document.openapi_document import APIDocument

_BASE = "urn:cartesia:openapi"
_MAX_LISTED_CHOICES = 12
_MAX_VALUE_LENGTH = 80
_MAX_ERRORS = 100
_INTEGER = re.compile("[-+]?[0-9]{1,300}")
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")
"""A number of JSON, and what clients write in its place; neither `nan` nor `inf`."""


class SchemaValidator:
    """Validates values against the schemas of a document.

    Attributes:
        document: The document.
    """

    def __init__(self, document: APIDocument) -> None:
        self.document = document
        resource = DRAFT202012.create_resource(document.contents)
        self._registry = EMPTY_REGISTRY.with_resource(_BASE, resource)
        self._validator = cache(self._build)

    def problems(self, pointer: str, value: JSONValue) -> list[str]:
        """Validate a value.

        Args:
            pointer: JSON pointer to a schema of the document.
            value: The value to validate.

        Returns:
            One sentence for each invalid field, at most 100, beginning with its name; empty for a
            valid value.
        """
        errors = islice(self._validator(pointer).iter_errors(value), _MAX_ERRORS)
        return sorted(
            {describe(relevant) for error in errors for relevant in _relevant_errors(error)}
        )

    def coerce(self, pointer: str, text: str) -> JSONValue:
        """Convert the text of a parameter or form field to the type of its schema.

        Args:
            pointer: JSON pointer to the schema.
            text: The text from the request.

        Returns:
            A number or a boolean if the schema allows one and the text is one, else the text.
        """
        types = self.types(pointer)
        if "boolean" in types and text in {"true", "false"}:
            return text == "true"
        for kind, pattern, read in (("integer", _INTEGER, int), ("number", _NUMBER, float)):
            if kind in types and pattern.fullmatch(text):
                return read(text)
        return text

    def types(self, pointer: str) -> set[str]:
        """Return the names of the JSON types that a schema allows."""
        _, node = self.document.find(pointer)
        fields = JSONFields(as_object(node))
        found = {fields.text("type")} | set(fields.texts("type"))
        for branch in self.document.branches(pointer):
            found |= self.types(branch)
        return found - {""}

    def items(self, pointer: str) -> str | None:
        """Return the JSON pointer to the schema of an array's items; None for other types."""
        place, node = self.document.find(pointer)
        if "items" in as_object(node):
            return f"{place}/items"
        found = map(self.items, self.document.branches(place))
        return next((each for each in found if each is not None), None)

    def properties(self, pointer: str) -> dict[str, str]:
        """Return the JSON pointers to the schemas of an object's properties, by name."""
        place, node = self.document.find(pointer)
        properties = JSONFields(as_object(node)).object("properties").data
        return {
            name: f"{place}/properties/{name.replace('~', '~0').replace('/', '~1')}"
            for name in properties
        }

    def _build(self, pointer: str) -> Validator:
        return _Dialect(
            {"$ref": f"{_BASE}#{pointer}"},
            registry=self._registry,
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )


def describe(error: ValidationError) -> str:
    """Describe one validation error in a sentence that begins with the field's name.

    Args:
        error: The error.

    Returns:
        A sentence such as `output_format.sample_rate: 44000 is not one of 8000, 16000`.
    """
    field = ""
    for part in error.absolute_path:
        field += f"[{part}]" if isinstance(part, int) else f".{part}" if field else str(part)
    message = error.message
    value = repr(error.instance)
    value = value if len(value) <= _MAX_VALUE_LENGTH else f"{value[:_MAX_VALUE_LENGTH]}..."
    rule = cast(JSONValue, error.validator_value)  # It comes from the document, which is JSON.
    if error.validator == "enum":
        choices = [str(choice) for choice in as_list(rule)]
        more = (
            f" and {len(choices) - _MAX_LISTED_CHOICES} more"
            if len(choices) > _MAX_LISTED_CHOICES
            else ""
        )
        message = f"{value} is not one of {', '.join(choices[:_MAX_LISTED_CHOICES])}{more}"
    elif error.validator == "required":
        missing = message.split("'")[1]
        field, message = f"{field}.{missing}" if field else missing, "is required"
    elif error.validator == "type":
        names = map(str, as_list(rule) or [rule])
        message = f"{value} is not of type {' or '.join(names)}"
    elif error.validator == "not":
        fields = JSONFields(as_object(rule)).texts("required")
        message = f"{' and '.join(fields)} exclude each other: send one of them"
    elif len(message) > 2 * _MAX_VALUE_LENGTH:
        message = f"{value} does not fit ({error.validator})"
    return f"{field}: {message}" if field else message


def _relevant_errors(error: ValidationError) -> list[ValidationError]:
    """Return the errors of the branch of a union that fits best: the one with fewest errors."""
    branches: dict[object, list[ValidationError]] = {}
    for below in error.context or ():
        branches.setdefault(below.schema_path[0], []).append(below)
    if not branches:
        return [error]
    return [each for below in min(branches.values(), key=len) for each in _relevant_errors(below)]


class _DescendingValidator(Protocol):
    """The part of a validator that a keyword uses to validate nested values."""

    def descend(self, instance: object, schema: object) -> Iterable[ValidationError]: ...


def _branches(
    validator: _DescendingValidator,
    branches: list[JSONValue],
    instance: object,
    schema: Mapping[str, JSONValue],
) -> Iterator[ValidationError]:
    """Validate a union by its one relevant branch, so that errors are about that branch.

    That is the branch that the discriminator names, or the only branch of a nullable schema that
    is not null.
    """
    value = cast(JSONValue, instance)  # Only JSON values are validated.
    discriminator = JSONFields(as_object(schema.get("discriminator")))
    tag_name = discriminator.text("propertyName")
    mapping = discriminator.object("mapping").data
    if isinstance(value, dict) and tag_name and mapping:
        tag = value.get(tag_name)
        if isinstance(tag, str) and tag in mapping:
            yield from validator.descend(value, {"$ref": mapping[tag]})
        elif tag_name not in value:
            yield from validator.descend(value, {"required": [tag_name]})
        else:
            tags: JSONObject = {"enum": list(mapping)}
            yield from validator.descend(value, {"properties": {tag_name: tags}})
        return
    values = [branch for branch in branches if as_object(branch).get("type") != "null"]
    if value is not None and len(values) == 1:
        yield from validator.descend(value, values[0])
        return
    if any("enum" in as_object(branch) for branch in branches) and {"type": "string"}.items() <= (
        as_object(branches[-1]).items()
    ):
        # An open enumeration: handlers check the values that it does not list.
        yield from validator.descend(value, {"type": "string"})
        return
    keyword = "oneOf" if schema.get("oneOf") is branches else "anyOf"
    yield from Draft202012Validator.VALIDATORS[keyword](validator, branches, value, schema)


_Dialect = create(
    meta_schema=Draft202012Validator.META_SCHEMA,
    validators={**Draft202012Validator.VALIDATORS, "oneOf": _branches, "anyOf": _branches},
    version="cartesia-openapi",
    type_checker=Draft202012Validator.TYPE_CHECKER,
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)
