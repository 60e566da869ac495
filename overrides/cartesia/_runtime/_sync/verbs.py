# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/verbs.py
# Do not edit: change that file instead.
"""Calls of endpoints that have no method of their own: verb, path, and what is to come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from cartesia._runtime._sync.responses import BinaryAPIResponse
from cartesia._runtime.model import Model
from cartesia._runtime.types import Body, FileTypes, RequestOptions
from cartesia._runtime.undocumented import reader_of, undocumented

if TYPE_CHECKING:
    from cartesia._runtime._sync.requester import Requester
    from cartesia._runtime.request import Request

T = TypeVar("T")


class Verbs:
    """The verbs of a client."""

    _requester: Requester

    def get(self, path: str, *, cast_to: type[T], options: RequestOptions | None = None) -> T:
        """Send a GET to any path.

        Args:
            path: The path, such as ``/models``.
            cast_to: What to make of the answer: a model or a list of models, ``dict``, ``list``,
                ``object`` for any JSON, ``str``, ``bytes``, ``type(None)``, ``httpx.Response``, or
                `BinaryAPIResponse` for audio as it comes.
            options: ``params``, ``headers``, ``timeout`` and ``max_retries`` of this call.

        Returns:
            The answer.

        Raises:
            APIStatusError: The server said no.
            APIConnectionError: The server cannot be reached, or does not answer in time.
            TypeError: `cast_to` is nothing that an answer can be made into.
            ValueError: `path` is a whole URL, or holds a query.
        """
        request = undocumented("GET", path, options or {})
        return self._call(request, cast_to, options)

    def post(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Body | Model | None = None,
        files: Mapping[str, FileTypes] | None = None,
        options: RequestOptions | None = None,
    ) -> T:
        """Send a POST to any path. It is repeated only where the server cannot have begun it.

        Args:
            path: The path, such as ``/models``.
            cast_to: What to make of the answer, as for `get`.
            body: The fields to send, as JSON; as a form where there are files.
            files: Files to send, by field.
            options: As for `get`, and ``extra_json``: further fields of the body.

        Returns:
            The answer.

        Raises:
            APIStatusError: The server said no.
            APIConnectionError: The server cannot be reached, or does not answer in time.
            TypeError: `cast_to` is nothing that an answer can be made into.
            ValueError: `path` is a whole URL, or holds a query.
        """
        request = undocumented("POST", path, options or {}, body=body, files=files)
        return self._call(request, cast_to, options)

    def put(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Body | Model | None = None,
        files: Mapping[str, FileTypes] | None = None,
        options: RequestOptions | None = None,
    ) -> T:
        """Send a PUT to any path.

        Args:
            path: The path, such as ``/models``.
            cast_to: What to make of the answer, as for `get`.
            body: The fields to send, as JSON; as a form where there are files.
            files: Files to send, by field.
            options: As for `post`.

        Returns:
            The answer.

        Raises:
            APIStatusError: The server said no.
            APIConnectionError: The server cannot be reached, or does not answer in time.
            TypeError: `cast_to` is nothing that an answer can be made into.
            ValueError: `path` is a whole URL, or holds a query.
        """
        request = undocumented("PUT", path, options or {}, body=body, files=files)
        return self._call(request, cast_to, options)

    def patch(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Body | Model | None = None,
        options: RequestOptions | None = None,
    ) -> T:
        """Send a PATCH to any path.

        Args:
            path: The path, such as ``/models``.
            cast_to: What to make of the answer, as for `get`.
            body: The fields to send, as JSON.
            options: As for `post`.

        Returns:
            The answer.

        Raises:
            APIStatusError: The server said no.
            APIConnectionError: The server cannot be reached, or does not answer in time.
            TypeError: `cast_to` is nothing that an answer can be made into.
            ValueError: `path` is a whole URL, or holds a query.
        """
        request = undocumented("PATCH", path, options or {}, body=body)
        return self._call(request, cast_to, options)

    def delete(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Body | Model | None = None,
        options: RequestOptions | None = None,
    ) -> T:
        """Send a DELETE to any path.

        Args:
            path: The path, such as ``/models``.
            cast_to: What to make of the answer, as for `get`.
            body: The fields to send, as JSON.
            options: As for `post`.

        Returns:
            The answer.

        Raises:
            APIStatusError: The server said no.
            APIConnectionError: The server cannot be reached, or does not answer in time.
            TypeError: `cast_to` is nothing that an answer can be made into.
            ValueError: `path` is a whole URL, or holds a query.
        """
        request = undocumented("DELETE", path, options or {}, body=body)
        return self._call(request, cast_to, options)

    def _call(self, request: Request, cast_to: type[T], options: RequestOptions | None) -> T:
        requester = self._requester.limited((options or {}).get("max_retries"))
        if cast_to is BinaryAPIResponse:
            # The check above is what makes it a T, which no type checker can see.
            return cast("T", requester.binary(request))
        return requester.whole(request, reader_of(cast_to))
