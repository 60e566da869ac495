"""The views of parameter types: a TypedDict for each object that requests contain."""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from functools import cached_property

from scripts.view import prose
from scripts.view.document import Document, text
from scripts.view.python_names import literal
from scripts.view.shapes import Annotator, AnyOf, ListOf, MapOf, Named, SchemaKind, Shape

IN_PARAMS = Annotator(models="_models.", params="")


@dataclass(frozen=True)
class ParamField:
    """One key of a TypedDict."""

    key: str
    literal: str
    annotation: str
    documentation: list[str]


@dataclass(frozen=True)
class Param:
    """One TypedDict."""

    name: str
    is_total: bool
    is_functional: bool
    """Whether a key is not an identifier, so that the class syntax cannot be used."""
    fields: list[ParamField]
    documentation: list[str]


@dataclass(frozen=True)
class ParamUnion:
    """A union of parameter types and the models that are accepted too."""

    name: str
    members: list[str]
    documentation: list[str]


class Params:
    """Collects the types that are reachable from requests and socket messages."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._reached: dict[str, SchemaKind] = {}

    def reach(self, shape: Shape) -> None:
        """Collect the types of a shape that callers pass in."""
        match shape:
            case ListOf(inner) | MapOf(inner):
                self.reach(inner)
            case AnyOf(members):
                for member in members:
                    self.reach(member)
            case Named(name, SchemaKind.MODEL | SchemaKind.UNION as kind) if (
                name not in self._reached
            ):
                self._reached[name] = kind
                if kind is SchemaKind.MODEL:
                    for field in self.document.component_properties(name).values():
                        self.reach(self.document.shape(field.schema))
                else:
                    for member in self._members(name):
                        self.reach(member)
            case _:
                pass

    def _members(self, union: str) -> tuple[Shape, ...]:
        shape = self.document.shape(self.document.schemas[union])
        return shape.members if isinstance(shape, AnyOf) else (shape,)

    @property
    def names(self) -> list[str]:
        """The names that the module defines."""
        return [*(param.name for param in self.objects), *(param.name for param in self.unions)]

    @cached_property
    def objects(self) -> list[Param]:
        """A TypedDict for each object."""
        return [
            self._object(n) for n, kind in sorted(self._reached.items()) if kind is SchemaKind.MODEL
        ]

    @cached_property
    def unions(self) -> list[ParamUnion]:
        """An alias for each union."""
        return [
            ParamUnion(
                f"{name}Param",
                [
                    _evaluated(member)
                    for member in IN_PARAMS.alternatives(AnyOf(self._members(name)))
                ],
                self._documentation(name),
            )
            for name, kind in sorted(self._reached.items())
            if kind is SchemaKind.UNION
        ]

    def _documentation(self, name: str) -> list[str]:
        return prose.described(text(self.document.schemas[name], "description"), 4)

    def _object(self, name: str) -> Param:
        properties = self.document.component_properties(name)
        is_total = all(item.required for item in properties.values())
        fields: list[ParamField] = []
        for wire, item in properties.items():
            annotation = IN_PARAMS.annotate(self.document.shape(item.schema))
            if item.required and not is_total:
                annotation = f"Required[{annotation}]"
            described = prose.note(self.document.describe(item.schema), 4)
            fields.append(ParamField(wire, literal(wire), annotation, described))
        is_functional = not all(_is_class_key(wire) for wire in properties)
        return Param(f"{name}Param", is_total, is_functional, fields, self._documentation(name))


def _evaluated(member: str) -> str:
    """Write a member of a union as an expression; lazily imported models as a string."""
    return literal(member) if "_models." in member else member


def _is_class_key(wire: str) -> bool:
    return wire.isidentifier() and not keyword.iskeyword(wire)
