"""The result of a method: how the response is read, and the return type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from scripts.bundle import JSONMap
from scripts.view import common_arguments
from scripts.view.common_arguments import CommonArgument
from scripts.view.document import Document, RawOperation, mapping, text
from scripts.view.flavours import Flavour
from scripts.view.generator_output import BodyKind, ParsedOperation
from scripts.view.models import reader
from scripts.view.python_names import snake_case
from scripts.view.shapes import Annotator, ListOf, Named, SchemaKind, Shape

OUT_OF_CALL = Annotator(models="_models.", params=None)


class RequesterMethod(Enum):
    """The method of the requester that makes the call."""

    MODEL = "model"
    ITEMS = "items"
    EMPTY = "empty"
    TEXT = "text"
    BINARY = "binary"
    STREAM = "stream"
    PAGE = "page"
    CONNECT = "connect"


@dataclass(frozen=True)
class MethodResult:
    """The result of a method, made of the successful response of its operation."""

    verb: RequesterMethod
    shape: Shape | None
    """The shape of what is read; of one item where a page is."""
    accept: str | None
    """The media type to ask for; None for JSON."""
    description: str
    socket: str
    """Name of the socket that a ``connect`` opens, else empty."""
    is_conversation: bool
    """Whether that socket is one conversation, without contexts."""

    @property
    def socket_module(self) -> str:
        """The module of that socket, as an expression."""
        return f"_sockets.{snake_case(self.socket)}"

    def socket_type(self, flavour: Flavour, kind: str) -> str:
        """Name the ``Connection``, ``ConnectionManager`` or ``Context`` of that socket."""
        return f"{self.socket_module}.{flavour.prefix}{self.socket}{kind}"

    @property
    def options(self) -> Sequence[CommonArgument]:
        """The arguments that the method has beside those of the document."""
        if self.verb is not RequesterMethod.CONNECT:
            return common_arguments.OF_CALLS
        return [*common_arguments.OF_SOCKETS, *self.reconnection]

    @property
    def reconnection(self) -> Sequence[CommonArgument]:
        """Those that configure reconnection."""
        if self.verb is not RequesterMethod.CONNECT:
            return ()
        return (
            common_arguments.RECONNECTION
            if self.is_conversation
            else common_arguments.RECONNECTION_OF_CONTEXTS
        )

    @property
    def parse(self) -> str | None:
        """The function that parses one object."""
        if self.shape is None:
            return None
        return reader(self.shape.item if isinstance(self.shape, ListOf) else self.shape)

    @property
    def is_direct(self) -> bool:
        """Whether the async method is a plain function that returns an awaitable or a manager."""
        return self.verb in {RequesterMethod.PAGE, RequesterMethod.CONNECT}

    def returns(self, flavour: Flavour, shadowed: frozenset[str]) -> str:
        """Write the annotation of the result."""
        place = OUT_OF_CALL.hiding(shadowed)
        one = place.annotate(self.shape) if self.shape else "None"
        match self.verb:
            case RequesterMethod.TEXT:
                return place.builtin("str")
            case RequesterMethod.BINARY:
                return f"{flavour.prefix}BinaryAPIResponse"
            case RequesterMethod.STREAM:
                return f"{flavour.prefix}Stream[{one}]"
            case RequesterMethod.PAGE:
                return f"{'AsyncPaginator' if flavour.is_async else 'SyncCursorIDPage'}[{one}]"
            case RequesterMethod.CONNECT:
                return self.socket_type(flavour, "ConnectionManager")
            case RequesterMethod.MODEL | RequesterMethod.ITEMS | RequesterMethod.EMPTY:
                return one

    def wrappers(self, flavour: Flavour) -> tuple[str, str]:
        """Name the runtime's typed wrappers for raw and for streaming responses.

        A binary method needs none for the raw form, since its result already is the response.
        """
        if self.verb is RequesterMethod.BINARY:
            return "", f"{flavour.wrap}to_streamed_binary"
        return f"{flavour.wrap}to_raw", f"{flavour.wrap}to_streamed"


def successful(document: Document, raw: RawOperation) -> tuple[JSONMap, str]:
    """Return the successful response of an operation, and its pointer."""
    for status, node in mapping(raw.node, "responses").items():
        if (status.startswith("2") or status == "101") and isinstance(node, Mapping):
            return document.resolve(node, f"{raw.pointer}/responses/{status}")
    raise document.fault(raw.pointer, "no successful response; add one of 101 and 2xx")


def method_result(document: Document, raw: RawOperation, parsed: ParsedOperation) -> MethodResult:
    """Make the view of the result of an operation.

    Args:
        document: The document.
        raw: The operation.
        parsed: The generator's reading of it.

    Returns:
        The view.

    Raises:
        DocumentError: The runtime cannot read such a response.
    """
    node, pointer = successful(document, raw)
    verb, shape, accept = _verb(document, raw, parsed.response, node, pointer)
    described = " ".join(text(node, "description").split())
    socket = mapping(raw.node, "x-websocket")
    is_conversation = bool(socket) and "context" not in socket
    return MethodResult(verb, shape, accept, described, text(socket, "name"), is_conversation)


def _verb(
    document: Document, raw: RawOperation, body: BodyKind, node: JSONMap, pointer: str
) -> tuple[RequesterMethod, Shape | None, str | None]:
    if "x-websocket" in raw.node:
        return RequesterMethod.CONNECT, None, None
    content = mapping(node, "content")
    media = next(iter(content), "*/*")
    if body is BodyKind.NOTHING:
        return RequesterMethod.EMPTY, None, "*/*"
    if body is BodyKind.BYTES:
        return RequesterMethod.BINARY, None, media
    shape = document.shape(mapping(content[media], "schema"))
    if media == "text/event-stream":
        return RequesterMethod.STREAM, shape, media
    if body is BodyKind.TEXT:
        return RequesterMethod.TEXT, None, media
    if raw.node.get("x-pagination") == "cursor":
        return RequesterMethod.PAGE, _item(document, shape, pointer), None
    verb = RequesterMethod.ITEMS if isinstance(shape, ListOf) else RequesterMethod.MODEL
    if reader(shape.item if isinstance(shape, ListOf) else shape) is None:
        raise document.fault(
            f"{pointer}/content",
            "a JSON response is a named object, a named union, or an array of one; name its schema",
        )
    return verb, shape, None


def _item(document: Document, shape: Shape, pointer: str) -> Shape:
    """Return the shape of one item of a page."""
    if isinstance(shape, Named) and shape.kind is SchemaKind.MODEL:
        data = document.component_properties(shape.name).get("data")
        listed = document.shape(data.schema) if data else None
        if isinstance(listed, ListOf) and reader(listed.item):
            return listed.item
    raise document.fault(
        pointer, "'x-pagination: cursor' needs an object with an array 'data' of named objects"
    )
