"""Parses the content of responses, and checks that it is of the kind that was expected."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from functools import partial
from io import IncrementalNewlineDecoder
from typing import TYPE_CHECKING, Callable, TypeVar, cast, get_args, get_origin

from cartesia._runtime.codec import decode_json
from cartesia._runtime.errors import APIResponseValidationError, hide_credentials, printable
from cartesia._runtime.model import Model, read_list

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Buffer, TypeGuard

    from cartesia._runtime.types import JSONObject

T = TypeVar("T")

WAV_MEDIA_TYPES = ("audio/wav", "audio/wave", "audio/x-wav", "audio/vnd.wave")
_CODINGS = ("", "identity", "gzip", "deflate")
_SHOWN_CHARACTERS = 200
NOT_KEPT = "the body has been read already, piece by piece, and was not kept"
_CHARSET = re.compile(r""";\s*charset=["']?([\w.:-]+)""", re.ASCII | re.IGNORECASE)
# By the names that Python gives its codecs.
_CHARSETS = re.compile(
    r"ascii|utf-8(-sig)?|utf-(16|32)(-[bl]e)?|iso8859-\d+|cp125\d|cp(437|850|866|874|932|949)"
    r"|koi8-[ru]|mac-roman|gb2312|gbk|gb18030|big5(hkscs)?|shift_jis|euc_(jp|kr)|iso2022_jp"
)


def read_json(response: httpx.Response, content: bytes) -> object:
    """Parse JSON.

    Args:
        response: The response.
        content: Its body.

    Returns:
        The value.

    Raises:
        APIResponseValidationError: It is not JSON.
    """
    try:
        return decode_json(content)
    except ValueError as error:
        raise unexpected_content(response, content, "JSON") from error


def read_object(response: httpx.Response, content: bytes, parse: Callable[[JSONObject], T]) -> T:
    """Parse a JSON object.

    Args:
        response: The response.
        content: Its body.
        parse: The reader of the object.

    Returns:
        The object.

    Raises:
        APIResponseValidationError: It is not JSON, or not an object.
    """
    data = read_json(response, content)
    if not isinstance(data, dict):
        raise unexpected_content(response, content, "a JSON object")
    return parse(cast("JSONObject", data))


def read_objects(
    response: httpx.Response, content: bytes, parse_item: Callable[[JSONObject], T]
) -> list[T]:
    """Parse a JSON array of objects.

    Args:
        response: The response.
        content: Its body.
        parse_item: The reader of one object.

    Returns:
        The objects.

    Raises:
        APIResponseValidationError: It is not JSON, or not an array.
    """
    data = read_json(response, content)
    if not isinstance(data, list):
        raise unexpected_content(response, content, "a JSON array")
    return read_list(cast("list[object]", data), parse_item)


def read_text(response: httpx.Response, content: bytes) -> str:
    """Decode text.

    Args:
        response: The response.
        content: Its body.

    Returns:
        The text, with replacement characters for what cannot be decoded.
    """
    return LenientDecoder(charset(response)).decode(content, final=True)


def read_plain_text(response: httpx.Response, content: bytes) -> str:
    """Decode text that is no web page, as proxies and log-ins send it with status 200.

    Args:
        response: The response.
        content: Its body.

    Returns:
        The text, as `read_text` does.

    Raises:
        APIResponseValidationError: It is HTML.
    """
    if media_type(response) == "text/html":
        raise unexpected_content(response, content, "text")
    return read_text(response, content)


def read_nothing(response: httpx.Response, content: bytes) -> None:
    """Ignore the content of a response, unless it is a web page.

    Args:
        response: The response.
        content: Its body.

    Raises:
        APIResponseValidationError: It is HTML.
    """
    if media_type(response) == "text/html":
        raise unexpected_content(response, content, "an empty response")


