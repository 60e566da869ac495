"""Calls that the document knows nothing of: what is sent, and how the answer is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, TypeVar, cast, get_args, get_origin

from cartesia._runtime.content import (
    read_json,
    read_object,
    read_objects,
    read_text,
    unexpected_content,
)
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.sentinels import not_given

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from cartesia._runtime.types import Body, FileTypes, RequestOptions

T = TypeVar("T")

_OPTIONS = frozenset({"extra_json", "headers", "max_retries", "params", "timeout"})


def undocumented(
    method: str,
    path: str,
    options: RequestOptions,
    *,
    body: Body | Model | None = None,
    files: Mapping[str, FileTypes] | None = None,
) -> Request:
    """Make the request of a call that has no method of its own.

    Args:
        method: The HTTP method.
        path: The path.
        options: The options of this call.
        body: The fields of the body.
        files: Files to send by field; with them, the body is a form.

    Returns:
        The request.

    Raises:
        TypeError: There is no such option.
        ValueError: The path is a whole URL, or holds a query.
    """
    if unknown := sorted(options.keys() - _OPTIONS):
        raise TypeError(
            f"`options` knows {', '.join(sorted(_OPTIONS))}, but not {', '.join(unknown)}"
        )
    if not path.startswith("/"):
        # A whole URL would send the key to whoever it names.
        raise ValueError(f"`path` is what comes after `base_url`, such as '/models', not {path!r}")
    if "?" in path or "#" in path:
        raise ValueError(
            f"`path` holds no query: give it by options={{'params': ...}}, not {path!r}"
        )
    # Whether it is charged is not known, so a POST is repeated with the care of one that is.
    operation = Operation(f"{method} {path}", method, path, accept="*/*", billed=method == "POST")
    fields = body.to_dict() if isinstance(body, Model) else body
    return Request(
        operation,
        query=None,
        body=None if files is not None else fields,
        form=None if files is None else (fields or {}),
        files=files,
        extra_headers=options.get("headers"),
        extra_query=options.get("params"),
        extra_body=options.get("extra_json"),
        timeout=options.get("timeout", not_given),
    )


def reader_of(cast_to: type[T]) -> Callable[[httpx.Response, bytes], T]:
    """Find out how to make what a caller wants of an answer.

    Args:
        cast_to: What the caller wants.

    Returns:
        What makes it of the answer and its body.

    Raises:
        TypeError: It is nothing that an answer can be made into.
    """
    # Only `cast_to` itself says that what the readers give is a T: no type checker can see that.
    return cast("Callable[[httpx.Response, bytes], T]", _reader(cast_to))


def _reader(kind: type) -> Callable[[httpx.Response, bytes], object]:
    import httpx

    plain = get_origin(kind) or kind
    items = get_args(kind) if plain is list else ()
    if items and isinstance(items[0], type) and issubclass(items[0], Model):
        return lambda response, content: read_objects(response, content, items[0].from_dict)
    if plain in (dict, list):
        return lambda response, content: _read_a(plain, response, content)
    if plain is kind and issubclass(kind, Model):
        return lambda response, content: read_object(response, content, kind.from_dict)
    readers: dict[type, Callable[[httpx.Response, bytes], object]] = {
        object: read_json,
        str: read_text,
        bytes: lambda _response, content: content,
        type(None): lambda _response, _content: None,
        httpx.Response: lambda response, _content: response,
    }
    if kind in readers:
        return readers[kind]
    raise TypeError(
        "`cast_to` must be a model, list[a model], dict, list, object, str, bytes, type(None), "
        f"httpx.Response or the binary response class of the client, not {kind!r}"
    )


def _read_a(kind: type, response: httpx.Response, content: bytes) -> object:
    data = read_json(response, content)
    if not isinstance(data, kind):
        wanted = "a JSON object" if kind is dict else "a JSON array"
        raise unexpected_content(response, content, wanted)
    return data
