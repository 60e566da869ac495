"""What an answer means once its body is there: JSON, objects, text, or the wrong thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, TypeVar, cast

from cartesia._runtime.codec import decode_json
from cartesia._runtime.decoders import LenientDecoder
from cartesia._runtime.errors import APIResponseValidationError
from cartesia._runtime.model import read_list

if TYPE_CHECKING:
    import httpx

    from cartesia._runtime.types import JSONObject

T = TypeVar("T")

_WAV = ("audio/wav", "audio/wave", "audio/x-wav", "audio/vnd.wave")
_READABLE_ENCODINGS = ("", "identity", "gzip", "deflate")
_SHOWN_CHARACTERS = 200


def read_json(response: httpx.Response, content: bytes) -> object:
    """Read the JSON of an answer.

    Args:
        response: The answer.
        content: Its body.

    Returns:
        What it says.

    Raises:
        APIResponseValidationError: It is not JSON.
    """
    try:
        return decode_json(content)
    except ValueError as error:
        raise unexpected_content(response, content, "JSON") from error


def read_object(response: httpx.Response, content: bytes, parse: Callable[[JSONObject], T]) -> T:
    """Read the object that an answer is.

    Args:
        response: The answer.
        content: Its body.
        parse: The reader of the object.

    Returns:
        The object.

    Raises:
        APIResponseValidationError: It is not JSON, or no object.
    """
    data = read_json(response, content)
    if not isinstance(data, dict):
        raise unexpected_content(response, content, "a JSON object")
    return parse(cast("JSONObject", data))


def read_objects(
    response: httpx.Response, content: bytes, parse_item: Callable[[JSONObject], T]
) -> list[T]:
    """Read the list of objects that an answer is.

    Args:
        response: The answer.
        content: Its body.
        parse_item: The reader of one object.

    Returns:
        The objects.

    Raises:
        APIResponseValidationError: It is not JSON, or no list.
    """
    data = read_json(response, content)
    if not isinstance(data, list):
        raise unexpected_content(response, content, "a JSON array")
    return read_list(cast("list[object]", data), parse_item)


def read_text(response: httpx.Response, content: bytes) -> str:
    """Read the text of an answer.

    Args:
        response: The answer.
        content: Its body.

    Returns:
        The text; what cannot be decoded is replaced.
    """
    return LenientDecoder(response.charset_encoding).decode(content, final=True)


def is_audio(response: httpx.Response) -> bool:
    """Say whether an answer may be audio; a page or an object under 200 is not.

    Args:
        response: The answer.

    Returns:
        Whether its media type allows it.
    """
    kind = _media_type(response)
    return not kind.startswith("text/") and not kind.endswith(("json", "xml"))


def is_wav(response: httpx.Response) -> bool:
    """Say whether an answer is said to be a WAV.

    Args:
        response: The answer.

    Returns:
        Whether its media type says so.
    """
    return _media_type(response) in _WAV


def is_page(response: httpx.Response) -> bool:
    """Say whether an answer is a page for people, as proxies and log-ins send it under 200.

    Args:
        response: The answer.

    Returns:
        Whether its media type says so.
    """
    return _media_type(response) == "text/html"


def unreadable_encoding(response: httpx.Response) -> str | None:
    """Find a compression that nobody here asked for, and that httpx would hand on as it is.

    Args:
        response: The answer.

    Returns:
        Its name, None where all is well.
    """
    said: str = response.headers.get("content-encoding", "")
    asked: str = response.request.headers.get("accept-encoding", "")
    names = [name.strip().lower() for name in said.split(",")]
    return next((n for n in names if n not in _READABLE_ENCODINGS and n not in asked), None)


def is_event_stream(response: httpx.Response) -> bool:
    """Say whether an answer may be a stream of events.

    Args:
        response: The answer.

    Returns:
        Whether its media type allows it; a missing one does.
    """
    return _media_type(response) in ("text/event-stream", "")


def unexpected_content(
    response: httpx.Response, content: bytes, wanted: str
) -> APIResponseValidationError:
    """Make the error for an answer of the wrong kind.

    Args:
        response: The answer.
        content: Its body.
        wanted: What it should have been.

    Returns:
        The error.
    """
    text = content.decode("utf-8", "replace")
    shown = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
    request_id = response.headers.get("x-request-id")
    message = (
        f"the server answered {response.status_code} with "
        f"{_media_type(response) or 'no content type'} where {wanted} was expected: {shown!r}"
    )
    if request_id:
        message += f" (request id: {request_id})"
    return APIResponseValidationError(response, text, message=message)


def _media_type(response: httpx.Response) -> str:
    content_type: str = response.headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower()