def reader_of(cast_to: type[T]) -> Callable[[httpx.Response, bytes], T]:
    """Choose the function that parses a response as a type.

    Args:
        cast_to: The type that the caller wants.

    Returns:
        A function of the response and its body.

    Raises:
        TypeError: A response cannot be parsed as that type.
    """
    import httpx

    kind = get_origin(cast_to) or cast_to
    item = next(iter(get_args(cast_to)), object)
    readers: dict[type, Callable[[httpx.Response, bytes], object]] = {
        dict: partial(read_object, parse=dict),
        list: partial(read_objects, parse_item=item.from_dict if _is_model(item) else dict),
        object: read_json,
        str: read_text,
        bytes: lambda _response, content: content,
        type(None): lambda _response, _content: None,
        httpx.Response: lambda response, _content: hide_credentials(response),
    }
    reader = partial(read_object, parse=kind.from_dict) if _is_model(kind) else readers.get(kind)
    if reader is None:
        raise TypeError(
            "`cast_to` must be a model, list[a model], dict, list, object, str, bytes, type(None), "
            f"httpx.Response or the binary response class of the client, not {cast_to!r}"
        )
    # What the readers give is a T because they were chosen by it, which no type checker can see.
    return cast("Callable[[httpx.Response, bytes], T]", reader)


def _is_model(kind: object) -> TypeGuard[type[Model]]:
    return isinstance(kind, type) and issubclass(kind, Model)


def audio_mismatch(response: httpx.Response) -> str | None:
    """Return why a response cannot be audio, from its content type and coding.

    Args:
        response: The response.

    Returns:
        What was expected in place of text, HTML, JSON or XML, or of a compression that was not
        asked for, and that httpx would pass on undecoded; None where nothing is wrong.
    """
    kind = media_type(response)
    if kind.startswith("text/") or kind.endswith(("json", "xml")):
        return "audio"
    unasked = unasked_coding(response)
    return f"audio without {unasked!r:.40} compression" if unasked is not None else None


def unasked_coding(response: httpx.Response) -> str | None:
    """Return the content coding of a response, if it was not asked for, or is several.

    Of several, each would multiply what the others make of a few bytes.

    Args:
        response: The response.

    Returns:
        The coding; None if it was asked for, or there is none.
    """
    coding: str = response.headers.get("content-encoding", "").lower()
    if coding in _CODINGS:
        return None
    accepted = response.request.headers.get("accept-encoding", "").replace(" ", "").lower()
    return None if coding in accepted.split(",") else coding


def unexpected_content(
    response: httpx.Response, content: bytes, expected: str
) -> APIResponseValidationError:
    """Make the error for a successful response with content of the wrong kind.

    Args:
        response: The response.
        content: Its body.
        expected: What it should have been.

    Returns:
        The error.
    """
    text = content.decode("utf-8", "replace")
    kind = media_type(response) or "no content type"
    message = (
        f"the server answered {response.status_code} with {kind} where {expected} was expected: "
        f"{shorten(text, _SHOWN_CHARACTERS)!r}{reference(response)}"
    )
    return APIResponseValidationError(response, text, message=message)


def shorten(text: str, length: int) -> str:
    """Cut a text that is to be shown.

    Args:
        text: The text.
        length: The characters to keep.

    Returns:
        Its beginning, with dots if something was cut.
    """
    return printable(text if len(text) <= length else f"{text[:length]}...")


def reference(response: httpx.Response, request_id: str | None = None) -> str:
    """Name the request for the text of an error.

    Args:
        response: The response.
        request_id: The id of the request; that in the headers where it is missing.

    Returns:
        The id in parentheses; nothing where there is none.
    """
    request_id = request_id or response.headers.get("x-request-id")
    return f" (request id: {printable(request_id)})" if request_id else ""


def media_type(response: httpx.Response) -> str:
    """Return the media type of a response, in lower case and without parameters.

    Args:
        response: The response.

    Returns:
        The media type, empty where there is none.
    """
    content_type: str = response.headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower()


def charset(response: httpx.Response) -> str | None:
    """Return the charset that a response names.

    httpx has the package ``email`` parse the header, which takes seconds for some, and fails with
    others.

    Args:
        response: The response.

    Returns:
        The charset, None where there is none.
    """
    found = _CHARSET.search(response.headers.get("content-type", ""))
    return found and found[1]


