"""The view of ``api.md``: every method with its types, HTTP method and path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scripts.view import prose
from scripts.view.arguments import Argument
from scripts.view.document import Document, RawOperation, text
from scripts.view.flavours import ASYNC, SYNC
from scripts.view.methods import Method
from scripts.view.resources import Resource

NAMED = re.compile(r"\b_models\.(\w+)")
PREFIX = re.compile(r"\b(?:_models|_builtins|_sockets\.\w+)\.")


@dataclass(frozen=True)
class TypeName:
    """A type of the document, and the file that defines it."""

    name: str
    file: str


@dataclass(frozen=True)
class MethodEntry:
    """One method of the list."""

    call: str
    gives: str
    gives_async: str
    """The same for the async client, where it is more than awaited."""
    sends: str
    """HTTP method and path."""
    about: str
    older: list[str]
    """Names that it had before."""


@dataclass(frozen=True)
class ResourceSection:
    """The methods of one resource."""

    title: str
    about: str
    types: list[TypeName]
    lines: list[MethodEntry]


class APIReference:
    """The view of all methods."""

    def __init__(self, document: Document, root: Resource, files: Mapping[str, str]) -> None:
        """Make the view.

        Args:
            document: The document.
            root: The root of the resources.
            files: Name of each type -> its file in the package.
        """
        self.files = files
        self.raws = {raw.id: raw for raw in document.operations}
        self.sections = [self._section(resource) for resource in _walk(root) if resource.methods]

    def _section(self, resource: Resource) -> ResourceSection:
        lines = [line for method in resource.methods for line in self._lines(method)]
        annotations = [
            annotation for method in resource.methods for annotation in _annotations(method)
        ]
        title = "client" if resource.is_root else f"client.{resource.tag}"
        return ResourceSection(title, resource.documentation, list(self._types(annotations)), lines)

    def _types(self, annotations: Iterable[str]) -> Iterator[TypeName]:
        for name in sorted({name for said in annotations for name in NAMED.findall(said)}):
            yield TypeName(name, self.files[name])

    def _lines(self, method: Method) -> Iterator[MethodEntry]:
        raw = self.raws[method.id]
        gives, gives_async = (
            PREFIX.sub("", method.form(flavour).returns) for flavour in (SYNC, ASYNC)
        )
        sends = f"{method.http_method} {method.path}"
        call = _call(method.name, method.call.positional, method.call.keywords)
        older = [alias.name for alias in method.aliases]
        same = gives == gives_async
        yield MethodEntry(call, gives, "" if same else gives_async, sends, _summary(raw), older)
        if stream := method.stream:
            event = PREFIX.sub("", stream.event)
            yield MethodEntry(
                _call(stream.name, [], [stream.input, *stream.settings]),
                f"SpeechStream[{event}]",
                f"AsyncSpeechStream[{event}]",
                sends,
                f"{stream.documentation(SYNC)[0]}",
                [],
            )


def _walk(resource: Resource) -> Iterator[Resource]:
    yield resource
    for child in resource.children:
        yield from _walk(child.resource)


def _annotations(method: Method) -> Iterator[str]:
    yield from (argument.annotation for argument in method.call.all)
    yield method.sync.returns
    if method.stream:
        yield from (argument.annotation for argument in method.stream.settings)
        yield method.stream.event


def _call(name: str, positional: Iterable[Argument], keywords: Iterable[Argument]) -> str:
    shown = [argument.name for argument in positional]
    named = [
        argument.name if argument.default is None else f"{argument.name}=..."
        for argument in keywords
    ]
    return f"{name}({', '.join([*shown, '*', *named] if named else shown)})"


def _summary(raw: RawOperation) -> str:
    described = text(raw.node, "description")
    summary = prose.ended(text(raw.node, "summary") or prose.first_sentence(described)[0])
    return f"{summary} Deprecated: {raw.deprecation}." if raw.deprecation else summary
