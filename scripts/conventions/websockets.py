"""Check the descriptions of WebSockets: what they name is there, and what they send is valid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scripts.bundle import JSON
from scripts.conventions.extensions import ALONE
from scripts.conventions.schema_walk import Violation, messages
from scripts.conventions.validation import ExampleValidator
from scripts.view.document import Document, RawOperation, mapping, sequence, strings, text


def check_websockets(document: Document) -> Iterator[Violation]:
    """Check each operation that opens a WebSocket."""
    validator = ExampleValidator(document)
    names: dict[str, str] = {}
    for operation in document.operations:
        if not mapping(operation.node, "x-websocket"):
            continue
        at = f"{operation.pointer}/x-websocket"
        name = text(mapping(operation.node, "x-websocket"), "name")
        if name in names:
            yield Violation(
                f"{at}/name",
                f"the name {name!r} is already used by the socket of {names[name]}; choose another",
            )
        names[name] = operation.id
        yield from _opening(operation, at)
        yield from _ends(document, operation, at)
        if mapping(operation.node, "x-websocket").get("context") is None:
            yield from _conversation(document, operation, at, validator)
        else:
            yield from _context(document, operation, at, validator)


def _opening(operation: RawOperation, at: str) -> Iterator[Violation]:
    if operation.method != "get" or "101" not in mapping(operation.node, "responses"):
        yield Violation(at, "a WebSocket needs a GET with a response 101")
    node = mapping(operation.node, "x-websocket")
    if "context" in node:
        for word in sorted(ALONE & node.keys()):
            yield Violation(
                f"{at}/{word}", f"{word!r} is for a socket without contexts; remove one of the two"
            )


def _ends(document: Document, operation: RawOperation, at: str) -> Iterator[Violation]:
    """Check that the messages which end a conversation are among those of the server."""
    types = [
        str(mapping(mapping(node, "properties"), "type").get("const"))
        for node, _ in messages(document, operation, "server")
        if "const" in mapping(mapping(node, "properties"), "type")
    ]
    socket = mapping(operation.node, "x-websocket")
    for where, listed in (("ends", socket), ("context/ends", mapping(socket, "context"))):
        for kind in strings(listed, "ends"):
            if types and kind not in types:
                yield Violation(
                    f"{at}/{where}",
                    f"the server has no message of type {kind!r}; name one of "
                    f"{', '.join(types)}, or add the message to the union",
                )


def _conversation(
    document: Document, operation: RawOperation, at: str, validator: ExampleValidator
) -> Iterator[Violation]:
    """Check the commands of a socket that is one conversation."""
    node = mapping(operation.node, "x-websocket")
    is_word = node.get("text") == "word"
    words = [
        word
        for message, _ in messages(document, operation, "client")
        for word in (
            *sequence(message, "enum"),
            *([message["const"]] if "const" in message else []),
        )
    ]
    if is_word and not all(isinstance(word, str) for word in words or [None]):
        yield Violation(
            f"{at}/client", "with `text: word` the commands are an enum of strings; name one"
        )
    finish = node.get("finish")
    if finish is None:
        return
    if is_word and finish not in words:
        yield Violation(
            f"{at}/finish",
            f"there is no command {finish!r}; name one of {', '.join(map(str, words))}",
        )
    elif not is_word and not isinstance(finish, Mapping):
        yield Violation(
            f"{at}/finish",
            f"{finish!r} is not a JSON object; write the message, such as `{{type: {finish}}}`, "
            "or add `text: word`",
        )
    elif not is_word:
        yield from _message(document, operation, validator, "finish", finish)


def _context(
    document: Document, operation: RawOperation, at: str, validator: ExampleValidator
) -> Iterator[Violation]:
    """Check the contexts of a socket."""
    context = mapping(mapping(operation.node, "x-websocket"), "context")
    target, pointer = document.resolve(mapping(context, "request"))
    fields = document.properties(target, pointer)
    key = text(context, "key")
    named = {key, *strings(context, "per_message"), *strings(context, "may_change")}
    named |= {*mapping(context, "close"), *mapping(context, "defaults")}
    for wire in sorted(named - fields.keys()):
        yield Violation(
            f"{at}/context", f"the request has no field {wire!r}; name one of {', '.join(fields)}"
        )
    anew = [wire for wire in strings(context, "per_message") if wire in fields]
    if "stream" in context and sum(fields[wire].required for wire in anew) != 1:
        yield Violation(
            f"{at}/context/stream",
            "`per_message` needs exactly one required field, the input of the stream",
        )
    elif "stream" in context:
        (source,) = (wire for wire in anew if fields[wire].required)
        if mapping(context, "close").get(source) != "":
            yield Violation(
                f"{at}/context/close",
                f'a stream ends with its text in the closing message; add `{source}: ""`',
            )
    for word in ("close", "defaults"):
        for wire, value in mapping(context, word).items():
            if wire not in fields:
                continue
            for fault in validator.faults(fields[wire].pointer, value):
                yield Violation(
                    f"{at}/context/{word}/{wire}", f"{fault}; give a value that the field takes"
                )
    if cancel := mapping(context, "cancel"):
        message = {key: "greeting", **cancel}
        yield from _message(document, operation, validator, "context/cancel", message)


def _message(
    document: Document,
    operation: RawOperation,
    validator: ExampleValidator,
    word: str,
    message: JSON,
) -> Iterator[Violation]:
    """Check that a message is one that the server takes."""
    taken = [pointer for _, pointer in messages(document, operation, "client")]
    if taken and all(validator.faults(pointer, message) for pointer in taken):
        names = ", ".join(pointer.rpartition("/")[2] for pointer in taken)
        yield Violation(
            f"{operation.pointer}/x-websocket/{word}",
            f"{message} is not a message of the client; write one of {names}",
        )
