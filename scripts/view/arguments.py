"""The arguments of generated methods, and the parts of the request they become."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.bundle import JSON, JSONMap
from scripts.view import prose, shapes
from scripts.view.document import Document, RawOperation, mapping, text
from scripts.view.generator_output import ParsedOperation
from scripts.view.params import Params
from scripts.view.python_names import identifier, literal
from scripts.view.shapes import Annotator, File

IN_CALL = Annotator(models="_models.", params="_models.")
OMIT = "omit"


@dataclass(frozen=True)
class Argument:
    """One argument of a method."""

    name: str
    wire: str
    annotation: str
    default: str | None
    """The expression of its default; None where it must be given."""
    documentation: str
    value: str
    """The expression that is sent."""

    @property
    def entry(self) -> Entry:
        """The entry it becomes in a printed dict."""
        return Entry(literal(self.wire), self.value)


@dataclass(frozen=True)
class Entry:
    """One entry of a printed dict, both sides as expressions."""

    key: str
    value: str


@dataclass(frozen=True)
class RequestPart:
    """One part of the request: ``path``, ``query``, ``body``, ``form`` or ``files``."""

    name: str
    entries: list[Entry]


@dataclass(frozen=True)
class CallArguments:
    """The arguments of a method, and the parts of its request."""

    positional: list[Argument]
    keywords: list[Argument]
    parts: list[RequestPart]

    @property
    def all(self) -> list[Argument]:
        """Every argument in the order of the signature."""
        return [*self.positional, *self.keywords]


class Arguments:
    """Makes arguments, and collects the parameter types that they use."""

    def __init__(self, document: Document, params: Params) -> None:
        self.document = document
        self.params = params

    def call(self, raw: RawOperation, parsed: ParsedOperation, place: Annotator) -> CallArguments:
        """Make the arguments of an operation.

        Args:
            raw: The operation.
            parsed: The generator's reading of it.
            place: Where the annotations stand.

        Returns:
            The arguments, required ones first, and the parts of the request.
        """
        parameters = {
            (text(node, "in"), text(node, "name")): self._parameter(node, place)
            for node, _ in self.document.parameters(raw)
        }
        path = [parameters["path", wire] for wire in parsed.path]
        query = [parameters["query", wire] for wire in parsed.query]
        body, parts = self._body(raw, parsed.body, place)
        # The innermost path parameter is what the call is about; the others read better by name.
        keywords = sorted([*path[:-1], *query, *body], key=lambda item: item.default is not None)
        if query:
            parts.insert(0, RequestPart("query", [item.entry for item in query]))
        if path:
            # Path parameters have no wire name: errors name the arguments.
            parts.insert(
                0, RequestPart("path", [Entry(literal(item.name), item.value) for item in path])
            )
        return CallArguments(path[-1:], keywords, parts)

    def argument(
        self,
        wire: str,
        schema: JSONMap,
        place: Annotator,
        *,
        default: str | None,
        nullable: bool = False,
        name: str = "",
        about: str = "",
    ) -> Argument:
        """Make one argument of a field or parameter.

        Args:
            wire: Its name on the wire.
            schema: Its schema.
            place: Where the annotation stands.
            default: The expression of its default; None where it must be given.
            nullable: Whether None is welcome though the schema does not say so.
            name: Its Python name, where the document gives one beside the schema.
            about: Its description, where it stands beside the schema.

        Returns:
            The argument.
        """
        shape = self.document.shape(schema)
        if nullable and default is not None:
            shape = shapes.any_of(shape, shapes.NONE)
        self.params.reach(shape)
        name = name or text(schema, "x-python-name") or identifier(wire)
        return Argument(
            name=name,
            wire=wire,
            annotation=place.annotate(shape, *(["Omit"] if default == OMIT else [])),
            default=default,
            documentation=self._describe(schema, about, default),
            value=_value(shape, name, is_optional=default == OMIT),
        )

    def _describe(self, schema: JSONMap, about: str, own_default: str | None) -> str:
        said = prose.ended(about or self.document.describe(schema))
        target = self.document.resolve(schema)[0]
        default = schema.get("default", target.get("default"))
        if default is None or str(default).lower() in said.lower():
            return said
        if own_default in {None, OMIT, literal(default)}:
            return f"{said} The server's default is {_shown(default)}."
        return f"{said} {own_default} here; the server's own default is {_shown(default)}."

    def _parameter(self, node: JSONMap, place: Annotator) -> Argument:
        is_deprecated = {"deprecated": True} if node.get("deprecated") is True else {}
        return self.argument(
            text(node, "name"),
            {**mapping(node, "schema"), **is_deprecated},
            place,
            default=None if node.get("required") is True else OMIT,
            nullable=True,  # None is left out of a query
            name=text(node, "x-python-name"),
            about=text(node, "description"),
        )

    def _body(
        self, raw: RawOperation, kind: str | None, place: Annotator
    ) -> tuple[list[Argument], list[RequestPart]]:
        """Make arguments of the fields of the body; constant fields are sent as they are."""
        if kind is None:
            return [], []
        arguments: list[Argument] = []
        entries: list[Entry] = []
        files: list[Entry] = []
        for field in self.document.body_properties(raw).values():
            if "const" in field.schema:
                if field.required:
                    entries.append(Entry(literal(field.wire), literal(field.schema["const"])))
                continue
            argument = self.argument(
                field.wire,
                field.schema,
                place,
                default=None if field.required else OMIT,
                nullable=True,  # None is left out where the API has no null
            )
            arguments.append(argument)
            is_file = self.document.shape(field.schema) == File()
            (files if is_file else entries).append(argument.entry)
        if kind == "json":
            return arguments, [RequestPart("body", entries)]
        return arguments, [
            RequestPart("form", entries),
            *([RequestPart("files", files)] if files else []),
        ]


def _value(shape: shapes.Shape, name: str, *, is_optional: bool) -> str:
    """Write the expression that is sent for an argument."""
    models = ", ".join(literal(model) for model in shapes.models_by_id(shape))
    if shorthand := shapes.shorthand_of(shape):
        value = shorthand.written_out(name)
    elif models:
        value = f"id_of({name}, {models})"
    else:
        return name
    return f"{name} if {name} is omit else {value}" if is_optional else value


def _shown(value: JSON) -> str:
    return str(value) if isinstance(value, bool) else f"`{value}`"