# Incremental decoders: each takes the bytes as they arrive, cut anywhere, and gives what is
# complete so far; the call with ``final`` gives the rest.


class ByteChunker:
    """Regroups bytes into chunks of one size.

    Args:
        chunk_size: Bytes in a chunk, the last of which may be shorter; None for chunks as they
            arrive.

    Raises:
        ValueError: The size is less than 1.
    """

    def __init__(self, chunk_size: int | None) -> None:
        if chunk_size is not None and chunk_size < 1:
            raise ValueError(f"`chunk_size` must be at least 1, not {chunk_size}")
        self._size = chunk_size
        self._buffer = bytearray()

    def decode(self, data: bytes, final: bool = False) -> list[bytes]:
        """Take bytes.

        Args:
            data: The next bytes.
            final: Whether they are the last.

        Returns:
            The chunks that are complete.
        """
        size = self._size
        if size is None:
            return [data] if data else []
        self._buffer += data
        end = len(self._buffer) - (0 if final else len(self._buffer) % size)
        chunks = [bytes(self._buffer[start : start + size]) for start in range(0, end, size)]
        del self._buffer[:end]
        return chunks


class LenientDecoder(codecs.IncrementalDecoder):
    """Decodes text that may be cut inside a character, and replaces what is invalid.

    Args:
        encoding: The name of the encoding; one that is missing, unknown or uncommon is read as
            UTF-8.
    """

    def __init__(self, encoding: str | None) -> None:
        super().__init__("replace")
        name = ""
        with suppress(LookupError, ValueError):
            name = codecs.lookup(encoding or "utf-8").name
        # Python has codecs that give no text, and some that take minutes for a megabyte.
        kind = name if _CHARSETS.fullmatch(name) else "utf-8"
        self._decoder = codecs.getincrementaldecoder(kind)("replace")

    def decode(self, input: Buffer, final: bool = False) -> str:
        """Take bytes.

        Args:
            input: The next bytes.
            final: Whether they are the last.

        Returns:
            The text that is complete.
        """
        try:
            return self._decoder.decode(input, final)
        except UnicodeError:  # Some codecs raise all the same, as UTF-16 without a byte order mark.
            self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
            return self._decoder.decode(input, final)


class TextDecoder:
    """Decodes a body into pieces of text.

    Args:
        encoding: The name of the encoding.
        chunk_size: Bytes that one piece is decoded from; None for pieces as they arrive.
    """

    def __init__(self, encoding: str | None, chunk_size: int | None = None) -> None:
        self._chunker = ByteChunker(chunk_size)
        self._decoder = LenientDecoder(encoding)

    def decode(self, data: bytes, final: bool = False) -> list[str]:
        """Take bytes.

        Args:
            data: The next bytes.
            final: Whether they are the last.

        Returns:
            The pieces that are complete.
        """
        texts = [self._decoder.decode(chunk) for chunk in self._chunker.decode(data, final)]
        texts.append(self._decoder.decode(b"", final))
        return [text for text in texts if text]


class LineDecoder:
    """Decodes a body into lines that end at LF, CR or CRLF, and gives them without these.

    Args:
        encoding: The name of the encoding.
    """

    def __init__(self, encoding: str | None) -> None:
        self._decoder = IncrementalNewlineDecoder(LenientDecoder(encoding), translate=True)
        self._line: list[str] = []

    def decode(self, data: bytes, final: bool = False) -> list[str]:
        """Take bytes.

        Args:
            data: The next bytes.
            final: Whether they are the last.

        Returns:
            The lines that are complete.
        """
        # The pieces of a line are joined once, which keeps the work linear.
        first, *others = self._decoder.decode(data, final).split("\n")
        self._line.append(first)
        if not others and not final:
            return []
        *lines, last = "".join(self._line), *others
        self._line = [last]
        return [*lines, last] if final and last else lines
