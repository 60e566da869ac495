"""The views of resources: one class for each tag."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from scripts.view import prose
from scripts.view.document import Document, RawOperation, mappings, text
from scripts.view.flavours import Flavour
from scripts.view.methods import Method, Methods
from scripts.view.python_names import pascal_case

ROOT = "client"
"""The tag of the methods of the client itself."""


@dataclass(frozen=True)
class Child:
    """A nested resource."""

    attribute: str
    resource: Resource


@dataclass(frozen=True)
class Resource:
    """The operations of one tag."""

    tag: str
    name: str
    """The class is called ``{name}Resource``; the root's is ``ClientResources``."""
    module: str
    methods: list[Method]
    children: list[Child]
    documentation: str
    sources: list[str] = dataclass_field(compare=False)

    @property
    def is_root(self) -> bool:
        """Whether this is the client itself."""
        return self.tag == ROOT

    @property
    def wrapped(self) -> list[Method]:
        """The methods that have raw and streaming forms."""
        return [method for method in self.methods if not method.is_socket]

    @property
    def wrapped_children(self) -> list[Child]:
        """The inner resources that have such methods."""
        return [child for child in self.children if child.resource.is_wrapped]

    @property
    def is_wrapped(self) -> bool:
        """Whether it has raw and streaming forms."""
        return bool(self.wrapped or self.wrapped_children)

    @property
    def path(self) -> str:
        """The prefix of its class names in other modules."""
        return f"_resources.{self.module}."

    def class_name(self, flavour: Flavour) -> str:
        """Name the class in one of the two flavours."""
        return (
            f"{flavour.prefix}ClientResources"
            if self.is_root
            else f"{flavour.prefix}{self.name}Resource"
        )

    def wrapper_name(self, flavour: Flavour, kind: str) -> str:
        """Name the class of ``with_raw_response`` (``Raw``) or ``with_streaming_response``."""
        base = f"{flavour.prefix}Client" if self.is_root else self.class_name(flavour)
        return f"{base}With{kind}Response"


class Resources:
    """Makes the views of all resources."""

    def __init__(self, document: Document, operations: Methods) -> None:
        self.document = document
        self.operations = operations
        self.all: list[Resource] = []
        self.root = self._resource(ROOT)

    def _resource(self, tag: str) -> Resource:
        raws = [raw for raw in self.document.operations if raw.tag == tag]
        inner = [name for name in self.document.tags if name != ROOT and _parent(name) == tag]
        children = [Child(name.rpartition(".")[2], self._resource(name)) for name in inner]
        names = [raw.name for raw in raws]
        names += [text(node, "name") for raw in raws for node in mappings(raw.node, "x-aliases")]
        names += [child.attribute for child in children]
        shadowed = frozenset(
            name for name in names if isinstance(getattr(builtins, name, None), type)
        )
        node = self.document.tags.get(tag, {})
        resource = Resource(
            tag=tag,
            name=text(node, "x-python-name") or pascal_case(tag),
            module="client" if tag == ROOT else tag.replace(".", "_"),
            methods=[self.operations.method(raw, shadowed) for raw in raws],
            children=children,
            documentation=prose.sentence(" ".join(text(node, "description").split())),
            sources=self._sources(raws),
        )
        if tag != ROOT:
            self.all.append(resource)
        return resource

    def _sources(self, raws: list[RawOperation]) -> list[str]:
        places = {
            place for raw in raws for place in self.document.source(raw.pointer).split(" and ")
        }
        return sorted({place.partition("#")[0] for place in places})


def _parent(tag: str) -> str:
    return tag.rpartition(".")[0] or ROOT
