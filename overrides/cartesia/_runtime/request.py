"""What a generated method passes to the requester: an operation and the values of one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cartesia._runtime.sentinels import NotGiven, Omit, not_given

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

    def with_query(self, **changes: object) -> Request:
        """Make the same call with other query parameters, as the next page needs it.

        Args:
            changes: The parameters to set; ``omit`` takes one away.

        Returns:
            A new request.
        """
        extra = {k: v for k, v in (self.extra_query or {}).items() if k not in changes}
        return self._replace(query={**(self.query or {}), **changes}, extra_query=extra)
