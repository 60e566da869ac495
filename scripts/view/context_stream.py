"""The view of the method that runs a whole context in one call: text in, events out."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.bundle import JSONMap
from scripts.view import common_arguments, docstrings, prose
from scripts.view.arguments import IN_CALL, OMIT, Argument, Arguments
from scripts.view.common_arguments import CommonArgument
from scripts.view.document import Document, RawOperation, mapping, strings, text
from scripts.view.flavours import Flavour
from scripts.view.method_result import OUT_OF_CALL

INDENT = 8
_FAILURE = "While iterating: the connection failed."


@dataclass(frozen=True)
class ContextStream:
    """The method that opens a context, sends text to it, and returns its events."""

    name: str
    key: str
    """Wire name and argument of the context id."""
    input: Argument
    """The argument with the text, or its pieces."""
    settings: list[Argument]
    """The settings of the context, required ones first."""
    options: list[CommonArgument]
    event: str
    """Annotation of received events."""
    page: str

    def pieces(self, flavour: Flavour) -> str:
        """Annotate the text: as a whole, or as an iterable of pieces."""
        one = self.input.annotation
        kinds = ["Iterable", "AsyncIterable"] if flavour.is_async else ["Iterable"]
        # As from a language model, whose pieces may be None.
        found = [one, *(f"{kind}[{one} | None]" for kind in kinds)]
        return " | ".join(found)

    def documentation(self, flavour: Flavour) -> list[str]:
        """Write the docstring."""
        iterators = "an iterator, async or not," if flavour.is_async else "an iterator"
        for_, with_ = ("async for", "async with") if flavour.is_async else ("for", "with")
        fed = (
            f"The whole {self.input.name}, or {iterators} over pieces of it, which are joined "
            "without separators. Pieces that are None or empty are skipped."
        )
        entries = [
            (self.input.name, fed),
            *((argument.name, argument.documentation) for argument in self.settings),
            (self.key, "The id of the context; by default a random one."),
            ("timeout", "Seconds to wait for each event, None for no limit."),
            (
                "connection",
                "An open connection to use; by default one is opened, and closed at the end.",
            ),
            *((option.name, option.documentation) for option in self.options),
        ]
        returns = (
            f"The events, to be read by `{for_} event in ...`. To leave the loop early, put it in "
            f"`{with_} ... as stream`, which cancels the context at the end."
        )
        failures = [
            ("CartesiaError", _FAILURE),
            ("TypeError", f"The {self.input.name} has another type."),
            ("ValueError", f"The {self.input.name} is empty."),
        ]
        parts = [
            prose.paragraphs(
                "Text is sent while events are received. Nothing happens before the stream is "
                f"entered by `{with_}`, or its first event is requested.",
                INDENT,
            ),
            [self.page],
            prose.section("Args", entries, INDENT),
            prose.section("Returns", [("", returns)], INDENT),
            prose.section("Raises", failures, INDENT),
        ]
        return prose.docstring(
            "Send text to a new context of the WebSocket, and receive its events", parts
        )


def context_stream(
    document: Document, arguments: Arguments, raw: RawOperation
) -> ContextStream | None:
    """Make the view, if the document names such a method.

    Args:
        document: The document.
        arguments: Makes arguments.
        raw: The operation that opens the socket.

    Returns:
        The method, or None.
    """
    socket = mapping(raw.node, "x-websocket")
    context = mapping(socket, "context")
    if not text(context, "stream"):
        return None
    return ContextStream(
        name=text(context, "stream"),
        key=text(context, "key"),
        input=_input(document, arguments, context),
        settings=_settings(document, arguments, context),
        options=list(common_arguments.OF_SOCKETS),
        event=OUT_OF_CALL.annotate(document.shape(mapping(socket, "server"))),
        page=docstrings.page(raw),
    )


def _input(document: Document, arguments: Arguments, context: JSONMap) -> Argument:
    """Find the one required field of each message."""
    fields = document.properties(*document.resolve(mapping(context, "request")))
    (wire,) = [
        wire for wire in strings(context, "per_message") if wire in fields and fields[wire].required
    ]
    return arguments.argument(wire, fields[wire].schema, IN_CALL, default=None)


def _settings(document: Document, arguments: Arguments, context: JSONMap) -> list[Argument]:
    """List the settings; required ones without a default must be given."""
    assumed = mapping(context, "defaults")
    anew = {text(context, "key"), *strings(context, "per_message")}
    found = [
        arguments.argument(
            field.wire,
            field.schema,
            IN_CALL,
            default=None if field.required and field.wire not in assumed else OMIT,
            nullable=True,
        )
        for field in document.properties(*document.resolve(mapping(context, "request"))).values()
        if field.wire not in anew
    ]
    return sorted(found, key=lambda argument: argument.default is not None)
