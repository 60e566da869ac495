"""What the resource templates print for one operation: arguments, request, answer, documentation."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from scripts.bundle import JSON, JSONMap
from scripts.view import prose, shapes
from scripts.view.document import Document, RawOperation, mapping, mappings, text
from scripts.view.models import reader
from scripts.view.names import constant, identifier, literal, snake_case
from scripts.view.params import Params
from scripts.view.shapes import File, Kind, ListOf, Named, Place, Shape
from scripts.view.source import Answer, Parsed, ParsedOperation

IN_CALL = Place(models="_models.", params="_params.")
OUT_OF_CALL = Place(models="_models.", params=None)

REFERENCE = "https://docs.cartesia.ai/api-reference"
"""Where the API's own pages are; an operation may name its page by ``externalDocs``."""

ERRORS = {
    "400": "BadRequestError",
    "401": "AuthenticationError",
    "403": "PermissionDeniedError",
    "404": "NotFoundError",
    "409": "ConflictError",
    "422": "UnprocessableEntityError",
    "429": "RateLimitError",
    "5XX": "InternalServerError",
    "default": "APIStatusError",
}

OPTIONS = (
    ("extra_headers", "Headers of this call; they win over the client's own."),
    ("extra_query", "Query parameters of this call; they win over the arguments."),
    ("extra_body", "Fields of the body of this call; they win over the arguments."),
    ("timeout", "Seconds for each phase of this call, None for no limit; the client's if not given."),
)


class Verb(Enum):
    """What the requester does with the answer."""

    MODEL = "model"
    ITEMS = "items"
    EMPTY = "empty"
    TEXT = "text"
    BINARY = "binary"
    STREAM = "stream"
    PAGE = "page"
    CONNECT = "connect"


@dataclass(frozen=True)
class World:
    """Sync or async: the words in which the two texts differ."""

    is_async: bool
    prefix: str
    """Before the name of a class: ``Async`` or nothing."""
    wrap: str
    """Before the name of a wrapper: ``async_`` or nothing."""
    package: str
    """The runtime's folder."""
    base: str
    await_: str
    define: str


SYNC = World(False, "", "", "_sync", "SyncResource", "", "def")
ASYNC = World(True, "Async", "async_", "_async", "AsyncResource", "await ", "async def")
WORLDS = (SYNC, ASYNC)


@dataclass(frozen=True)
class Argument:
    """One argument of a method."""

    name: str
    wire: str
    annotation: str
    default: str | None
    documentation: str
    value: str
    """The expression that is sent."""


@dataclass(frozen=True)
class Entry:
    """One entry of a printed dict."""

    key: str
    value: str


@dataclass(frozen=True)
class Part:
    """One part of the request: ``path``, ``query``, ``body``, ``form`` or ``files``."""

    name: str
    entries: list[Entry]


@dataclass(frozen=True)
class Form:
    """What of a method differs between sync and async."""

    define: str
    returns: str
    await_: str
    documentation: list[str]
    raw: str
    """The runtime's wrapper for ``with_raw_response``."""
    streamed: str
    """The same for ``with_streaming_response``."""


@dataclass(frozen=True)
class Alias:
    """An older name of a method."""

    name: str
    deprecated: bool
    iterator: bool
    documentation: list[str]


@dataclass(frozen=True)
class Method:
    """One operation as a method."""

    id: str
    name: str
    constant: str
    http_method: str
    path: str
    accept: str | None
    billed: bool
    positional: list[Argument]
    keywords: list[Argument]
    parts: list[Part]
    verb: Verb
    parse: str | None
    sync: Form
    async_: Form
    aliases: list[Alias]
    socket: str | None
    """Name of the socket that a ``connect`` opens."""

    def form(self, world: World) -> Form:
        return self.async_ if world.is_async else self.sync

    @property
    def tag(self) -> str:
        return self.id.rpartition(".")[0]

    @property
    def socket_module(self) -> str:
        return snake_case(self.socket or "")

    @property
    def is_wrapped(self) -> bool:
        """Whether raw and streaming responses make sense."""
        return self.verb is not Verb.CONNECT

    @property
    def wrapped_names(self) -> list[str]:
        """The names under which the wrappers offer it."""
        return [self.name, *(alias.name for alias in self.aliases if not alias.iterator)]


@dataclass(frozen=True)
class _Body:
    kind: str | None
    arguments: list[Argument]
    fixed: list[Entry]
    files: frozenset[str]


