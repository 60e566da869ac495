"""The handler for WebSockets without one of their own: it answers with the document's examples."""

from __future__ import annotations

from starlette.websockets import WebSocketDisconnect

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue, as_object, parse_json
from cartesia_mock.document.openapi_document import APIDocument, WebSocketSpec
from cartesia_mock.http.api_request import WebSocketRequest

_ERROR = "error"


async def converse_by_examples(request: WebSocketRequest) -> None:
    """Answer each valid message with the examples of the server's messages, until the last one."""
    spec = request.operation.socket
    if spec is None:
        return
    await request.websocket.accept()
    conversation = ExampleConversation(request, spec)
    try:
        while not conversation.is_over:
            for answer in conversation.answers(await request.receive()):
                await request.send(answer)
        await request.websocket.close(1000)
    except WebSocketDisconnect:
        return


def server_examples(document: APIDocument, spec: WebSocketSpec) -> list[JSONObject]:
    """Return the first example of each message of the server, in the order of the document."""
    found: list[JSONObject] = []
    for message in document.variants(spec.server):
        examples = JSONFields(as_object(document.at(message))).data.get("examples")
        found += [as_object(each) for each in (examples if isinstance(examples, list) else [])[:1]]
    return found


class ExampleConversation:
    """What to answer to the messages of one WebSocket.

    Args:
        request: Its handshake.
        spec: Its messages.
    """

    def __init__(self, request: WebSocketRequest, spec: WebSocketSpec) -> None:
        self.is_over = False
        self._request = request
        self._spec = spec
        examples = server_examples(request.mock.document, spec)
        known = [each for each in examples if each.get("type") != _ERROR]
        self._last = [each for each in known if each.get("type") in spec.ends]
        self._others = [each for each in known if each not in self._last]

    def answers(self, message: str | bytes) -> list[JSONObject]:
        """Return the answers to one message: examples, or an error where it is not valid."""
        if isinstance(message, bytes):
            return self._others if self._spec.binary else [self._error("send text", {})]
        try:
            value: JSONValue = message if self._spec.is_word else parse_json(message)
        except ValueError as error:
            return [self._error(f"the message is not JSON: {error}", {})]
        fields = as_object(value)
        problems = self._request.mock.schemas.problems(self._spec.client, value)
        if problems:
            return [self._error("; ".join(problems), fields)]
        answers = self._others
        if self._is_last(value):
            self.is_over = not self._spec.context
            answers = [*self._others, *self._last]
        return [each | self._context(fields) for each in answers]

    def _is_last(self, value: JSONValue) -> bool:
        """Return whether a message asks for the end of its conversation."""
        if not self._spec.context:
            return self._spec.finish is not None and _includes(value, self._spec.finish)
        context = JSONFields(self._spec.context)
        cancel = context.object("cancel").data
        if cancel and _includes(value, cancel):
            return True
        # A field that is left out means what the closing message says; an empty text means nothing.
        closing = {name: said for name, said in context.object("close").data.items() if said != ""}
        return bool(closing) and _includes(closing | as_object(value), closing)

    def _context(self, fields: JSONObject) -> JSONObject:
        """Return the field that names the context of a message, if there is one."""
        key = JSONFields(self._spec.context).text("key")
        return {key: fields[key]} if key in fields else {}

    def _error(self, message: str, fields: JSONObject) -> JSONObject:
        error = HTTPError(400, "Invalid message", message)
        event = error.event(self._request.id, None)
        return event | self._context(fields)


def _includes(value: JSONValue, wanted: JSONValue) -> bool:
    if isinstance(value, dict) and isinstance(wanted, dict):
        return wanted.items() <= value.items()
    return value == wanted
