# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/client.py
# Do not edit: change that file instead.
"""The base of the public clients: options, copies, closing."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from cartesia._runtime import __version__, types
from cartesia._runtime._sync.primitives import run_in_thread
from cartesia._runtime._sync.requester import Requester
from cartesia._runtime._sync.responses import BinaryAPIResponse
from cartesia._runtime._sync.transport import Transport
from cartesia._runtime.content import reader_of
from cartesia._runtime.network import Network
from cartesia._runtime.options import DEFAULT_MAX_RETRIES, ClientOptions, merge_or_replace
from cartesia._runtime.public_names import import_packages
from cartesia._runtime.request import FormContent, Request, RequestContent, custom_request
from cartesia._runtime.types import Omit, httpx, omit, ssl

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack
elif sys.version_info >= (3, 11):
    from typing import Self, Unpack


T = TypeVar("T")

_AGENT = f"cartesia-openapi/{__version__}"
_AGENT_HEADERS = {"user-agent": _AGENT, "x-cartesia-client": _AGENT}
_PACKAGES = (
    "anyio._backends._asyncio",
    "cartesia._runtime._sync",
    "cartesia._runtime._sync.websocket",
    "cartesia._runtime.cancellation",
    "httpcore._sync",
    *(() if sys.version_info >= (3, 11) else ("dateutil.parser",)),
)
"""What the first call and the first WebSocket import, beside the packages of the API."""


class APIClient:
    """The base of the public client."""

    api_version: ClassVar[str]
    """The date of the API that the types of this client describe; sent with every request."""
    _packages: ClassVar[tuple[str, ...]] = ()
    _prepared: ClassVar[set[tuple[str, ...]]] = set()

    def __init__(
        self,
        api_key: str | None = None,
        *,
        token: str | None = None,
        base_url: str | httpx.URL | None = None,
        websocket_base_url: str | httpx.URL | None = None,
        timeout: types.TimeoutTypes | Omit = omit,
        deadline: float | None = None,
        max_retries: int = DEFAULT_MAX_RETRIES,
        retry_generations: bool = False,
        default_headers: types.Headers | None = None,
        default_query: types.Query | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: types.ProxyTypes | None = None,
        http_client: types.HTTPClient | None = None,
        _strict_response_validation: bool = False,
    ) -> None:
        """Set the client up; the first call opens connections and loads httpx.

        Args:
            api_key: The API key. Default: the environment variable ``CARTESIA_API_KEY``, unless a
                token is given.
            token: An access token, sent if there is no key.
            base_url: The URL of the API. Default: ``CARTESIA_BASE_URL``, else the public one.
            websocket_base_url: The URL of the WebSockets. Default: that of the API, with ``ws`` for
                ``http``.
            timeout: Seconds for each of connecting, writing, reading and waiting for a connection;
                a detailed ``httpx.Timeout``; or None for no limit. Default: 60, and 5 for
                connecting.
            deadline: Seconds for a whole HTTP call: connecting, retries and waits between them, and
                reading the response. Default: None, no limit.
            max_retries: Attempts after the first.
            retry_generations: Whether to retry a billed call even if the server may have started
                it: after a read time-out, or a response that broke off.
            default_headers: Headers for every request; they override the client's own, but for
                Accept and Content-Type, which depend on the call.
            default_query: Query parameters for every request.
            ssl_context: What verifies servers, for HTTP and WebSockets. Default: the authorities
                that ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names, else those of certifi.
            proxy: The proxy for HTTP and WebSockets, such as ``http://user:password@proxy:3128``;
                also ``https`` and, with the extra ``socks``, ``socks5``. Default: that of
                ``HTTPS_PROXY``, ``HTTP_PROXY`` or ``ALL_PROXY``, unless ``NO_PROXY`` names the
                host.
            http_client: An HTTP client of your own, of httpx or httpx2, which has a proxy and TLS
                settings of its own. A time-out of 5 s counts as not set, since that is the default
                of httpx: give `timeout` as well. WebSockets follow those of
                `DefaultHttpxClient`; of any other client they know ``trust_env`` and
                ``timeout`` only.
            _strict_response_validation: Accepted because existing code passes it, and ignored.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: An argument has an invalid value.
        """
        options = ClientOptions(
            api_key=api_key,
            token=token,
            base_url=str(base_url or ""),
            websocket_base_url=str(websocket_base_url or ""),
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            retry_generations=retry_generations,
            default_headers=merge_or_replace("default_headers", {}, default_headers, None),
            default_query=merge_or_replace("default_query", {}, default_query, None),
            built_in_headers={**_AGENT_HEADERS, "cartesia-version": self.api_version},
        ).resolved()
        network = Network().replaced(ssl_context, proxy)
        self._requester = Requester(options, Transport(http_client, network))

    @property
    def api_key(self) -> str | None:
        """The API key."""
        return self._requester.options.api_key

    @property
    def token(self) -> str | None:
        """The access token."""
        return self._requester.options.token

    @property
    def base_url(self) -> str:
        """The URL of the API."""
        return self._requester.options.base_url

    @property
    def websocket_base_url(self) -> str | None:
        """The URL of the WebSockets, None where it follows that of the API."""
        return self._requester.options.websocket_base_url

    @property
    def max_retries(self) -> int:
        """Attempts after the first."""
        return self._requester.options.max_retries

    @property
    def timeout(self) -> types.TimeoutTypes:
        """Seconds, or a detailed timeout, or None for no limit."""
        timeout = self._requester.options.timeout
        if not isinstance(timeout, Omit):
            return timeout
        from cartesia._runtime.http_clients import DEFAULT_TIMEOUT

        return DEFAULT_TIMEOUT

    @property
    def deadline(self) -> float | None:
        """Seconds for a whole HTTP call, None for no limit."""
        return self._requester.options.deadline

    @property
    def default_headers(self) -> dict[str, str]:
        """The headers of every request, without credentials."""
        return {
            name: value
            for name, value in self._requester.options.base_headers().items()
            if isinstance(value, str) and name not in ("authorization", "x-api-key")
        }

    @property
    def default_query(self) -> types.Query:
        """The query parameters of every request."""
        return self._requester.options.default_query

    def copy(
        self,
        *,
        api_key: str | None = None,
        token: str | None = None,
        base_url: str | httpx.URL | None = None,
        websocket_base_url: str | httpx.URL | None = None,
        timeout: types.TimeoutTypes | Omit = omit,
        deadline: float | Omit | None = omit,
        max_retries: int | None = None,
        retry_generations: bool | None = None,
        default_headers: types.Headers | None = None,
        set_default_headers: types.Headers | None = None,
        default_query: types.Query | None = None,
        set_default_query: types.Query | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: types.ProxyTypes | None = None,
        http_client: types.HTTPClient | None = None,
        _strict_response_validation: bool | None = None,
    ) -> Self:
        """Make a client with other settings and the same connections.

        Args:
            api_key: Another API key.
            token: Another access token, sent instead of the key.
            base_url: Another URL of the API.
            websocket_base_url: Another URL of the WebSockets.
            timeout: Seconds, or a detailed timeout, or None for no limit.
            deadline: Seconds for a whole HTTP call, or None for no limit.
            max_retries: Attempts after the first.
            retry_generations: Whether to retry a billed call even if the server may have started
                it.
            default_headers: Headers to add.
            set_default_headers: Headers that replace the present ones.
            default_query: Query parameters to add.
            set_default_query: Query parameters that replace the present ones.
            ssl_context: Another TLS context, for connections of its own; not those of an
                `http_client`.
            proxy: Another proxy, for connections of its own; not those of an `http_client`.
            http_client: Another HTTP client, whose connections are used instead.
            _strict_response_validation: Accepted because existing code passes it, and ignored.

        Returns:
            A new client. What is not given stays as it is. Closing one of the two closes both,
            unless they have different HTTP clients, TLS contexts or proxies.

        Raises:
            ValueError: Both forms of an argument were given, or a value is invalid.
            TypeError: An argument has the wrong type.
        """
        old = self._requester.options
        if retry_generations is None:
            retry_generations = old.retry_generations
        options = old._replace(
            api_key=api_key or (None if token else old.api_key),
            token=token or old.token,
            credentials="" if api_key or token else old.credentials,
            base_url=str(base_url or old.base_url),
            websocket_base_url=str(websocket_base_url or old.websocket_base_url or ""),
            timeout=old.timeout if isinstance(timeout, Omit) else timeout,
            deadline=old.deadline if isinstance(deadline, Omit) else deadline,
            max_retries=old.max_retries if max_retries is None else max_retries,
            retry_generations=retry_generations,
            default_headers=merge_or_replace(
                "default_headers", old.default_headers, default_headers, set_default_headers
            ),
            default_query=merge_or_replace(
                "default_query", old.default_query, default_query, set_default_query
            ),
        ).resolved()
        transport = self._requester.transport
        if http_client is not None or ssl_context is not None or proxy is not None:
            network = transport.network if http_client is None else Network()
            transport = Transport(http_client, network.replaced(ssl_context, proxy))
        # Not by __init__, which may have other arguments in a subclass.
        client = object.__new__(type(self))
        client._requester = Requester(options, transport)
        return client

    with_options = copy

    def get(self, path: str, *, cast_to: type[T], options: types.RequestOptions | None = None) -> T:
        """Send a GET to any path.

        Args:
            path: The path, such as ``/models``.
            cast_to: The type of the result: a model or a list of models, ``dict``, ``list``,
                ``object`` for any JSON, ``str``, ``bytes``, ``type(None)``, ``httpx.Response``, or
                `BinaryAPIResponse` to read audio as it arrives.
            options: ``params``, ``headers``, ``timeout``, ``deadline`` and ``max_retries`` of this
                call.

        Returns:
            The parsed response.

        Raises:
            APIStatusError: The server responded with an error status.
            APIConnectionError: The server cannot be reached, or does not respond in time.
            TypeError: A response cannot be parsed as `cast_to`, or there is no such option.
            ValueError: `path` is a whole URL, or has a query.
        """
        return self._send(custom_request("GET", path, options), cast_to)

    def post(self, path: str, *, cast_to: type[T], **content: Unpack[FormContent]) -> T:
        """Send a POST to any path; it is retried only where the server cannot have begun it.

        Args:
            path: The path, such as ``/models``.
            cast_to: The type of the result, as for `get`.
            content: ``body``, the fields to send, as JSON, or as a form where there are files;
                ``files``, files to send, by field; ``options``, as for `get`, and ``extra_json``:
                further fields of the body.

        Returns:
            The parsed response.

        Raises:
            APIStatusError: The server responded with an error status.
            APIConnectionError: The server cannot be reached, or does not respond in time.
            TypeError: A response cannot be parsed as `cast_to`, or there is no such option.
            ValueError: `path` is a whole URL, or has a query.
        """
        return self._send(custom_request("POST", path, **content), cast_to)

    def put(self, path: str, *, cast_to: type[T], **content: Unpack[FormContent]) -> T:
        """Send a PUT to any path.

        Args:
            path: The path, such as ``/models``.
            cast_to: The type of the result, as for `get`.
            content: ``body``, ``files`` and ``options``, as for `post`.

        Returns:
            The parsed response.

        Raises:
            APIStatusError: The server responded with an error status.
            APIConnectionError: The server cannot be reached, or does not respond in time.
            TypeError: A response cannot be parsed as `cast_to`, or there is no such option.
            ValueError: `path` is a whole URL, or has a query.
        """
        return self._send(custom_request("PUT", path, **content), cast_to)

    def patch(self, path: str, *, cast_to: type[T], **content: Unpack[RequestContent]) -> T:
        """Send a PATCH to any path.

        Args:
            path: The path, such as ``/models``.
            cast_to: The type of the result, as for `get`.
            content: ``body`` and ``options``, as for `post`.

        Returns:
            The parsed response.

        Raises:
            APIStatusError: The server responded with an error status.
            APIConnectionError: The server cannot be reached, or does not respond in time.
            TypeError: A response cannot be parsed as `cast_to`, or there is no such option.
            ValueError: `path` is a whole URL, or has a query.
        """
        return self._send(custom_request("PATCH", path, **content), cast_to)

    def delete(self, path: str, *, cast_to: type[T], **content: Unpack[RequestContent]) -> T:
        """Send a DELETE to any path.

        Args:
            path: The path, such as ``/models``.
            cast_to: The type of the result, as for `get`.
            content: ``body`` and ``options``, as for `post`.

        Returns:
            The parsed response.

        Raises:
            APIStatusError: The server responded with an error status.
            APIConnectionError: The server cannot be reached, or does not respond in time.
            TypeError: A response cannot be parsed as `cast_to`, or there is no such option.
            ValueError: `path` is a whole URL, or has a query.
        """
        return self._send(custom_request("DELETE", path, **content), cast_to)

    def _send(self, request: Request, cast_to: type[T]) -> T:
        if cast_to is BinaryAPIResponse:
            # This comparison makes the result a T, which no type checker can see.
            return cast("T", self._requester.binary(request))
        return self._requester.custom(request, reader_of(cast_to))

    def prepare(self) -> None:
        """Import now what the first calls would import, in async code in a thread.

        Those are several hundred modules, which would hold up the event loop for some tenths of a
        second. Entering an async client as a context manager does the same.
        """
        if self._packages not in self._prepared:
            run_in_thread(partial(import_packages, (*_PACKAGES, *self._packages)))
            self._prepared.add(self._packages)

    def is_closed(self) -> bool:
        """Return whether the client has been closed.

        Returns:
            Whether calls raise `ClientClosedError`.
        """
        return self._requester.transport.closed

    def close(self) -> None:
        """Close all connections. Later calls raise an error; closing again does nothing."""
        self._requester.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._requester.options.summary()})"
