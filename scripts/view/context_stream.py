"""What the resource templates print for a whole context in one call: text in, events out."""

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
_FAILURE = "While iterating: the connection could not be opened, or broke."


@dataclass(frozen=True)
class ContextStream:
    """The method that opens a context, feeds it, and gives its events."""

    name: str
    key: str
    """Wire name and argument of what names a context."""
    input: Argument
    """What is fed, piece by piece."""
    settings: list[Argument]
    """Of the context: those that must be given first."""
    options: list[CommonArgument]
    event: str
    """Annotation of what arrives."""
    page: str

    def pieces(self, flavour: Flavour) -> str:
        """Annotate what is fed: all at once, or as it comes."""
        one = self.input.annotation
        found = [one, f"Iterable[{one}]", *([f"AsyncIterable[{one}]"] if flavour.is_async else [])]
        return " | ".join(found)

    def documentation(self, flavour: Flavour) -> list[str]:
        """Write the docstring."""
        iterators = "an iterator, async or not," if flavour.is_async else "an iterator"
        for_, with_ = ("async for", "async with") if flavour.is_async else ("for", "with")
        fed = (
            f"All of the {self.input.name}, or {iterators} over pieces of it as they come; they "
            "are joined as they are."
        )
        entries = [
            (self.input.name, fed),
            *((argument.name, argument.documentation) for argument in self.settings),
            (self.key, "The name of the context; a random one if not given."),
            ("timeout", "Seconds to wait for each event, None for no limit."),
            ("connection", "An open connection to use; else one is opened, and closed at the end."),
            *((option.name, option.documentation) for option in self.options),
        ]
        returns = (
            f"The events as they come, by `{for_} event in ...`. Who may leave the loop early "
            f"writes `{with_} ... as stream` around it, which cancels what is under way."
        )
        failures = [
            ("CartesiaError", _FAILURE),
            ("TypeError", f"The {self.input.name} is nothing of that kind."),
            ("ValueError", f"The {self.input.name} is empty."),
        ]
        parts = [
            prose.paragraphs(
                "What is fed and what comes back flow at the same time. Nothing happens before "
                f"it is entered by `{with_}`, or its first event is asked for.",
                INDENT,
            ),
            [self.page],
            prose.section("Args", entries, INDENT),
            prose.section("Returns", [("", returns)], INDENT),
            prose.section("Raises", failures, INDENT),
        ]
        return prose.docstring(
            "Feed one context of the WebSocket, and give its events as they come", parts
        )


def context_stream(
    document: Document, arguments: Arguments, raw: RawOperation
) -> ContextStream | None:
    """Make the view, where the document names such a method.

    Args:
        document: The document.
        arguments: Makes arguments.
        raw: The operation that opens the socket.

    Returns:
        The method; None without one.
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
    """Find the one field that each message must say anew."""
    fields = document.properties(*document.resolve(mapping(context, "request")))
    (wire,) = [
        wire for wire in strings(context, "per_message") if wire in fields and fields[wire].required
    ]
    return arguments.argument(wire, fields[wire].schema, IN_CALL, default=None)


def _settings(document: Document, arguments: Arguments, context: JSONMap) -> list[Argument]:
    """List the settings; those that every message needs and nobody assumes must be given."""
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
