"""Requests against the document: parameters, bodies, and what to answer when they do not fit."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

from python_multipart.exceptions import MultipartParseError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import HTTPConnection, Request

from cartesia_mock.call import Upload
from cartesia_mock.document import Body, Operation
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject, JSONValue, as_object, parse_json
from cartesia_mock.schemas import Schemas
from cartesia_mock.versions import HEADER

_JSON = "application/json"
_MULTIPART = "multipart/form-data"
_LARGEST_FIELD = 4 * 1024 * 1024


def read_parameters(
    connection: HTTPConnection, operation: Operation, schemas: Schemas
) -> dict[str, Fields]:
    """Read and judge the parameters of a request.

    Args:
        connection: The request, or the socket before it is accepted.
        operation: What it asks for.
        schemas: The document's schemas.

    Returns:
        The parameters by place: `path`, `query` and `header`.

    Raises:
        APIError: One is missing or does not fit its schema (400).
    """
    found: dict[str, JSONObject] = {"path": {}, "query": {}, "header": {}}
    problems: list[str] = []
    for parameter in operation.parameters:
        if parameter.name.lower() in {HEADER, "authorization", "accept", "content-type"}:
            continue
        texts = _texts(connection, parameter.place, parameter.name)
        if not texts:
            if parameter.required:
                problems.append(f"{parameter.name}: is required")
            continue
        item = schemas.items(parameter.schema)
        if item is not None:
            value: JSONValue = [schemas.coerce(item, text) for text in texts]
        elif len(texts) > 1:
            problems.append(f"{parameter.name}: is given {len(texts)} times")
            continue
        else:
            value = schemas.coerce(parameter.schema, texts[0])
        problems += _named(parameter.name, schemas.problems(parameter.schema, value))
        found[parameter.place][parameter.name] = value
    if problems:
        raise APIError(400, "Invalid request", "; ".join(problems))
    return {place: Fields(values) for place, values in found.items()}


async def read_content(request: Request, limit: int) -> bytes | None:
    """Read the body of a request to its end: who is still sending would not see the answer.

    Args:
        request: The request.
        limit: Most bytes that are kept.

    Returns:
        The body, or None when it is larger than that.
    """
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size <= limit:
            pieces.append(piece)
    return b"".join(pieces) if size <= limit else None


async def read_body(
    request: Request, content: bytes, body: Body | None, schemas: Schemas
) -> tuple[Fields, Mapping[str, Upload]]:
    """Read and judge the body of a request.

    Args:
        request: The request.
        content: Its body.
        body: What the document says of its body; None when it takes none.
        schemas: The document's schemas.

    Returns:
        The fields, and the files of a multipart body.

    Raises:
        APIError: It is of another media type (415), no JSON or multipart, or does not fit its
            schema (400).
    """
    if body is None or not (content or body.required):
        return Fields({}), {}
    if not content:
        raise APIError(400, "Invalid request", "the request body is missing")
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in body.schemas:
        raise APIError(
            415,
            "Unsupported media type",
            f"content-type is {media or 'missing'}: send {' or '.join(body.schemas)}",
        )
    files: Mapping[str, Upload] = {}
    if media == _MULTIPART:
        fields, files = await _read_multipart(request, content, body.schemas[media], schemas)
        value: JSONValue = fields
    else:
        value = _read_json(content)
    problems = schemas.problems(body.schemas[media], value)
    if problems:
        raise APIError(400, "Invalid request", "; ".join(problems))
    return Fields(as_object(value)), files


def _texts(connection: HTTPConnection, place: str, name: str) -> list[str]:
    if place == "path":
        return [str(connection.path_params[name])]
    source = connection.query_params if place == "query" else connection.headers
    return source.getlist(name)


def _named(name: str, problems: list[str]) -> list[str]:
    # Within a list the problem begins with its index: `expand[][0]: ...`.
    return [f"{name}{'' if each.startswith('[') else ': '}{each}" for each in problems]


def _read_json(content: bytes) -> JSONValue:
    try:
        return parse_json(content)
    except ValueError as error:
        raise APIError(400, "Invalid JSON", f"the request body cannot be read: {error}") from None


async def _read_multipart(
    request: Request, content: bytes, schema: str, schemas: Schemas
) -> tuple[JSONObject, dict[str, Upload]]:
    async def stream() -> AsyncGenerator[bytes]:
        yield content

    parser = MultiPartParser(request.headers, stream(), max_part_size=_LARGEST_FIELD)
    try:
        form = await parser.parse()
    except (MultiPartException, MultipartParseError, KeyError, UnicodeError) as error:
        reason = getattr(error, "message", str(error))
        raise APIError(400, "Invalid multipart body", f"it cannot be read: {reason}") from None
    try:
        return await _read_form(form, schemas.properties(schema), schemas)
    finally:
        await form.close()


async def _read_form(
    form: FormData, properties: Mapping[str, str], schemas: Schemas
) -> tuple[JSONObject, dict[str, Upload]]:
    fields: JSONObject = {}
    files: dict[str, Upload] = {}
    for name in dict.fromkeys(form.keys()):
        texts: list[str] = []
        for value in form.getlist(name):
            if isinstance(value, UploadFile):
                files[name] = Upload(value.filename or "", await value.read())
                texts.append(files[name].filename)
            else:
                texts.append(value)
        pointer = properties.get(name)
        item = schemas.items(pointer) if pointer is not None else None
        if item is not None:
            fields[name] = [schemas.coerce(item, text) for text in texts]
        elif pointer is not None:
            fields[name] = schemas.coerce(pointer, texts[-1])
        else:
            fields[name] = texts[-1]
    return fields, files