class Operations:
    """Makes the views of operations; notes what types they take."""

    def __init__(self, document: Document, parsed: Parsed, params: Params) -> None:
        self.document = document
        self.parsed = parsed
        self.params = params

    def method(self, raw: RawOperation, shadowed: frozenset[str]) -> Method:
        """Make the view of one operation.

        Args:
            raw: The operation.
            shadowed: Builtins that the class hides by methods of the same name.

        Returns:
            What the templates print.
        """
        parsed = self.parsed.operations[raw.id]
        place = IN_CALL.hiding(shadowed)
        parameters = {
            (text(node, "in"), text(node, "name")): self._parameter(node, place)
            for node, _ in self.document.parameters(raw)
        }
        path = [parameters["path", wire] for wire in parsed.path]
        query = [parameters["query", wire] for wire in parsed.query]
        body = self._body(raw, parsed, place)
        verb, shape, accept = self._answer(raw, parsed)
        # The innermost path parameter is what the call is about; the others read better by name.
        positional, rest = path[-1:], path[:-1]
        keywords = [*rest, *query, *body.arguments]
        keywords.sort(key=lambda argument: argument.default is not None)
        socket = text(mapping(raw.node, "x-websocket"), "name") or None
        forms = {
            world.is_async: self._form(raw, world, verb, shape, positional + keywords, shadowed)
            for world in WORLDS
        }
        return Method(
            id=raw.id,
            name=raw.name,
            constant=f"_{constant(raw.name)}",
            http_method=raw.method.upper(),
            path=raw.path,
            accept=accept,
            billed=raw.node.get("x-billed") is True,
            positional=positional,
            keywords=keywords,
            parts=self._parts(path, query, body),
            verb=verb,
            parse=reader(shape.item if isinstance(shape, ListOf) else shape) if shape else None,
            sync=forms[False],
            async_=forms[True],
            aliases=[self._alias(raw, node) for node in mappings(raw.node, "x-aliases")],
            socket=socket,
        )

    # Arguments

    def argument(
        self,
        wire: str,
        schema: JSONMap,
        place: Place,
        *,
        required: bool,
        nullable: bool = False,
        name: str = "",
        about: str = "",
    ) -> Argument:
        """Make one argument of a field or parameter.

        Args:
            wire: Its name on the wire.
            schema: Its schema.
            place: Where the annotation stands.
            required: Whether it must be given.
            nullable: Whether None is welcome though the schema does not say so, because it is not sent.
            name: Its Python name, where the document gives one beside the schema.
            about: Its description, where it stands beside the schema.

        Returns:
            The argument.
        """
        shape = self.document.shape(schema)
        if nullable and not required:
            shape = shapes.any_of(shape, shapes.NONE)
        self.params.reach(shape)
        name = name or text(schema, "x-python-name") or identifier(wire)
        shorthand = shapes.shorthand_of(shape)
        return Argument(
            name=name,
            wire=wire,
            annotation=place.annotate(shape) + ("" if required else " | Omit"),
            default=None if required else "omit",
            documentation=self._describe(schema, about),
            value=shorthand.written_out(name) if shorthand else name,
        )

    def _describe(self, schema: JSONMap, about: str) -> str:
        said = prose.ended(about or self.document.describe(schema))
        target = self.document.resolve(schema)[0]
        if (schema.get("deprecated") or target.get("deprecated")) and "deprecated" not in said.lower():
            said = f"Deprecated. {said}"
        default = schema.get("default", target.get("default"))
        if default is not None and not _mentions(said, default):
            said = f"{said} The server's default is {_shown(default)}."
        return said

    def _parameter(self, node: JSONMap, place: Place) -> Argument:
        return self.argument(
            text(node, "name"),
            mapping(node, "schema"),
            place,
            required=node.get("required") is True,
            nullable=True,
            name=text(node, "x-python-name"),
            about=text(node, "description"),
        )

    def _body(self, raw: RawOperation, parsed: ParsedOperation, place: Place) -> _Body:
        if parsed.body is None:
            return _Body(None, [], [], frozenset())
        node, pointer = self.document.resolve(
            mapping(raw.node, "requestBody"), f"{raw.pointer}/requestBody"
        )
        content = mapping(node, "content")
        media, entry = next(iter(content.items()))
        schema = mapping(entry, "schema")
        target, at = self.document.resolve(schema, f"{pointer}/content/{media}/schema")
        arguments, fixed, files = [], [], set[str]()
        for field in self.document.properties(target, at).values():
            if "const" in field.schema:
                if field.required:
                    fixed.append(Entry(literal(field.wire), literal(field.schema["const"])))
                continue
            arguments.append(
                self.argument(
                    field.wire,
                    field.schema,
                    place,
                    required=field.required,
                    nullable=parsed.body == "files",
                )
            )
            if _holds_file(self.document.shape(field.schema)):
                files.add(field.wire)
        return _Body(parsed.body, arguments, fixed, frozenset(files))

    @staticmethod
    def _parts(path: list[Argument], query: list[Argument], body: _Body) -> list[Part]:
        def entries(arguments: list[Argument]) -> list[Entry]:
            return [Entry(literal(item.wire), item.value) for item in arguments]

        parts = [Part("path", entries(path)), Part("query", entries(query))]
        if body.kind == "json":
            parts.append(Part("body", body.fixed + entries(body.arguments)))
        elif body.kind == "files":
            fields = [item for item in body.arguments if item.wire not in body.files]
            files = [item for item in body.arguments if item.wire in body.files]
            parts.append(Part("form", body.fixed + entries(fields)))
            parts.append(Part("files", entries(files)))
        kept = {"body": body.kind == "json", "form": body.kind == "files"}
        return [part for part in parts if part.entries or kept.get(part.name)]

    # The answer

    def _success(self, raw: RawOperation) -> tuple[JSONMap, str]:
        for status, node in mapping(raw.node, "responses").items():
            if (status.startswith("2") or status == "101") and isinstance(node, Mapping):
                return self.document.resolve(node, f"{raw.pointer}/responses/{status}")
        raise self.document.fault(raw.pointer, "no successful answer")

    def _answer(
        self, raw: RawOperation, parsed: ParsedOperation
    ) -> tuple[Verb, Shape | None, str | None]:
        """Tell what becomes of the answer: the verb, the shape, and the media type to ask for."""
        if "x-websocket" in raw.node:
            return Verb.CONNECT, None, None
        answer, pointer = self._success(raw)
        media, entry = next(iter(mapping(answer, "content").items()), ("*/*", {}))
        if parsed.answer is Answer.NOTHING:
            return Verb.EMPTY, None, "*/*"
        if parsed.answer is Answer.BYTES:
            return Verb.BINARY, None, media
        shape = self.document.shape(mapping(entry, "schema"))
        if media == "text/event-stream":
            return Verb.STREAM, shape, media
        if parsed.answer is Answer.TEXT:
            return Verb.TEXT, None, media
        if raw.node.get("x-pagination") == "cursor":
            return Verb.PAGE, self._item(shape, pointer), None
        if reader(shape) is None:
            raise self.document.fault(
                f"{pointer}/content", "a JSON answer is a named object, a named union, or an array of one"
            )
        return (Verb.ITEMS if isinstance(shape, ListOf) else Verb.MODEL), shape, None

    def _item(self, shape: Shape, pointer: str) -> Shape:
        """Give the shape of one item of a page."""
        if isinstance(shape, Named) and shape.kind is Kind.MODEL:
            data = self.document.component_properties(shape.name).get("data")
            listed = self.document.shape(data.schema) if data else None
            if isinstance(listed, ListOf):
                return listed.item
        raise self.document.fault(
            pointer, "'x-pagination: cursor' needs an object with an array 'data' as answer"
        )

    def _form(
        self,
        raw: RawOperation,
        world: World,
        verb: Verb,
        shape: Shape | None,
        arguments: list[Argument],
        shadowed: frozenset[str],
    ) -> Form:
        returned = self._returned(raw, world, verb, shape, OUT_OF_CALL.hiding(shadowed))
        is_plain = verb in {Verb.PAGE, Verb.CONNECT}
        raw_name, streamed = _wrappers(world, verb)
        return Form(
            define="def" if is_plain else world.define,
            returns=returned,
            await_="" if is_plain else world.await_,
            documentation=self._documentation(raw, world, verb, arguments),
            raw=raw_name,
            streamed=streamed,
        )

    @staticmethod
    def _returned(
        raw: RawOperation, world: World, verb: Verb, shape: Shape | None, place: Place
    ) -> str:
        one = place.annotate(shape) if shape else "None"
        match verb:
            case Verb.EMPTY:
                return "None"
            case Verb.TEXT:
                return place.builtin("str")
            case Verb.BINARY:
                return f"{world.prefix}BinaryAPIResponse"
            case Verb.STREAM:
                return f"{world.prefix}Stream[{one}]"
            case Verb.PAGE:
                return f"{'AsyncPaginator' if world.is_async else 'SyncCursorIDPage'}[{one}]"
            case Verb.CONNECT:
                name = text(mapping(raw.node, "x-websocket"), "name")
                return f"{world.prefix}{name}ConnectionManager"
            case Verb.MODEL | Verb.ITEMS:
                return one

    # Documentation

    def _documentation(
        self, raw: RawOperation, world: World, verb: Verb, arguments: list[Argument]
    ) -> list[str]:
        summary = text(raw.node, "summary")
        described = text(raw.node, "description")
        if not summary:
            summary, described = prose.first_sentence(described)
        page = text(mapping(raw.node, "externalDocs"), "url")
        page = page or f"{REFERENCE}/{raw.tag.replace('_', '-').replace('.', '/')}/{raw.name.replace('_', '-')}"
        link = [f"`{raw.method.upper()} {raw.path}`: {page}"]
        entries = [(argument.name, argument.documentation) for argument in arguments]
        entries += self._options(verb)
        parts = [prose.paragraphs(described, 8), link, prose.section("Args", entries, 8)]
        if returns := self._returns(raw, world, verb):
            parts.append(prose.section("Returns", [("", returns)], 8))
        parts.append(prose.section("Raises", list(self._raises(raw, verb)), 8))
        return prose.docstring(summary, parts)

    @staticmethod
    def _options(verb: Verb) -> list[tuple[str, str]]:
        if verb is not Verb.CONNECT:
            return list(OPTIONS)
        return [
            *OPTIONS[:2],
            ("websocket_connection_options", "Settings for the socket library, such as `max_size`."),
        ]

    def _returns(self, raw: RawOperation, world: World, verb: Verb) -> str:
        said = prose.ended(" ".join(text(self._success(raw)[0], "description").split()))
        match verb:
            case Verb.EMPTY:
                return ""
            case Verb.PAGE if world.is_async:
                return f"{said} Await it for the first page, or iterate over it for the items of all pages."
            case Verb.PAGE:
                return f"{said} Iterate over it for the items of all pages."
            case Verb.STREAM:
                return f"{said} Iterate over it; close it to stop early."
            case Verb.CONNECT:
                with_ = "async with" if world.is_async else "with"
                return f"A manager that connects when it is entered: `{with_} ... as connection`."
            case _:
                return said

    def _raises(self, raw: RawOperation, verb: Verb) -> Iterator[tuple[str, str]]:
        if verb is Verb.CONNECT:
            yield "CartesiaError", "Entering the manager failed; its subclass tells why."
            return
        responses = mapping(raw.node, "responses")
        for status, name in ERRORS.items():
            node: JSON = responses.get(status)
            if isinstance(node, Mapping):
                found = text(self.document.resolve(node)[0], "description")
                yield name, " ".join(found.split())
        yield "APIConnectionError", "The server cannot be reached, or does not answer in time."

    def _alias(self, raw: RawOperation, node: JSONMap) -> Alias:
        name, deprecated = text(node, "name"), node.get("deprecated") is True
        iterator = text(node, "returns") == "iterator"
        if iterator:
            said = f"Speak as `{raw.name}` does and iterate over the audio."
            if text(raw.node, "summary"):
                said = f"{text(raw.node, 'summary')}, piece by piece."
        else:
            said = f"Do what `{raw.name}` does, under an older name."
        more = f"Deprecated: use `{raw.name}`, whose arguments it takes." if deprecated else ""
        return Alias(name, deprecated, iterator, prose.docstring(said, [[more] if more else []]))


def _wrappers(world: World, verb: Verb) -> tuple[str, str]:
    """Name the runtime's typed wrappers for raw and for streaming responses."""
    if verb is Verb.BINARY:
        return f"{world.wrap}to_raw_binary", f"{world.wrap}to_streamed_binary"
    if verb is Verb.PAGE and world.is_async:
        return f"{world.wrap}to_raw_page", f"{world.wrap}to_streamed_page"
    return f"{world.wrap}to_raw", f"{world.wrap}to_streamed"


def _holds_file(shape: Shape) -> bool:
    shape = shapes.without_none(shape)
    return isinstance(shape, File) or (isinstance(shape, ListOf) and isinstance(shape.item, File))


def _shown(value: JSON) -> str:
    if isinstance(value, bool):
        return str(value)
    return f"`{value}`"


def _mentions(said: str, value: JSON) -> bool:
    return str(value).lower() in said.lower()


def shadowed_builtins(names: list[str]) -> frozenset[str]:
    """Give the names that hide a builtin which annotations use."""
    return frozenset(name for name in names if isinstance(getattr(builtins, name, None), type))
