"""The OpenAPI document: its operations with their parameters, bodies and schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from cartesia_mock.api.jsontypes import (
    JSONFields,
    JSONObject,
    JSONValue,
    as_list,
    as_object,
    parse_json,
)
from cartesia_mock.document.json_patch import apply_patch

BUNDLED_DOCUMENT = Path(__file__).parents[1] / "openapi.json"
_VERSIONS = "versions"
"""The folder beside the document with the patches that make those of the other dates."""
_TOKEN = "accessToken"  # noqa: S105  the name of a security scheme
_GRANTS = {"tts": "tts", "stt": "stt", "agents": "agent"}
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class InvalidDocumentError(Exception):
    """The OpenAPI document cannot be served."""


@dataclass(frozen=True)
class OperationParameter:
    """A parameter of an operation.

    Attributes:
        name: Name on the wire.
        place: `query`, `path` or `header`.
        required: Whether a request must have it.
        schema: JSON pointer to its schema.
    """

    name: str
    place: str
    required: bool
    schema: str


@dataclass(frozen=True)
class RequestBody:
    """The request body of an operation.

    Attributes:
        required: Whether a request must have it.
        schemas: JSON pointers to the schemas, by media type.
    """

    required: bool
    schemas: dict[str, str]


@dataclass(frozen=True)
class WebSocketSpec:
    """The WebSocket that an operation opens (`x-websocket`).

    Attributes:
        client: JSON pointer to the schema of client messages.
        server: JSON pointer to the schema of server messages.
        context: The `context` object of `x-websocket`; empty without contexts.
        request: JSON pointer to the schema of generation requests, if there are contexts.
        is_word: Whether text frames are plain words in place of JSON.
        binary: Whether the client sends audio in binary frames.
        finish: The message that asks for the end, if any.
        ends: Types of the messages that end a conversation or a context.
    """

    client: str
    server: str
    context: JSONObject
    request: str | None
    is_word: bool
    binary: bool
    finish: JSONValue
    ends: frozenset[str]


@dataclass(frozen=True)
class APIOperation:
    """One operation of the document.

    Attributes:
        id: The operationId.
        aliases: Other names of it, each with the tag as in an operationId.
        method: HTTP method in upper case.
        path: The path template.
        pointer: JSON pointer to the operation.
        parameters: Parameters of the path item and of the operation.
        body: The request body, if any.
        secured: Whether credentials are required.
        grant: The grant that an access token needs, empty for none in particular; None where only
            an API key is accepted.
        socket: The WebSocket that it opens, if any.
    """

    id: str
    aliases: tuple[str, ...]
    method: str
    path: str
    pointer: str
    parameters: tuple[OperationParameter, ...]
    body: RequestBody | None
    secured: bool
    grant: str | None
    socket: WebSocketSpec | None


class APIDocument:
    """A bundled OpenAPI 3.1 document, of one date of the API.

    Args:
        contents: The document; every `$ref` in it is local.
        patches: The documents of the other dates, as JSON Patches of this one.
        is_bundled: Whether it is the one in this package.
    """

    def __init__(
        self,
        contents: JSONObject,
        patches: Mapping[str, Sequence[JSONValue]] | None = None,
        *,
        is_bundled: bool = False,
    ) -> None:
        self.contents = contents
        self.is_bundled = is_bundled
        self.patches = patches or {}

    @classmethod
    def load(cls, path: Path = BUNDLED_DOCUMENT) -> APIDocument:
        """Load a bundled document.

        Args:
            path: The JSON file; by default the one in this package.

        Returns:
            The document.

        Raises:
            InvalidDocumentError: The file is missing or is not an OpenAPI document.
        """
        try:
            contents = parse_json(path.read_bytes())
        except FileNotFoundError:
            raise InvalidDocumentError(f"{path} is missing: run `make generate`") from None
        except ValueError as error:
            raise InvalidDocumentError(f"{path} is not JSON: {error}") from None
        if not isinstance(contents, dict) or "paths" not in contents:
            raise InvalidDocumentError(f"{path} is not an OpenAPI document: it has no `paths`")
        patches = {
            file.stem: as_list(parse_json(file.read_bytes()))
            for file in sorted((path.parent / _VERSIONS).glob("*.json"))
        }
        return cls(contents, patches, is_bundled=path == BUNDLED_DOCUMENT)

    @cached_property
    def dates(self) -> list[str]:
        """The dates of the API that there is a document of, the oldest first."""
        return sorted({self.version, *self.patches})

    def dated(self, date: str) -> APIDocument:
        """Return the document of one of `dates`."""
        return self if date == self.version else self._others[date]

    @cached_property
    def _others(self) -> dict[str, APIDocument]:
        return {
            date: APIDocument(apply_patch(self.contents, patch))
            for date, patch in self.patches.items()
        }

    @cached_property
    def names(self) -> frozenset[str]:
        """The ids and aliases of the operations of all dates."""
        return frozenset(
            name
            for date in self.dates
            for operation in self.dated(date).operations
            for name in (operation.id, *operation.aliases)
        )

    @property
    def version(self) -> str:
        """The API version that the document describes (`info.version`)."""
        return JSONFields(self.contents).object("info").text("version")

    @cached_property
    def operations(self) -> tuple[APIOperation, ...]:
        """Every operation, in the document's order."""
        found: list[APIOperation] = []
        for path in as_object(self.contents["paths"]):
            item_pointer, item = self.find(f"/paths/{_escape(path)}")
            found.extend(
                self._operation(path, item_pointer, method)
                for method in _METHODS
                if method in as_object(item)
            )
        return tuple(found)

    def operation(self, operation_id: str) -> APIOperation:
        """Return the operation with an id; raises KeyError for an unknown one."""
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise KeyError(operation_id)

    def at(self, pointer: str) -> JSONValue:
        """Return the value at a JSON pointer."""
        value: JSONValue = self.contents
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            try:
                is_list = isinstance(value, list)
                value = as_list(value)[int(key)] if is_list else as_object(value)[key]
            except (KeyError, IndexError, ValueError):
                raise InvalidDocumentError(f"the document has nothing at #{pointer}") from None
        return value

    def has(self, pointer: str) -> bool:
        """Return whether there is a value at a JSON pointer."""
        try:
            self.at(pointer)
        except InvalidDocumentError:
            return False
        return True

    def find(self, pointer: str) -> tuple[str, JSONValue]:
        """Return the pointer and the value at a JSON pointer, with references resolved."""
        value = self.at(pointer)
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            pointer = str(value["$ref"]).removeprefix("#")
            value = self.at(pointer)
        return pointer, value

    def branches(self, pointer: str) -> list[str]:
        """Return the pointers to the branches of a union; empty for other schemas."""
        place, schema = self.find(pointer)
        return [
            f"{place}/{keyword}/{index}"
            for keyword in ("anyOf", "oneOf")
            for index in range(len(as_list(as_object(schema).get(keyword))))
        ]

    def variants(self, pointer: str) -> list[str]:
        """Return the pointers to the members of a union, also of unions in it; else its own."""
        branches = self.branches(pointer)
        if not branches:
            return [self.find(pointer)[0]]
        return [each for branch in branches for each in self.variants(branch)]

    def enum(self, pointer: str) -> list[str]:
        """Return the listed values of an enumeration, closed or open (`anyOf` with a string)."""
        _, schema = self.find(pointer)
        fields = JSONFields(as_object(schema))
        values = fields.texts("enum")
        if "const" in fields.data:
            values.append(fields.text("const"))
        for branch in self.branches(pointer):
            values += self.enum(branch)
        return values

    def restricted_enums(self, pointer: str) -> list[str]:
        """Return the pointers to the open enumerations of a schema whose values servers check.

        They are those with a `pattern`: `anyOf` of the listed values and of a string that has one.
        """
        place, _ = self.find(pointer)
        branches = self.branches(place)
        if any("pattern" in as_object(self.find(each)[1]) for each in branches):
            return [place]
        return [each for branch in branches for each in self.restricted_enums(branch)]

    def _operation(self, path: str, item_pointer: str, method: str) -> APIOperation:
        pointer = f"{item_pointer}/{method}"
        node = JSONFields(as_object(self.at(pointer)))
        if not node.text("operationId"):
            raise InvalidDocumentError(f"{method.upper()} {path} has no operationId")
        parameters = (
            *self._parameters(f"{item_pointer}/parameters", item_pointer),
            *self._parameters(f"{pointer}/parameters", pointer),
        )
        return APIOperation(
            id=node.text("operationId"),
            aliases=tuple(_aliases(node)),
            method=method.upper(),
            path=path,
            pointer=pointer,
            parameters=tuple({(each.place, each.name): each for each in parameters}.values()),
            body=self._body(f"{pointer}/requestBody") if "requestBody" in node.data else None,
            secured=self._secured(node),
            grant=self._grant(node),
            socket=self._socket(f"{pointer}/x-websocket") if "x-websocket" in node.data else None,
        )

    def _parameters(self, pointer: str, owner: str) -> list[OperationParameter]:
        if "parameters" not in as_object(self.at(owner)):
            return []
        found: list[OperationParameter] = []
        for index in range(len(as_list(self.at(pointer)))):
            place, node = self.find(f"{pointer}/{index}")
            fields = JSONFields(as_object(node))
            found.append(
                OperationParameter(
                    name=fields.text("name"),
                    place=fields.text("in"),
                    required=fields.flag("required") or False,
                    schema=f"{place}/schema",
                )
            )
        return found

    def _body(self, pointer: str) -> RequestBody:
        place, node = self.find(pointer)
        fields = JSONFields(as_object(node))
        return RequestBody(
            required=fields.flag("required") or False,
            schemas={
                media: f"{place}/content/{_escape(media)}/schema"
                for media in fields.object("content").data
            },
        )

    def _socket(self, pointer: str) -> WebSocketSpec:
        fields = JSONFields(as_object(self.at(pointer)))
        context = fields.object("context").data
        return WebSocketSpec(
            client=f"{pointer}/client",
            server=f"{pointer}/server",
            context=context,
            request=f"{pointer}/context/request" if "request" in context else None,
            is_word=fields.text("text") == "word",
            binary="binary" in fields.data,
            finish=fields.data.get("finish"),
            ends=frozenset([*fields.texts("ends"), *JSONFields(context).texts("ends")]),
        )

    def _secured(self, operation: JSONFields) -> bool:
        schemes = self._schemes(operation)
        return bool(schemes) and {} not in schemes

    def _grant(self, operation: JSONFields) -> str | None:
        if not any(_TOKEN in as_object(scheme) for scheme in self._schemes(operation)):
            return None
        return _GRANTS.get(next(iter(operation.texts("tags")), "").partition(".")[0], "")

    def _schemes(self, operation: JSONFields) -> list[JSONValue]:
        return as_list(operation.data.get("security", self.contents.get("security")))


@cache
def bundled_document() -> APIDocument:
    """Return the document in this package, which is read once."""
    return APIDocument.load()


def _aliases(operation: JSONFields) -> list[str]:
    tag = operation.text("operationId").rpartition(".")[0]
    names = [
        JSONFields(as_object(each)).text("name")
        for each in as_list(operation.data.get("x-aliases"))
    ]
    return [f"{tag}.{name}" for name in names]


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
