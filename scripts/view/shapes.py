"""The shapes of values, and their type annotations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

from scripts.bundle import JSON
from scripts.view.python_names import literal


class SchemaKind(Enum):
    """The kind of a named schema."""

    MODEL = "model"
    UNION = "union"
    """One of several, at least one of them an object."""
    CHOICE = "choice"
    """One of several, none of them an object."""
    ENUM = "enum"


@dataclass(frozen=True)
class Plain:
    """A value of a JSON type: ``str``, ``int``, ``float``, ``bool``, ``None`` or any."""

    python: str


@dataclass(frozen=True)
class Constant:
    """One of a few constant values, without a named type."""

    values: tuple[JSON, ...]


@dataclass(frozen=True)
class DateTime:
    """A date and time, a string on the wire."""


@dataclass(frozen=True)
class Date:
    """A date, a string on the wire."""


@dataclass(frozen=True)
class File:
    """The content of a file in a form."""


@dataclass(frozen=True)
class ListOf:
    """An array."""

    item: Shape


@dataclass(frozen=True)
class MapOf:
    """An object with free keys."""

    value: Shape


@dataclass(frozen=True)
class Named:
    """A reference to a model, a union or an enum of the document."""

    name: str
    kind: SchemaKind
    open: str | None = None
    """Type of the further values of an open enum."""
    shorthand: Shorthand | None = None
    in_arrays: bool = False
    """Whether a list of it may come as one object of arrays."""
    id_of: tuple[str, ...] = ()
    """The models that may be given in its place, of which the id is sent."""


@dataclass(frozen=True)
class Shorthand:
    """A plain string that stands for an object: ``"x"`` for ``{"mode": "id", "id": "x"}``."""

    key: str
    fixed: tuple[tuple[str, JSON], ...]

    def written_out(self, name: str) -> str:
        """Return the expression that writes out the value ``name`` where it is an id."""
        fixed = ", ".join(f"{literal(key)}: {literal(value)}" for key, value in self.fixed)
        return f"write_out({name}, {{{fixed}}}, {literal(self.key)})"


@dataclass(frozen=True)
class AnyOf:
    """One of several shapes."""

    members: tuple[Shape, ...]


Shape: TypeAlias = Plain | Constant | DateTime | Date | File | ListOf | MapOf | Named | AnyOf

NONE = Plain("None")
OBJECT = Plain("object")
DATE = "_date"
"""The name that generated modules import ``datetime.date`` by: fields are often called ``date``."""


def any_of(*shapes: Shape) -> Shape:
    """Join shapes, flattened and without repetition; ``None`` comes last."""
    flat: list[Shape] = []
    for shape in shapes:
        flat += shape.members if isinstance(shape, AnyOf) else (shape,)
    unique = list(dict.fromkeys(flat))
    if NONE in unique:
        unique.remove(NONE)
        unique.append(NONE)
    return unique[0] if len(unique) == 1 else AnyOf(tuple(unique))


def without_none(shape: Shape) -> Shape:
    """Return the shape without its ``None``."""
    if isinstance(shape, AnyOf):
        return any_of(*(member for member in shape.members if member != NONE))
    return shape


def shorthand_of(shape: Shape) -> Shorthand | None:
    """Return the shorthand of a shape, if it has one."""
    members = shape.members if isinstance(shape, AnyOf) else (shape,)
    found = [
        member.shorthand for member in members if isinstance(member, Named) and member.shorthand
    ]
    return found[0] if found else None


def models_by_id(shape: Shape) -> list[str]:
    """Return the models that may be given for a value of the shape, of which the id is sent."""
    members = shape.members if isinstance(shape, AnyOf) else (shape,)
    return [name for member in members if isinstance(member, Named) for name in member.id_of]


@dataclass(frozen=True)
class Annotator:
    """Writes annotations for one kind of module: prefixes of names, and the direction of values."""

    models: str
    """Prefix of a model, such as ``_models.``."""
    params: str | None
    """Prefix of a parameter type; None for values that come from the server."""
    shadowed: frozenset[str] = frozenset()
    """Builtins that the class shadows, such as by a method ``list``."""

    def builtin(self, name: str) -> str:
        """Write the name of a builtin, qualified where the class shadows it."""
        return f"_builtins.{name}" if name in self.shadowed else name

    def hiding(self, names: frozenset[str]) -> Annotator:
        """Return an annotator for a class that shadows these builtins."""
        return replace(self, shadowed=names)

    def annotate(self, shape: Shape, *also: str) -> str:
        """Write the annotation of a value of this shape, or of one of the types in ``also``."""
        found = [*self.alternatives(shape), *also]
        return " | ".join(sorted(dict.fromkeys(found), key=lambda text: text == "None"))

    def alternatives(self, shape: Shape) -> list[str]:
        """Write the annotation as a list of alternatives, ``None`` last."""
        match shape:
            case Plain(python):
                return [python if python == "None" else self.builtin(python)]
            case Constant(values):
                return [f"Literal[{', '.join(literal(value) for value in values)}]"]
            case DateTime():
                return self._or_text("datetime")
            case Date():
                return self._or_text(DATE)
            case File():
                return ["FileTypes"]
            case ListOf(item):
                outer = "Sequence" if self.params is not None else self.builtin("list")
                return [f"{outer}[{self.annotate(item)}]"]
            case MapOf(value):
                outer = "Mapping" if self.params is not None else self.builtin("dict")
                return [f"{outer}[{self.builtin('str')}, {self.annotate(value)}]"]
            case AnyOf(members):
                found = [text for member in members for text in self.alternatives(member)]
                return sorted(dict.fromkeys(found), key=lambda text: text == "None")
            case Named():
                return self._named(shape)

    def _or_text(self, name: str) -> list[str]:
        """Write a type that callers may also give as it is on the wire."""
        return [name, self.builtin("str")] if self.params is not None else [name]

    def _named(self, shape: Named) -> list[str]:
        model = f"{self.models}{shape.name}"
        if shape.kind in {SchemaKind.ENUM, SchemaKind.CHOICE}:
            return [model, self.builtin(shape.open)] if shape.open else [model]
        if self.params is None:
            return [model]
        found = [f"{self.params}{shape.name}Param"]
        if shape.kind is SchemaKind.MODEL:
            found.append(model)
        if shape.shorthand:
            found.append(self.builtin("str"))
        return [*found, *(f"{self.models}{name}" for name in shape.id_of)]
