"""Validation of requests against the document: parameters, bodies and open enumerations."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Collection, Mapping

from python_multipart.exceptions import MultipartParseError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import HTTPConnection, Request

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue, as_object, parse_json
from cartesia_mock.api.versions import VERSION_HEADER
from cartesia_mock.document.form_fields import nest
from cartesia_mock.document.openapi_document import APIOperation, RequestBody
from cartesia_mock.document.schema_validation import SchemaValidator
from cartesia_mock.http.api_request import Mock, Upload
from cartesia_mock.speech import Samples
from cartesia_mock.speech.audio import UnreadableAudioError, decode
from cartesia_mock.speech.tokenization import primary_subtag

_MULTIPART = "multipart/form-data"
_MODEL_FIELDS = {"model", "model_id"}
_LANGUAGE_FIELDS = {"language", "locale", "normalization"}
_REGIONAL = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})+")
_INDEX = re.compile(r"\[\d+\]")
_MAX_FIELD_BYTES = 4 * 1024 * 1024
_MAX_JSON_BYTES = 1024 * 1024


def parse_parameters(
    connection: HTTPConnection, operation: APIOperation, schemas: SchemaValidator
) -> dict[str, JSONFields]:
    """Parse and validate the parameters of a request.

    Args:
        connection: The request, or the WebSocket before it is accepted.
        operation: The operation that it calls.
        schemas: The document's schemas.

    Returns:
        The parameters by place: `path`, `query` and `header`.

    Raises:
        HTTPError: A parameter is missing or invalid (400).
    """
    found: dict[str, JSONObject] = {"path": {}, "query": {}, "header": {}}
    problems: list[str] = []
    for parameter in operation.parameters:
        if parameter.name.lower() in {VERSION_HEADER, "authorization", "accept", "content-type"}:
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
        problems += _prefixed(parameter.name, schemas.problems(parameter.schema, value))
        found[parameter.place][parameter.name] = value
    if problems:
        raise HTTPError(400, "Invalid request", "; ".join(problems))
    return {place: JSONFields(values) for place, values in found.items()}


async def read_request_content(request: Request, limit: int) -> bytes | None:
    """Read the body of a request. The server discards what remains of one that is too large.

    Args:
        request: The request.
        limit: Maximum size in bytes.

    Returns:
        The body, or None when it exceeds the limit.
    """
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            return None
        pieces.append(piece)
    return b"".join(pieces)


async def parse_body(
    request: Request,
    content: bytes,
    body: RequestBody | None,
    schemas: SchemaValidator,
) -> tuple[JSONFields, Mapping[str, Upload]]:
    """Parse and validate the body of a request.

    Args:
        request: The request.
        content: The bytes of its body.
        body: The body as the document describes it; None for an operation without one.
        schemas: The document's schemas.

    Returns:
        The fields, and the files of a multipart body.

    Raises:
        HTTPError: The media type is not supported (415), or the body cannot be parsed or is
            invalid (400).
    """
    if body is None or not (content or body.required):
        return JSONFields({}), {}
    if not content:
        raise HTTPError(400, "Invalid request", "the request body is missing")
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in body.schemas:
        raise HTTPError(
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
        raise HTTPError(400, "Invalid request", "; ".join(problems))
    return JSONFields(as_object(value)), files


def check_json_size(size: int) -> None:
    """Reject JSON that would take long to validate (413); `size` is in bytes or characters."""
    if size > _MAX_JSON_BYTES:
        message = f"JSON of {size} bytes: send at most {_MAX_JSON_BYTES}"
        raise HTTPError(413, "Request too large", message)


def check_known_values(fields: JSONFields, schemas: Mapping[str, str], mock: Mock) -> None:
    """Reject a model, a language or another value of an open enumeration that is unknown.

    Args:
        fields: The fields of a request, valid by their schemas.
        schemas: JSON pointers to the schemas of the fields, by name.
        mock: The server's components.

    Raises:
        HTTPError: A value is unknown (400).
    """
    for name in schemas.keys() & fields.data.keys():
        value = fields.data[name]
        if isinstance(value, str):
            check_known_value(name, value, mock.known_values.of(schemas[name]))


def check_known_value(field: str, value: str, known: Collection[str]) -> None:
    """Reject an unknown value.

    Args:
        field: The field, for the error.
        value: Its value.
        known: The known values; none where any is.

    Raises:
        HTTPError: The value is unknown (400).
    """
    if not known or value in known:
        return
    if field in _MODEL_FIELDS:
        message = f"no model is called {value!r}; there are {', '.join(known)}"
        raise HTTPError(400, "Invalid model", message, code="model_not_found")
    if field == "accent":
        message = f"accent: {value!r} is not an accent; GET /accents lists their ids"
        raise HTTPError(400, "Invalid accent", message)
    if field not in _LANGUAGE_FIELDS or not _is_language(value, known):
        title = "Unsupported language" if field in _LANGUAGE_FIELDS else "Invalid request"
        raise HTTPError(400, title, f"{field}: {value!r} is not one of {', '.join(known)}")


def _is_language(code: str, known: Collection[str]) -> bool:
    """Return whether a code is known; with any region where the known ones have none."""
    code = code.lower().replace("_", "-")
    listed = {each.lower() for each in known}
    if code in listed:
        return True
    has_regions = any("-" in each for each in listed)
    return (
        not has_regions and primary_subtag(code) in listed and _REGIONAL.fullmatch(code) is not None
    )


def decode_audio(content: bytes, field: str) -> tuple[Samples, int]:
    """Decode an uploaded audio file.

    Args:
        content: The file.
        field: Name of its form field.

    Returns:
        Mono samples and their rate in Hz.

    Raises:
        HTTPError: The file cannot be decoded (400).
    """
    try:
        return decode(content)
    except UnreadableAudioError as error:
        raise HTTPError(400, "Invalid audio", f"{field}: {error}") from None


def _texts(connection: HTTPConnection, place: str, name: str) -> list[str]:
    if place == "path":
        return [str(connection.path_params[name])]
    source = connection.query_params if place == "query" else connection.headers
    return source.getlist(name)


def _prefixed(name: str, problems: list[str]) -> list[str]:
    # A problem within an array begins with its index: `expand[][0]: ...`.
    return [f"{name}{'' if _INDEX.match(each) else ': '}{each}" for each in problems]


def _read_json(content: bytes) -> JSONValue:
    check_json_size(len(content))
    try:
        return parse_json(content)
    except ValueError as error:
        raise HTTPError(400, "Invalid JSON", f"the request body cannot be read: {error}") from None


async def _read_multipart(
    request: Request, content: bytes, schema: str, schemas: SchemaValidator
) -> tuple[JSONObject, dict[str, Upload]]:
    async def stream() -> AsyncGenerator[bytes]:
        yield content

    parser = MultiPartParser(request.headers, stream(), max_part_size=_MAX_FIELD_BYTES)
    try:
        form = await parser.parse()
    except (MultiPartException, MultipartParseError, KeyError, UnicodeError) as error:
        reason = getattr(error, "message", str(error))
        raise HTTPError(400, "Invalid multipart body", f"it cannot be read: {reason}") from None
    try:
        return await _read_form(form, schemas.properties(schema), schemas)
    finally:
        await form.close()


async def _read_form(
    form: FormData, properties: Mapping[str, str], schemas: SchemaValidator
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
    return nest(fields, properties, schemas), files
