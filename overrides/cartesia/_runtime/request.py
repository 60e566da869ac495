"""What a method passes to the requester: an operation, and the values of one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cartesia._runtime.model import Model
from cartesia._runtime.types import NotGiven, Omit, RequestOptions, not_given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cartesia._runtime.types import Body, FileTypes, Headers, Query, TimeoutTypes

_NOTHING: Mapping[str, str] = {}


class ArgumentCheck(NamedTuple):
    """What an argument must be: a field of the body, or a query parameter.

    Attributes:
        name: Its name in the request.
        kind: Its JSON type, ``file``, or ``any``.
        least: The fewest characters of a string.
        optional: Whether it may be missing, or None.
        argument: The name of the Python argument, where that is another one.
    """

    name: str
    kind: str
    least: int = 0
    optional: bool = False
    argument: str = ""


class Operation(NamedTuple):
    """One operation of the API: what all its calls have in common.

    Attributes:
        name: Its Python name (``voices.get``), for logs and errors.
        method: The HTTP method.
        path: The path, with ``{name}`` in place of path parameters.
        accept: The media type asked for.
        billed: Whether a repeated call costs again; such calls are retried in fewer cases.
        checks: What the fields of its body and its query parameters must be.
    """

    name: str
    method: str
    path: str
    accept: str = "application/json"
    billed: bool = False
    checks: tuple[ArgumentCheck, ...] = ()

    def __repr__(self) -> str:
        return f"Operation({self.name!r}, {self.method!r}, {self.path!r})"


class Request(NamedTuple):
    """One call of an operation: values under the names of the API, not yet encoded.

    Attributes:
        operation: The operation.
        path: Values of the path parameters.
        query: Query parameters; ``omit`` and ``None`` are left out, lists are repeated.
        body: The JSON body; fields that are ``omit`` are left out, ``None`` becomes ``null``.
        form: Fields of a multipart body; ``omit`` and ``None`` are left out, objects become
            ``name[field]``.
        files: Files of a multipart body.
        extra_headers: Headers of this call; they win over the client's.
        extra_query: Query parameters of this call; they win over ``query``.
        extra_body: Fields of the body of this call; they win over ``body`` and ``form``.
        timeout: Seconds, or a detailed timeout, for this call alone.
        max_retries: Attempts after the first, None for those of the client.
    """

    operation: Operation
    path: Mapping[str, str] = _NOTHING
    query: Mapping[str, object] | None = None
    body: Mapping[str, object] | None = None
    form: Mapping[str, object] | None = None
    files: Mapping[str, FileTypes | Omit | None] | None = None
    extra_headers: Headers | None = None
    extra_query: Query | None = None
    extra_body: Body | None = None
    timeout: TimeoutTypes | NotGiven = not_given
    max_retries: int | None = None

    def with_query(self, **changes: object) -> Request:
        """Make the same call with other query parameters, as the next page needs it.

        Args:
            changes: The parameters to set; ``omit`` takes one away.

        Returns:
            A new request.
        """
        extra = {k: v for k, v in (self.extra_query or {}).items() if k not in changes}
        return self._replace(query={**(self.query or {}), **changes}, extra_query=extra)


def custom_request(
    method: str,
    path: str,
    options: RequestOptions | None,
    body: Body | Model | None = None,
    files: Mapping[str, FileTypes] | None = None,
) -> Request:
    """Make the request of a call that is not in the OpenAPI document.

    Args:
        method: The HTTP method.
        path: The path.
        options: The options of this call.
        body: The fields of the body.
        files: Files by field; with them, the body is a form.

    Returns:
        The request.

    Raises:
        TypeError: There is no such option.
        ValueError: The path is a whole URL, or has a query.
    """
    options = options or {}
    known = RequestOptions.__optional_keys__
    if unknown := sorted(options.keys() - known):
        raise TypeError(f"`options` takes {', '.join(sorted(known))}, but not {', '.join(unknown)}")
    if not path.startswith("/"):
        # A whole URL would send the key to another host.
        raise ValueError(f"`path` is what comes after `base_url`, such as '/models', not {path!r}")
    if "?" in path or "#" in path:
        raise ValueError(
            f"`path` must not have a query: pass it as options={{'params': ...}}, not {path!r}"
        )
    # Whether a call is billed is not known, so a POST is retried like one that is.
    operation = Operation(f"{method} {path}", method, path, accept="*/*", billed=method == "POST")
    fields = body.to_dict() if isinstance(body, Model) else body
    return Request(
        operation,
        body=fields if files is None else None,
        form=fields if files is not None else None,
        files=files,
        extra_headers=options.get("headers"),
        extra_query=options.get("params"),
        extra_body=options.get("extra_json"),
        timeout=options.get("timeout", not_given),
        max_retries=options.get("max_retries"),
    )
