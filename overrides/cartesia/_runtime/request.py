"""What a generated method hands to the requester: an operation and the values of one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cartesia._runtime.sentinels import NotGiven, Omit, not_given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cartesia._runtime.types import Body, FileTypes, Headers, Query, TimeoutTypes

_NOTHING: Mapping[str, str] = {}


class Need(NamedTuple):
    """What a field of the body, or a query parameter, must be.

    Attributes:
        name: Its name.
        kind: Its JSON type, ``file``, or ``any``.
        least: The fewest characters of a string.
        optional: Whether it may be missing, or None.
        argument: What the caller calls it, where that is not its name.
    """

    name: str
    kind: str
    least: int = 0
    optional: bool = False
    argument: str = ""


class Operation:
    """One operation of the API: what all its calls have in common.

    Args:
        name: Its Python name (``voices.get``), for logs and errors.
        method: The HTTP method.
        path: The path, with ``{name}`` where a path parameter goes.
        accept: The media type asked for.
        billed: Whether a repeated call costs again; such calls are repeated with more care.
        needs: What its fields and query parameters must be.
    """

    __slots__ = ("accept", "billed", "method", "name", "needs", "path")

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        *,
        accept: str = "application/json",
        billed: bool = False,
        needs: tuple[Need, ...] = (),
    ) -> None:
        self.name = name
        self.method = method
        self.path = path
        self.accept = accept
        self.billed = billed
        self.needs = needs

    def __repr__(self) -> str:
        return f"Operation({self.name!r}, {self.method!r}, {self.path!r})"


class Request:
    """One call of an operation: values under their wire names, not yet encoded.

    Args:
        operation: What is called.
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

    __slots__ = (
        "body",
        "extra_body",
        "extra_headers",
        "extra_query",
        "files",
        "form",
        "operation",
        "path",
        "query",
        "timeout",
    )

    def __init__(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        form: Mapping[str, object] | None = None,
        files: Mapping[str, FileTypes | Omit | None] | None = None,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: TimeoutTypes | NotGiven = not_given,
    ) -> None:
        self.operation = operation
        self.path = path
        self.query = query
        self.body = body
        self.form = form
        self.files = files
        self.extra_headers = extra_headers
        self.extra_query = extra_query
        self.extra_body = extra_body
        self.timeout = timeout

    def with_query(self, **changes: object) -> Request:
        """Give the same call with other query parameters, as the next page needs it.

        Args:
            changes: The parameters to set; ``omit`` takes one away.

        Returns:
            A new request.
        """
        return Request(
            self.operation,
            path=self.path,
            query={**(self.query or {}), **changes},
            body=self.body,
            form=self.form,
            files=self.files,
            extra_headers=self.extra_headers,
            extra_query={k: v for k, v in (self.extra_query or {}).items() if k not in changes},
            extra_body=self.extra_body,
            timeout=self.timeout,
        )
