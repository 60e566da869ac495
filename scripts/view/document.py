"""The bundled document: components, their fields, and the shapes of schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from scripts.bundle import JSON, Bundle, DocumentError, JSONMap, escape, unescape
from scripts.view import shapes
from scripts.view.shapes import SchemaKind, Shape

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")

SCALARS = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
}


def mapping(node: JSON, key: str) -> JSONMap:
    """Return the mapping at ``key``, or an empty one."""
    value = node.get(key) if isinstance(node, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def sequence(node: JSON, key: str) -> Sequence[JSON]:
    """Return the list at ``key``, or an empty one."""
    value = node.get(key) if isinstance(node, Mapping) else None
    return value if isinstance(value, list) else []


def mappings(node: JSON, key: str) -> list[JSONMap]:
    """Return the mappings in the list at ``key``."""
    return [item for item in sequence(node, key) if isinstance(item, Mapping)]


def strings(node: JSON, key: str) -> list[str]:
    """Return the strings in the list at ``key``."""
    return [item for item in sequence(node, key) if isinstance(item, str)]


def text(node: JSON, key: str) -> str:
    """Return the string at ``key``, or an empty one, stripped."""
    value = node.get(key) if isinstance(node, Mapping) else None
    return value.strip() if isinstance(value, str) else ""


@dataclass(frozen=True)
class Property:
    """One field of an object schema."""

    wire: str
    schema: JSONMap
    required: bool
    pointer: str


@dataclass(frozen=True)
class RawOperation:
    """One operation of the document."""

    path: str
    method: str
    node: JSONMap
    shared: JSONMap
    """The path item above it."""
    pointer: str

    @property
    def id(self) -> str:
        """Its ``operationId``."""
        return text(self.node, "operationId")

    @property
    def tag(self) -> str:
        """Its dotted tag: the id without the name of the method."""
        return self.id.rpartition(".")[0]

    @property
    def deprecation(self) -> str:
        """What to do instead of calling it, as a clause; empty unless it is deprecated."""
        if self.node.get("deprecated") is not True:
            return ""
        if successor := text(self.node, "x-replaced-by"):
            return f"use `{successor}`"
        url = text(mapping(self.node, "externalDocs"), "url")
        return f"see {url}" if url else "the API will drop it"

    @property
    def name(self) -> str:
        """The name of its method."""
        return self.id.rpartition(".")[2]


class Document:
    """The bundled document."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.root = bundle.document

    def place(self, pointer: str) -> str:
        """Return the location of a pointer in the source files."""
        return self.bundle.place(pointer)

    def source(self, pointer: str) -> str:
        """Return what a generated file names as its source."""
        return self.bundle.source(pointer)

    def fault(self, pointer: str, what: str) -> DocumentError:
        """Make the error for one location."""
        return DocumentError([f"{self.place(pointer)}: {what}"])

    @cached_property
    def schemas(self) -> Mapping[str, JSONMap]:
        """The named schemas."""
        found = mapping(mapping(self.root, "components"), "schemas")
        return {name: node for name, node in found.items() if isinstance(node, Mapping)}

    @cached_property
    def tags(self) -> Mapping[str, JSONMap]:
        """The declared tags by name."""
        return {text(node, "name"): node for node in mappings(self.root, "tags")}

    @cached_property
    def operations(self) -> list[RawOperation]:
        """Every operation, in the order of the document."""
        return [
            RawOperation(path, method, node, item, f"/paths/{escape(path)}/{method}")
            for path, item in mapping(self.root, "paths").items()
            if isinstance(item, Mapping)
            for method, node in item.items()
            if method in METHODS and isinstance(node, Mapping)
        ]

    def resolve(self, node: JSONMap, pointer: str = "") -> tuple[JSONMap, str]:
        """Follow a reference; give the node it names and that node's pointer."""
        while isinstance(ref := node.get("$ref"), str):
            pointer = ref.removeprefix("#")
            node = self.root
            for token in pointer.split("/")[1:]:
                node = mapping(node, unescape(token))
        return node, pointer

    def parameters(self, operation: RawOperation) -> Iterator[tuple[JSONMap, str]]:
        """Yield each parameter of an operation with its pointer; its own win over the path's."""
        seen: set[tuple[str, str]] = set()
        above = operation.pointer.rpartition("/")[0]
        for owner, pointer in ((operation.node, operation.pointer), (operation.shared, above)):
            for index, node in enumerate(mappings(owner, "parameters")):
                found, at = self.resolve(node, f"{pointer}/parameters/{index}")
                key = (text(found, "in"), text(found, "name"))
                if key not in seen:
                    seen.add(key)
                    yield found, at

    def responses(self, operation: RawOperation) -> Iterator[tuple[JSONMap, str]]:
        """Yield each response of an operation with its pointer."""
        for status, node in mapping(operation.node, "responses").items():
            if isinstance(node, Mapping):
                yield self.resolve(node, f"{operation.pointer}/responses/{escape(status)}")

    def properties(self, schema: JSONMap, pointer: str) -> dict[str, Property]:
        """Return the fields of an object schema."""
        required = strings(schema, "required")
        fields = mapping(schema, "properties")
        return {
            wire: Property(
                wire,
                mapping(fields, wire),
                wire in required,
                f"{pointer}/properties/{escape(wire)}",
            )
            for wire in fields
        }

    def exclusive_fields(self, schema: JSONMap) -> list[str]:
        """Return the fields of an object of which it has one at most."""
        return strings(mapping(schema, "not"), "required")

    def component_properties(self, name: str) -> dict[str, Property]:
        """Return the fields of a named object schema."""
        return self.properties(self.schemas[name], f"/components/schemas/{escape(name)}")

    def body_properties(self, operation: RawOperation) -> dict[str, Property]:
        """Return the fields of the body of an operation; none where it has no body."""
        return self.properties(*self.body_schema(operation))

    def body_schema(self, operation: RawOperation) -> tuple[JSONMap, str]:
        """Return the schema of the body of an operation, and its pointer; empty without a body."""
        above = f"{operation.pointer}/requestBody"
        node, pointer = self.resolve(mapping(operation.node, "requestBody"), above)
        for media, entry in mapping(node, "content").items():
            at = f"{pointer}/content/{escape(media)}/schema"
            return self.resolve(mapping(entry, "schema"), at)
        return {}, above

    @cached_property
    def bodies(self) -> frozenset[str]:
        """The named schemas that are the body of a request."""
        found = set[str]()
        for operation in self.operations:
            node, _ = self.resolve(mapping(operation.node, "requestBody"))
            for media in mapping(node, "content").values():
                if ref := text(mapping(media, "schema"), "$ref"):
                    found.add(unescape(ref.rpartition("/")[2]))
        return frozenset(found)

    @cached_property
    def referred(self) -> frozenset[str]:
        """The named schemas that are used by more than request bodies."""
        found = set[str]()
        pending: list[JSON] = [
            self.schemas,
            [
                [value for key, value in operation.node.items() if key != "requestBody"]
                for operation in self.operations
            ],
        ]
        while pending:
            node = pending.pop()
            if isinstance(node, Mapping):
                if ref := text(node, "$ref"):
                    found.add(unescape(ref.rpartition("/")[2]))
                pending += node.values()
            elif isinstance(node, list):
                pending += node
        return frozenset(found)

    def kind(self, name: str) -> SchemaKind | None:
        """Return the kind of a named schema; None for an alias of another type."""
        schema = self.schemas[name]
        if "enum" in schema or self.open_values(schema) is not None:
            return SchemaKind.ENUM
        if "oneOf" in schema or "anyOf" in schema:
            return SchemaKind.UNION if self._has_object(schema) else SchemaKind.CHOICE
        return SchemaKind.MODEL if "properties" in schema else None

    def _has_object(self, schema: JSONMap) -> bool:
        """Return whether an object is among the members of a union, or of a union in it."""
        members = [
            self.resolve(member)[0]
            for word in ("oneOf", "anyOf")
            for member in mappings(schema, word)
        ]
        return any("properties" in member or self._has_object(member) for member in members)

    def open_values(self, schema: JSONMap) -> JSONMap | None:
        """Return the listed part of an open enum, ``anyOf: [{type, enum}, {type}]``, or None.

        A `pattern` may restrict the second part; only servers check it.
        """
        members = mappings(schema, "anyOf")
        if len(members) != 2 or "enum" not in members[0]:  # noqa: PLR2004
            return None
        return members[0] if {"type"} <= set(members[1]) <= {"type", "pattern"} else None

    def shape(self, schema: JSONMap) -> Shape:
        """Return the shape of the values that a schema describes."""
        if isinstance(ref := schema.get("$ref"), str):
            return self._named(unescape(ref.rpartition("/")[2]))
        if "const" in schema:
            return shapes.Constant((schema["const"],))
        if "enum" in schema:
            return shapes.Constant(tuple(sequence(schema, "enum")))
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return shapes.any_of(*(self.shape(member) for member in mappings(schema, word)))
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return shapes.any_of(*(self.shape({**schema, "type": kind}) for kind in kinds))
        return self._typed(schema, kinds)

    def _typed(self, schema: JSONMap, kind: JSON) -> Shape:
        """Return the shape of a schema of one type."""
        if kind == "array":
            return shapes.ListOf(self.shape(mapping(schema, "items")))
        if kind == "object":
            values = mapping(schema, "additionalProperties")
            return shapes.MapOf(self.shape(values) if values else shapes.OBJECT)
        if kind == "string" and schema.get("format") == "date-time":
            return shapes.DateTime()
        if kind == "string" and schema.get("format") == "date":
            return shapes.Date()
        if kind == "string" and schema.get("format") == "binary":
            return shapes.File()
        return shapes.Plain(SCALARS[kind]) if isinstance(kind, str) else shapes.OBJECT

    def _named(self, name: str) -> Shape:
        schema = self.schemas[name]
        kind = self.kind(name)
        if kind is None:
            return self.shape(schema)
        if kind is SchemaKind.ENUM:
            listed = self.open_values(schema)
            further = SCALARS[text(listed, "type")] if listed is not None else None
            return shapes.Named(name, kind, open=further)
        shorthand = None
        if key := text(schema, "x-shorthand"):
            fixed = tuple(
                (field.wire, field.schema["const"])
                for field in self.component_properties(name).values()
                if "const" in field.schema
            )
            shorthand = shapes.Shorthand(key, fixed)
        in_arrays = "x-parallel-arrays" in schema
        given = tuple(strings(schema, "x-id-of"))
        return shapes.Named(name, kind, shorthand=shorthand, in_arrays=in_arrays, id_of=given)

    def describe(self, schema: JSONMap) -> str:
        """Return the description of a schema: its own, or that of what it refers to.

        It says so if either is deprecated.
        """
        targets = [
            self.resolve(node)[0]
            for node in (
                schema,
                *mappings(schema, "anyOf"),
                *mappings(schema, "oneOf"),
            )
            if "$ref" in node
        ]
        said = text(schema, "description") or (text(targets[0], "description") if targets else "")
        target = self.resolve(schema)[0]
        deprecated = schema.get("deprecated") or target.get("deprecated")
        is_told = not said or "deprecated" in said.lower()
        return f"Deprecated. {said}" if deprecated and not is_told else said
