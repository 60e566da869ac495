"""Which handler serves which operation of the document."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TypeVar

from cartesia_mock.api.jsontypes import JSONValue
from cartesia_mock.document.openapi_document import (
    APIDocument,
    APIOperation,
    InvalidDocumentError,
    bundled_document,
)
from cartesia_mock.handlers import HANDLERS, WEBSOCKET_HANDLERS
from cartesia_mock.handlers.example_conversations import converse_by_examples, server_examples
from cartesia_mock.handlers.example_responses import respond_with_example, success_examples
from cartesia_mock.handlers.response_completion import with_required_fields
from cartesia_mock.http.api_request import Handler, WebSocketHandler

_H = TypeVar("_H")


def http_handlers(document: APIDocument, *, examples: bool = False) -> dict[str, Handler]:
    """Return the handlers of HTTP operations by operationId.

    Args:
        document: The document.
        examples: Whether every operation responds with its example.

    Returns:
        The handlers; an operation without one of its own responds with its example, if it has one.

    Raises:
        InvalidDocumentError: A handler has lost its operation.
    """
    found: dict[str, Handler] = {}
    json: dict[str, JSONValue] = {}
    for operation in document.operations:
        with suppress(InvalidDocumentError):
            _, content = success_examples(document, operation)
            found[operation.id] = respond_with_example
            if values := content.get("application/json"):
                json[operation.id] = values[0]
    if examples:
        return found
    own = assigned(document, HANDLERS)
    return found | {
        name: with_required_fields(handler, json[name]) if name in json else handler
        for name, handler in own.items()
    }


def websocket_handlers(document: APIDocument) -> dict[str, WebSocketHandler]:
    """Return the handlers of WebSocket operations by operationId.

    Args:
        document: The document.

    Returns:
        The handlers; a WebSocket without one of its own answers with the examples of its messages.

    Raises:
        InvalidDocumentError: A handler has lost its operation.
    """
    found: dict[str, WebSocketHandler] = {}
    for operation in document.operations:
        if operation.socket and server_examples(document, operation.socket):
            found[operation.id] = converse_by_examples
    return {**found, **assigned(document, WEBSOCKET_HANDLERS)}


def assigned(document: APIDocument, handlers: Mapping[str, _H]) -> dict[str, _H]:
    """Find the operations of handlers: by operationId, or by an alias where that has changed.

    Args:
        document: The document.
        handlers: Handlers by operationId.

    Returns:
        The handlers by the operationId that the document has now.

    Raises:
        InvalidDocumentError: A handler has no operation. Another document than that of this package
            may lack operations, but not have them under another name.
    """
    found: dict[str, _H] = {}
    for operation in document.operations:
        for name in (operation.id, *operation.aliases):
            if name in handlers:
                found.setdefault(operation.id, handlers[name])
    lost = [
        _lost(document, name, handlers[name]) for name in sorted(handlers.keys() - document.names)
    ]
    if any(lost):
        raise InvalidDocumentError("\n".join(filter(None, lost)))
    return found


def _lost(document: APIDocument, name: str, handler: object) -> str:
    """Say that a handler has lost its operation; nothing where that is as it should be."""
    module = getattr(handler, "__module__", "cartesia_mock.handlers").replace(".", "/")
    file = f"mock/{module}.py"
    renamed = _at_the_place_of(document, name)
    if renamed is not None:
        return (
            f"the handler of {name!r} in {file} has no operation: {renamed.method} {renamed.path} "
            f"is called {renamed.id!r} now; keep the old name among its x-aliases, or register the "
            "handler under the new one"
        )
    if document.is_bundled:
        return (
            f"the handler of {name!r} in {file} has no operation: remove it, or correct the "
            "operationId in the document"
        )
    return ""


def _at_the_place_of(document: APIDocument, name: str) -> APIOperation | None:
    """Return the operation that is where this package's document has another one."""
    try:
        before = bundled_document().operation(name)
    except KeyError:
        return None
    place = (before.method, before.path)
    return next((each for each in document.operations if (each.method, each.path) == place), None)
