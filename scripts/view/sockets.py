"""The views of WebSockets: connection, context and protocol of each."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field

from scripts.bundle import JSONMap
from scripts.view import prose, shapes
from scripts.view.argument_checks import ArgumentCheckView, field_checks
from scripts.view.arguments import IN_CALL, OMIT, Argument, Arguments, Entry
from scripts.view.document import Document, RawOperation, mapping, strings, text
from scripts.view.method_result import OUT_OF_CALL
from scripts.view.models import reader
from scripts.view.params import Params
from scripts.view.python_names import literal, snake_case
from scripts.view.shapes import Named, SchemaKind

_DOCUMENTATION = {
    "send": (
        "Send a message in this context.",
        "Settings that are not given are taken from the context.",
        ("CartesiaError", "The context has ended, or the connection is closed."),
    ),
    "push": (
        "Send more text.",
        "Takes the arguments of `send`, the text as a positional one.",
        ("CartesiaError", "The context has ended, or the connection is closed."),
    ),
    "context": (
        "Create a context, an independent conversation, on this connection.",
        "Its settings are sent with each of its messages.",
        ("ValueError", "A context with this id is open."),
    ),
}
"""Method -> summary, further description, and exception."""


@dataclass(frozen=True)
class ContextView:
    """The contexts that share a connection."""

    key: str
    settings: list[Argument]
    """Arguments that are fixed for the whole context."""
    opening: list[Argument]
    """Arguments of each message, required ones first."""
    ends: str
    cancel: str
    close: str
    per_message: list[str]
    defaults: str
    required: list[str]
    """Wire names of the required settings."""
    exclusive: list[str]
    """Wire names of the settings of which one at most can be given."""
    checks: list[ArgumentCheckView]
    """What its fields must be; a setting may be missing in any one message."""

    @property
    def setting_entries(self) -> list[Entry]:
        """The settings as entries of a dict."""
        return [argument.entry for argument in self.settings]

    @property
    def message_entries(self) -> list[Entry]:
        """All fields of a message as entries of a dict."""
        return [argument.entry for argument in [*self.opening, *self.settings]]

    def documentation(self, method: str) -> list[str]:
        """Document ``send``, ``push`` or ``context``."""
        summary, told, extra = _DOCUMENTATION[method]
        settings = [(argument.name, argument.documentation) for argument in self.settings]
        entries: list[tuple[str, str]] = []
        if method == "context":
            entries = [
                (self.key, "Its id; by default a random one."),
                ("timeout", "Seconds to wait for each event, None for no limit."),
                *settings,
            ]
        elif method == "send":
            entries = [
                *((item.name, item.documentation) for item in self.lead + self.others),
                *settings,
                ("extra_body", "Further fields of this message."),
            ]
        parts = [prose.paragraphs(told, 8), prose.section("Args", entries, 8)]
        if method == "context":
            parts.append(prose.section("Returns", [("", "The context; nothing is sent yet.")], 8))
        return prose.docstring(summary, [*parts, prose.section("Raises", [extra], 8)])

    @property
    def lead(self) -> list[Argument]:
        """The arguments that `push` takes by position."""
        return [argument for argument in self.opening if argument.default is None]

    @property
    def others(self) -> list[Argument]:
        """The arguments that `push` takes by name."""
        return [argument for argument in self.opening if argument.default is not None]


@dataclass(frozen=True)
class SocketView:
    """One WebSocket operation."""

    name: str
    module: str
    id: str
    documentation: str
    event: str
    """Annotation of received events."""
    message: str
    """Annotation of sent messages."""
    sending: list[str]
    """The docstring of `send` of a connection."""
    parse: str
    context: ContextView | None
    words: list[str]
    """The commands, where they are bare words."""
    is_binary: bool
    """Whether binary frames carry audio to the server."""
    finish: str
    """The message that requests the remaining results and the end, as an expression."""
    final: str
    """The fields of the message that makes a transcript final, as an expression."""
    speech_start: str
    """The fields of the message that announces speech, as an expression."""
    ends: str
    """Message types that are followed by the close only."""
    written_out: list[Entry]
    """Fields with a shorthand, and the objects they stand for."""
    source: str = dataclass_field(compare=False)


class Sockets:
    """Makes the views of the WebSocket operations."""

    def __init__(self, document: Document, arguments: Arguments, params: Params) -> None:
        self.document = document
        self.arguments = arguments
        self.params = params
        raws = [raw for raw in document.operations if "x-websocket" in raw.node]
        self.all = [self._socket(raw) for raw in raws]

    def _socket(self, raw: RawOperation) -> SocketView:
        node = mapping(raw.node, "x-websocket")
        server = self.document.shape(mapping(node, "server"))
        client = self.document.shape(mapping(node, "client"))
        self.params.reach(client)
        parse = reader(server)
        if parse is None:
            raise self.document.fault(
                f"{raw.pointer}/x-websocket/server",
                "the messages of the server must be a named object or union",
            )
        name = text(node, "name")
        return SocketView(
            name=name,
            module=snake_case(name),
            id=raw.id,
            documentation=prose.sentence(text(raw.node, "summary")),
            event=OUT_OF_CALL.annotate(server),
            message=IN_CALL.annotate(client),
            sending=_sending(self.document.describe(mapping(node, "client"))),
            parse=parse,
            context=self._context(mapping(node, "context")) if "context" in node else None,
            words=self._words(node),
            is_binary=text(node, "binary") == "audio",
            finish=literal(node.get("finish")),
            final=literal(node.get("final")),
            speech_start=literal(node.get("speech_start")),
            ends=literal(tuple(strings(node, "ends"))),
            written_out=self._written_out(client),
            source=self.document.source(raw.pointer),
        )

    def _words(self, node: JSONMap) -> list[str]:
        """Find the commands of a socket whose text frames are bare words."""
        if text(node, "text") != "word":
            return []
        return [
            literal(word)
            for word in strings(self.document.resolve(mapping(node, "client"))[0], "enum")
        ]

    def _context(self, node: JSONMap) -> ContextView:
        key = text(node, "key")
        per_message = strings(node, "per_message")
        closing = mapping(node, "close")
        target, pointer = self.document.resolve(mapping(node, "request"))
        settings: list[Argument] = []
        opening: list[Argument] = []
        fields = [
            field
            for field in self.document.properties(target, pointer).values()
            if field.wire != key
        ]
        for field in fields:
            said_anew = field.wire in per_message
            default: str | None = OMIT
            if said_anew and field.required:
                default = None
            elif said_anew and isinstance(closing.get(field.wire), bool):
                # A message continues the context unless it is the closing one.
                default = literal(not closing[field.wire])
            argument = self.arguments.argument(
                field.wire, field.schema, IN_CALL, default=default, nullable=not said_anew
            )
            (opening if said_anew else settings).append(argument)
        opening.sort(key=lambda argument: argument.default is not None)
        return ContextView(
            key=key,
            settings=settings,
            opening=opening,
            ends=literal(tuple(strings(node, "ends"))),
            cancel=literal(node.get("cancel", {})),
            close=literal(closing),
            per_message=[literal(wire) for wire in per_message],
            defaults=literal(node.get("defaults", {})),
            required=[
                literal(field.wire)
                for field in fields
                if field.required and field.wire not in per_message
            ],
            exclusive=[literal(wire) for wire in self.document.exclusive_fields(target)],
            checks=list(
                field_checks(
                    self.document,
                    [
                        (field.wire, field.schema, field.required and field.wire in per_message)
                        for field in fields
                    ],
                    {argument.wire: argument.name for argument in [*opening, *settings]},
                )
            ),
        )

    def _written_out(self, client: shapes.Shape) -> list[Entry]:
        """Find the fields of messages with a shorthand."""
        found: dict[str, str] = {}
        pending = [client]
        while pending:
            shape = pending.pop()
            if isinstance(shape, shapes.AnyOf):
                pending += shape.members
            elif isinstance(shape, Named) and shape.kind is SchemaKind.UNION:
                pending.append(self.document.shape(self.document.schemas[shape.name]))
            elif isinstance(shape, Named) and shape.kind is SchemaKind.MODEL:
                for field in self.document.component_properties(shape.name).values():
                    shorthand = shapes.shorthand_of(self.document.shape(field.schema))
                    if shorthand:
                        found[field.wire] = shorthand.written_out("value")
        return [Entry(literal(wire), text_) for wire, text_ in sorted(found.items())]


def _sending(described: str) -> list[str]:
    """Write the docstring of `send` of a connection."""
    failure = "The connection is closed, or the message cannot be sent."
    parts = [
        prose.section("Args", [("event", " ".join(described.split()))], 8),
        prose.section("Raises", [("CartesiaError", failure)], 8),
    ]
    return prose.docstring("Send one message as it is", parts)
