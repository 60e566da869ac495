"""The views of models, enums and unions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property

from scripts.bundle import JSONMap
from scripts.view import prose, shapes
from scripts.view.document import Document, Property, mapping, mappings, strings, text
from scripts.view.generator_output import Parsed
from scripts.view.python_names import attribute, literal, snake_case
from scripts.view.shapes import Annotator, Named, SchemaKind, Shape

IN_MODEL = Annotator(models="_models.", params=None)


@dataclass(frozen=True)
class FieldView:
    """One attribute of a model."""

    name: str
    wire: str
    annotation: str
    default: str | None
    read: str
    """The expression that reads it."""
    documentation: list[str]
    aliases: list[str]
    is_audio: bool

    @property
    def value(self) -> str:
        """The value assigned in the class: default, and keys if they differ from the name."""
        keys = (self.wire, *self.aliases)
        if keys == (self.name,):
            return self.default or ""
        default = f"default={self.default}, " if self.default else ""
        names = ", ".join(literal(key) for key in keys)
        return f'_field({default}metadata={{"keys": [{names}]}})'


@dataclass(frozen=True)
class ModelView:
    """One generated class."""

    name: str
    module: str
    base: str
    documentation: list[str]
    fields: list[FieldView]
    source: str = dataclass_field(compare=False)
    arrays: str = ""
    """Field -> the array that it may come in, as an expression; empty where it never does."""

    @property
    def audio(self) -> FieldView | None:
        """The field that holds audio as base64."""
        return next((field for field in self.fields if field.is_audio), None)


@dataclass(frozen=True)
class EnumView:
    """A named list of values."""

    name: str
    module: str
    values: list[str]
    documentation: list[str]
    source: str = dataclass_field(compare=False)


@dataclass(frozen=True)
class Branch:
    """One variant of a union: its condition, and the expression that reads it."""

    condition: str
    read: str


@dataclass(frozen=True)
class UnionView:
    """A named union and its reader."""

    name: str
    module: str
    members: list[str]
    parser: str
    tag: str | None
    branches: list[Branch]
    documentation: list[str]
    source: str = dataclass_field(compare=False)


@dataclass(frozen=True)
class ModelIndex:
    """The names that the package of models offers, each with its module."""

    exports: list[tuple[str, str]]


def parser_name(union: str) -> str:
    """Name the reader of a union."""
    return f"parse_{snake_case(union)}"


def reader(shape: Shape) -> str | None:
    """Return the function that parses a JSON object of this shape; None if it needs no parsing."""
    shape = shapes.without_none(shape)
    if isinstance(shape, shapes.AnyOf):
        return next((found for member in shape.members if (found := reader(member))), None)
    if isinstance(shape, Named) and shape.kind is SchemaKind.MODEL:
        return f"_models.{shape.name}.from_dict"
    if isinstance(shape, Named) and shape.kind is SchemaKind.UNION:
        return f"_models.{parser_name(shape.name)}"
    return None


def reading(shape: Shape, wire: str, aliases: Sequence[str], default: str | None) -> str:
    """Return the expression that reads a field; one without a default raises a KeyError."""
    names = ", ".join(literal(name) for name in (wire, *aliases))
    if aliases:
        value = f"{'read_first' if default else 'read_required'}(data, {names})"
    elif default is None:
        value = f"data[{names}]"
    else:
        value = f"data.get({names})" if default == "None" else f"data.get({names}, {default})"
    return parsed(shape, value)


def parsed(shape: Shape, value: str) -> str:
    """Return the expression that parses a JSON value; the value itself if it needs no parsing."""
    shape = shapes.without_none(shape)
    match shape:
        case shapes.DateTime():
            return f"read_datetime({value})"
        case shapes.Date():
            return f"read_date({value})"
        case shapes.ListOf(Named(name, SchemaKind.MODEL, in_arrays=True)):
            return f"read_arrays({value}, _models.{name})"
        case shapes.ListOf(item) if parse := reader(item):
            return f"read_list({value}, {parse})"
        case shapes.ListOf(item) | shapes.MapOf(item):
            inner = parsed(item, "item")
            parse = inner.removesuffix("(item)")
            parse = parse if parse.isidentifier() else f"lambda item: {inner}"
            return value if inner == "item" else f"read_each({value}, {parse})"
        case _ if parse := reader(shape):
            return f"read_model({value}, {parse})"
        case _:
            return value


class Models:
    """Makes the views of all named schemas."""

    def __init__(self, document: Document, parsed: Parsed) -> None:
        self.document = document
        self.parsed = parsed

    def source(self, name: str) -> str:
        """Return the location of a schema in the document."""
        return self.document.source(f"/components/schemas/{name}")

    @cached_property
    def models(self) -> list[ModelView]:
        """The classes; a request body that is only passed as arguments needs none."""
        only_bodies = self.document.bodies - self.document.referred
        return [self._model(name) for name in self.parsed.models if name not in only_bodies]

    @cached_property
    def enums(self) -> list[EnumView]:
        """The lists of values."""
        return [
            EnumView(
                name,
                snake_case(name),
                [literal(value) for value in values],
                self._documentation(name, 0),
                self.source(name),
            )
            for name, values in self.parsed.enums.items()
        ]

    @cached_property
    def unions(self) -> list[UnionView]:
        """The named unions."""
        return [
            self._union(name)
            for name in self.document.schemas
            if self.document.kind(name) in {SchemaKind.UNION, SchemaKind.CHOICE}
        ]

    @property
    def exports(self) -> list[tuple[str, str, str]]:
        """All their names, each with its module and the schema that it belongs to."""
        items: list[ModelView | EnumView | UnionView] = [*self.models, *self.enums, *self.unions]
        return [(item.name, item.module, item.name) for item in items] + [
            (union.parser, union.module, union.name) for union in self.unions if union.branches
        ]

    def _documentation(self, name: str, indent: int) -> list[str]:
        return prose.described(text(self.document.schemas[name], "description"), indent)

    def _model(self, name: str) -> ModelView:
        schema = self.document.schemas[name]
        found = self.document.component_properties(name)
        fields = [
            self._field(found[wire], required=required)
            for wire, required in self.parsed.models[name].items()
        ]
        order = list(found)
        # attrs requires fields without a default to come first; otherwise document order.
        fields.sort(key=lambda field: (field.default is not None, order.index(field.wire)))
        return ModelView(
            name,
            snake_case(name),
            text(schema, "x-python-base") or "Model",
            self._documentation(name, 4),
            fields,
            self.source(name),
            literal(schema["x-parallel-arrays"]) if "x-parallel-arrays" in schema else "",
        )

    def _field(self, field: Property, *, required: bool) -> FieldView:
        shape = self.document.shape(field.schema)
        if not required:
            shape = shapes.any_of(shape, shapes.NONE)
        aliases = strings(field.schema, "x-aliases")
        constant = field.schema.get("const") if required else None
        default = None if required else "None"
        if "const" in field.schema and required:
            default = literal(constant)
        return FieldView(
            name=text(field.schema, "x-python-name") or attribute(field.wire),
            wire=field.wire,
            annotation=IN_MODEL.annotate(shape),
            default=default,
            read=reading(shape, field.wire, aliases, default),
            documentation=prose.note(self.document.describe(field.schema), 4),
            aliases=aliases,
            is_audio=field.schema.get("contentEncoding") == "base64"
            and text(field.schema, "contentMediaType").startswith("audio/"),
        )

    def _union(self, name: str) -> UnionView:
        schema = self.document.schemas[name]
        tag = text(mapping(schema, "discriminator"), "propertyName") or None
        shape = self.document.shape({**schema, "description": ""})
        return UnionView(
            name,
            snake_case(name),
            IN_MODEL.alternatives(shape),
            parser_name(name),
            tag,
            list(self._branches(schema, tag)),
            self._documentation(name, 0),
            self.source(name),
        )

    def _branches(self, schema: JSONMap, tag: str | None) -> Iterator[Branch]:
        if tag is not None:
            for value, ref in mapping(mapping(schema, "discriminator"), "mapping").items():
                parse = reader(self.document.shape({"$ref": ref}))
                yield Branch(f"tag == {literal(value)}", f"{parse}(data)")
            return
        for member in (*mappings(schema, "oneOf"), *mappings(schema, "anyOf")):
            parse = reader(self.document.shape(member))
            if parse is not None:
                yield Branch(self._recognition(member), f"{parse}(data)")

    def _recognition(self, member: JSONMap) -> str:
        """Return the condition that identifies a variant without a tag.

        It compares the constant fields, or checks that all required fields are present.
        """
        node, pointer = self.document.resolve(member)
        required = [
            item for item in self.document.properties(node, pointer).values() if item.required
        ]
        fixed = [item for item in required if "const" in item.schema]
        if fixed:
            tests = [_equality(item) for item in fixed]
        else:
            tests = [f"{literal(item.wire)} in data" for item in required]
        return " and ".join(tests) or "data"


def _equality(field: Property) -> str:
    constant = field.schema["const"]
    operator = "is" if isinstance(constant, bool) else "=="
    return f"data.get({literal(field.wire)}) {operator} {literal(constant)}"
