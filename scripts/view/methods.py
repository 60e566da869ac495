"""The view of one operation: a method, sync and async."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from scripts.view import docstrings
from scripts.view.argument_checks import ArgumentCheckView, argument_checks, nullable_fields
from scripts.view.arguments import IN_CALL, Arguments, CallArguments
from scripts.view.context_stream import ContextStream, context_stream
from scripts.view.document import Document, RawOperation, mapping, mappings, text
from scripts.view.flavours import ASYNC, SYNC, Flavour
from scripts.view.generator_output import Parsed
from scripts.view.method_result import MethodResult, RequesterMethod, method_result
from scripts.view.python_names import literal


@dataclass(frozen=True)
class Form:
    """The parts of a method that differ between sync and async."""

    define: str
    returns: str
    await_: str
    documentation: list[str]
    raw: str
    """The runtime's wrapper for ``with_raw_response``."""
    streamed: str
    """The same for ``with_streaming_response``."""


class Adapter(Enum):
    """The function of the runtime that adapts a method for its alias."""

    NONE = ""
    """Only the name differs."""
    ITERATOR = "to_iterator"
    """It gives an iterator over the bytes of the response."""
    LEGACY_SOCKET = "to_legacy_socket"
    """It gives a connected socket that speaks one request at a time."""


@dataclass(frozen=True)
class Alias:
    """Another name of a method."""

    name: str
    is_deprecated: bool
    adapter: Adapter
    documentation: list[str]

    @property
    def is_same(self) -> bool:
        """Whether its result is that of the method."""
        return self.adapter is Adapter.NONE

    def value(self, method: Method, flavour: Flavour) -> str:
        """Return the expression that defines it in the class body."""
        value = method.name
        if not self.is_same:
            value = f"{flavour.wrap}{self.adapter.value}({value})"
        if self.is_deprecated and not method.deprecation:
            value = f'renamed({value}, "{method.tag}.{self.name}", "{method.id}")'
        return value


@dataclass(frozen=True)
class Method:
    """One operation as a method."""

    id: str
    name: str
    http_method: str
    path: str
    is_billed: bool
    checks: list[ArgumentCheckView]
    exclusive: list[str]
    """The fields of the body of which one at most can be given."""
    nullable: list[str] | None
    """The fields of the JSON body that may be null, as literals; None without a JSON body."""
    call: CallArguments
    result: MethodResult
    sync: Form
    async_: Form
    aliases: list[Alias]
    stream: ContextStream | None
    """The method that runs a whole context of the socket in one call."""
    deprecation: str
    """What to do instead of calling it, as a literal; empty unless it is deprecated."""

    @property
    def constant(self) -> str:
        """The name of its ``Operation``."""
        return f"_{self.name.upper()}"

    @property
    def template(self) -> str:
        """The path, with the arguments of the method in it."""
        names = {argument.wire: argument.name for argument in self.call.all}
        return re.sub(r"\{(.+?)\}", lambda found: f"{{{names[found[1]]}}}", self.path)

    @property
    def tag(self) -> str:
        """The tag it belongs to, as callers write it."""
        return self.id.rpartition(".")[0]

    @property
    def verb(self) -> str:
        """The method of the requester."""
        return self.result.verb.value

    @property
    def is_socket(self) -> bool:
        """Whether it opens a WebSocket, for which there are no raw and streaming forms."""
        return self.result.verb is RequesterMethod.CONNECT

    @property
    def wrapped_names(self) -> list[str]:
        """The names under which raw and streaming forms offer it."""
        return [self.name, *(alias.name for alias in self.aliases if alias.is_same)]

    def form(self, flavour: Flavour) -> Form:
        """Return one of the two forms."""
        return self.async_ if flavour.is_async else self.sync


class Methods:
    """Makes the views of operations."""

    def __init__(self, document: Document, parsed: Parsed, arguments: Arguments) -> None:
        self.document = document
        self.parsed = parsed
        self.arguments = arguments

    def method(self, raw: RawOperation, shadowed: frozenset[str]) -> Method:
        """Make the view of one operation.

        Args:
            raw: The operation.
            shadowed: Builtins that are shadowed by methods of the class.

        Returns:
            The view.
        """
        parsed = self.parsed.operations[raw.id]
        call = self.arguments.call(raw, parsed, IN_CALL.hiding(shadowed))
        result = method_result(self.document, raw, parsed)
        return Method(
            id=raw.id,
            name=raw.name,
            http_method=raw.method.upper(),
            path=raw.path,
            is_billed=raw.node.get("x-billed") is True,
            checks=argument_checks(self.document, raw, {each.wire: each.name for each in call.all}),
            exclusive=self.document.exclusive_fields(self.document.body_schema(raw)[0]),
            nullable=[literal(path) for path in nullable_fields(self.document, raw)]
            if any(part.name == "body" for part in call.parts)
            else None,
            call=call,
            result=result,
            sync=self._form(raw, SYNC, call, result, shadowed),
            async_=self._form(raw, ASYNC, call, result, shadowed),
            aliases=list(_aliases(raw)),
            stream=context_stream(self.document, self.arguments, raw),
            deprecation=literal(deprecation) if (deprecation := raw.deprecation) else "",
        )

    def _form(
        self,
        raw: RawOperation,
        flavour: Flavour,
        call: CallArguments,
        result: MethodResult,
        shadowed: frozenset[str],
    ) -> Form:
        raw_wrapper, streamed = result.wrappers(flavour)
        return Form(
            define="def" if result.is_direct else flavour.define,
            returns=result.returns(flavour, shadowed),
            await_="" if result.is_direct else flavour.await_,
            documentation=docstrings.method(raw, flavour, result, call.all),
            raw=raw_wrapper,
            streamed=streamed,
        )


def _aliases(raw: RawOperation) -> Iterator[Alias]:
    for node in mappings(raw.node, "x-aliases"):
        adapter = Adapter.ITERATOR if text(node, "returns") == "iterator" else Adapter.NONE
        deprecated = node.get("deprecated") is True
        yield Alias(text(node, "name"), deprecated, adapter, docstrings.alias(raw, node))
    if name := text(mapping(raw.node, "x-websocket"), "legacy"):
        yield Alias(name, True, Adapter.LEGACY_SOCKET, docstrings.legacy_socket(raw))
