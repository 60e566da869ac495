"""Calls of endpoints that have no method of their own, by HTTP verb and path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from cartesia._runtime._async.responses import AsyncBinaryAPIResponse
from cartesia._runtime.content import reader_of
from cartesia._runtime.model import Model
from cartesia._runtime.request import custom_request
from cartesia._runtime.types import Body, FileTypes, RequestOptions

if TYPE_CHECKING:
    from cartesia._runtime._async.requester import AsyncRequester
    from cartesia._runtime.request import Request

T = TypeVar("T")


class AsyncVerbs:
    """The methods of a client that are called by path."""

    _requester: AsyncRequester

    async def get(self, path: str, *, cast_to: type[T], options: RequestOptions | None = None) -> T:
        """Send a GET to any path.

        Args:
            path: The path, such as ``/models``.
            cast_to: The type of the result: a model or a list of models, ``dict``, ``list``,
                ``object`` for any JSON, ``str``, ``bytes``, ``type(None)``, ``httpx.Response``, or
                `AsyncBinaryAPIResponse` to read audio as it arrives.
            options: ``params``, ``headers``, ``timeout`` and ``max_retries`` of this call.

        Returns:
            The parsed response.

        Raises:
            APIStatusError: The server responded with an error status.
            APIConnectionError: The server cannot be reached, or does not respond in time.
            TypeError: A response cannot be parsed as `cast_to`, or there is no such option.
            ValueError: `path` is a whole URL, or has a query.
        """
        return await self._send(custom_request("GET", path, options), cast_to)

    async def post(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Body | Model | None = None,
        files: Mapping[str, FileTypes] | None = None,
        options: RequestOptions | None = None,
    ) -> T:
        """Send a POST to any path; it is retried only where the server cannot have begun it.

        Args:
            path: The path, such as ``/models``.
            cast_to: The type of the result, as for `get`.
            body: The fields to send, as JSON; as a form where there are files.
            files: Files to send, by field.
            options: As for `get`, and ``extra_json``: further fields of the body.

        Returns:
            The parsed response.

        Raises:
            APIStatusError: The server responded with an error status.
            APIConnectionError: The server cannot be reached, or does not respond in time.
            TypeError: A response cannot be parsed as `cast_to`, or there is no such option.
            ValueError: `path` is a whole URL, or has a query.
        """
        return await self._send(custom_request("POST", path, options, body, files), cast_to)

    async def put(
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
            cast_to: The type of the result, as for `get`.
            body: The fields to send, as JSON; as a form where there are files.
            files: Files to send, by field.
            options: As for `post`.

        Returns:
            The parsed response.

        Raises:
            APIStatusError: The server responded with an error status.
            APIConnectionError: The server cannot be reached, or does not respond in time.
            TypeError: A response cannot be parsed as `cast_to`, or there is no such option.
            ValueError: `path` is a whole URL, or has a query.
        """
        return await self._send(custom_request("PUT", path, options, body, files), cast_to)

    async def patch(
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
            cast_to: The type of the result, as for `get`.
            body: The fields to send, as JSON.
            options: As for `post`.

        Returns:
            The parsed response.

        Raises:
            APIStatusError: The server responded with an error status.
            APIConnectionError: The server cannot be reached, or does not respond in time.
            TypeError: A response cannot be parsed as `cast_to`, or there is no such option.
            ValueError: `path` is a whole URL, or has a query.
        """
        return await self._send(custom_request("PATCH", path, options, body), cast_to)

    async def delete(
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
            cast_to: The type of the result, as for `get`.
            body: The fields to send, as JSON.
            options: As for `post`.

        Returns:
            The parsed response.

        Raises:
            APIStatusError: The server responded with an error status.
            APIConnectionError: The server cannot be reached, or does not respond in time.
            TypeError: A response cannot be parsed as `cast_to`, or there is no such option.
            ValueError: `path` is a whole URL, or has a query.
        """
        return await self._send(custom_request("DELETE", path, options, body), cast_to)

    async def _send(self, request: Request, cast_to: type[T]) -> T:
        if cast_to is AsyncBinaryAPIResponse:
            # This comparison makes the result a T, which no type checker can see.
            return cast("T", await self._requester.binary(request))
        return await self._requester.custom(request, reader_of(cast_to))
