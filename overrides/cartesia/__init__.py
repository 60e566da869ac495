"""A client of the Cartesia voice API: speech from text, text from speech, and the voices.

Every name is imported when it is first used, so that ``import cartesia`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpx import Timeout as Timeout

    from cartesia import types as types
    from cartesia._aiohttp_client import DefaultAioHttpClient as DefaultAioHttpClient
    from cartesia._client import AsyncCartesia as AsyncCartesia
    from cartesia._client import AsyncCartesia as AsyncClient
    from cartesia._client import Cartesia as Cartesia
    from cartesia._client import Cartesia as Client
    from cartesia._core._async.io import AsyncPaginator as AsyncPaginator
    from cartesia._core._async.pages import AsyncCursorIDPage as AsyncCursorIDPage
    from cartesia._core._async.responses import AsyncAPIResponse as AsyncAPIResponse
    from cartesia._core._async.responses import AsyncBinaryAPIResponse as AsyncBinaryAPIResponse
    from cartesia._core._async.responses import (
        AsyncStreamedBinaryAPIResponse as AsyncStreamedBinaryAPIResponse,
    )
    from cartesia._core._async.socket.speech import AsyncSpeechStream as AsyncSpeechStream
    from cartesia._core._async.stream import AsyncStream as AsyncStream
    from cartesia._core._sync.pages import SyncCursorIDPage as SyncCursorIDPage
    from cartesia._core._sync.responses import APIResponse as APIResponse
    from cartesia._core._sync.responses import BinaryAPIResponse as BinaryAPIResponse
    from cartesia._core._sync.responses import (
        StreamedBinaryAPIResponse as StreamedBinaryAPIResponse,
    )
    from cartesia._core._sync.socket.speech import SpeechStream as SpeechStream
    from cartesia._core._sync.stream import Stream as Stream
    from cartesia._core.errors import APIConnectionError as APIConnectionError
    from cartesia._core.errors import APIError as APIError
    from cartesia._core.errors import APIResponseValidationError as APIResponseValidationError
    from cartesia._core.errors import APIStatusError as APIStatusError
    from cartesia._core.errors import APITimeoutError as APITimeoutError
    from cartesia._core.errors import AuthenticationError as AuthenticationError
    from cartesia._core.errors import BadRequestError as BadRequestError
    from cartesia._core.errors import CartesiaError as CartesiaError
    from cartesia._core.errors import ClientClosedError as ClientClosedError
    from cartesia._core.errors import ConflictError as ConflictError
    from cartesia._core.errors import InternalServerError as InternalServerError
    from cartesia._core.errors import MissingCredentialsError as MissingCredentialsError
    from cartesia._core.errors import NotFoundError as NotFoundError
    from cartesia._core.errors import PermissionDeniedError as PermissionDeniedError
    from cartesia._core.errors import RateLimitError as RateLimitError
    from cartesia._core.errors import TruncatedResponseError as TruncatedResponseError
    from cartesia._core.errors import UnprocessableEntityError as UnprocessableEntityError
    from cartesia._core.errors import (
        WebSocketConnectionClosedError as WebSocketConnectionClosedError,
    )
    from cartesia._core.errors import WebSocketQueueFullError as WebSocketQueueFullError
    from cartesia._core.model import ErrorEvent as ErrorEvent
    from cartesia._core.model import Model as BaseModel
    from cartesia._core.model import Model as Model
    from cartesia._core.sentinels import NOT_GIVEN as NOT_GIVEN
    from cartesia._core.sentinels import NotGiven as NotGiven
    from cartesia._core.sentinels import Omit as Omit
    from cartesia._core.sentinels import not_given as not_given
    from cartesia._core.sentinels import omit as omit
    from cartesia._core.socket.errors import ContextInactiveError as ContextInactiveError
    from cartesia._core.socket.errors import ContextLostError as ContextLostError
    from cartesia._core.socket.errors import ReceiveTimeoutError as ReceiveTimeoutError
    from cartesia._core.socket.errors import SlowReceiverError as SlowReceiverError
    from cartesia._core.socket.legacy import LegacyWebSocketError as LegacyWebSocketError
    from cartesia._core.socket.options import ConnectionOptions as ConnectionOptions
    from cartesia._core.socket.reconnection import ReconnectingEvent as ReconnectingEvent
    from cartesia._core.socket.reconnection import ReconnectingOverrides as ReconnectingOverrides
    from cartesia._core.types import FileTypes as FileTypes
    from cartesia._core.types import RequestOptions as RequestOptions
    from cartesia._default_clients import DefaultAsyncHttpxClient as DefaultAsyncHttpxClient
    from cartesia._default_clients import DefaultHttpxClient as DefaultHttpxClient
    from cartesia._version import __version__ as __version__

_MODULES = {
    "DefaultAioHttpClient": "cartesia._aiohttp_client",
    "AsyncCartesia": "cartesia._client",
    "Cartesia": "cartesia._client",
    "AsyncPaginator": "cartesia._core._async.io",
    "AsyncCursorIDPage": "cartesia._core._async.pages",
    "AsyncAPIResponse": "cartesia._core._async.responses",
    "AsyncBinaryAPIResponse": "cartesia._core._async.responses",
    "AsyncStreamedBinaryAPIResponse": "cartesia._core._async.responses",
    "AsyncSpeechStream": "cartesia._core._async.socket.speech",
    "AsyncStream": "cartesia._core._async.stream",
    "SyncCursorIDPage": "cartesia._core._sync.pages",
    "APIResponse": "cartesia._core._sync.responses",
    "BinaryAPIResponse": "cartesia._core._sync.responses",
    "StreamedBinaryAPIResponse": "cartesia._core._sync.responses",
    "SpeechStream": "cartesia._core._sync.socket.speech",
    "Stream": "cartesia._core._sync.stream",
    "APIConnectionError": "cartesia._core.errors",
    "APIError": "cartesia._core.errors",
    "APIResponseValidationError": "cartesia._core.errors",
    "APIStatusError": "cartesia._core.errors",
    "APITimeoutError": "cartesia._core.errors",
    "AuthenticationError": "cartesia._core.errors",
    "BadRequestError": "cartesia._core.errors",
    "CartesiaError": "cartesia._core.errors",
    "ClientClosedError": "cartesia._core.errors",
    "ConflictError": "cartesia._core.errors",
    "InternalServerError": "cartesia._core.errors",
    "MissingCredentialsError": "cartesia._core.errors",
    "NotFoundError": "cartesia._core.errors",
    "PermissionDeniedError": "cartesia._core.errors",
    "RateLimitError": "cartesia._core.errors",
    "TruncatedResponseError": "cartesia._core.errors",
    "UnprocessableEntityError": "cartesia._core.errors",
    "WebSocketConnectionClosedError": "cartesia._core.errors",
    "WebSocketQueueFullError": "cartesia._core.errors",
    "ErrorEvent": "cartesia._core.model",
    "Model": "cartesia._core.model",
    "NOT_GIVEN": "cartesia._core.sentinels",
    "NotGiven": "cartesia._core.sentinels",
    "Omit": "cartesia._core.sentinels",
    "not_given": "cartesia._core.sentinels",
    "omit": "cartesia._core.sentinels",
    "ContextInactiveError": "cartesia._core.socket.errors",
    "ContextLostError": "cartesia._core.socket.errors",
    "ReceiveTimeoutError": "cartesia._core.socket.errors",
    "SlowReceiverError": "cartesia._core.socket.errors",
    "LegacyWebSocketError": "cartesia._core.socket.legacy",
    "ConnectionOptions": "cartesia._core.socket.options",
    "ReconnectingEvent": "cartesia._core.socket.reconnection",
    "ReconnectingOverrides": "cartesia._core.socket.reconnection",
    "FileTypes": "cartesia._core.types",
    "RequestOptions": "cartesia._core.types",
    "DefaultAsyncHttpxClient": "cartesia._default_clients",
    "DefaultHttpxClient": "cartesia._default_clients",
    "__version__": "cartesia._version",
    "Timeout": "httpx",
}
"""Where each name is; a test compares this with the imports above."""

_ALIASES = {"AsyncClient": "AsyncCartesia", "BaseModel": "Model", "Client": "Cartesia"}

__all__ = [
    "NOT_GIVEN",
    "APIConnectionError",
    "APIError",
    "APIResponse",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncAPIResponse",
    "AsyncBinaryAPIResponse",
    "AsyncCartesia",
    "AsyncClient",
    "AsyncCursorIDPage",
    "AsyncPaginator",
    "AsyncSpeechStream",
    "AsyncStream",
    "AsyncStreamedBinaryAPIResponse",
    "AuthenticationError",
    "BadRequestError",
    "BaseModel",
    "BinaryAPIResponse",
    "Cartesia",
    "CartesiaError",
    "Client",
    "ClientClosedError",
    "ConflictError",
    "ConnectionOptions",
    "ContextInactiveError",
    "ContextLostError",
    "DefaultAioHttpClient",
    "DefaultAsyncHttpxClient",
    "DefaultHttpxClient",
    "ErrorEvent",
    "FileTypes",
    "InternalServerError",
    "LegacyWebSocketError",
    "MissingCredentialsError",
    "Model",
    "NotFoundError",
    "NotGiven",
    "Omit",
    "PermissionDeniedError",
    "RateLimitError",
    "ReceiveTimeoutError",
    "ReconnectingEvent",
    "ReconnectingOverrides",
    "RequestOptions",
    "SlowReceiverError",
    "SpeechStream",
    "Stream",
    "StreamedBinaryAPIResponse",
    "SyncCursorIDPage",
    "Timeout",
    "TruncatedResponseError",
    "UnprocessableEntityError",
    "WebSocketConnectionClosedError",
    "WebSocketQueueFullError",
    "not_given",
    "omit",
    "types",
]


if not TYPE_CHECKING:
    # Hidden from type checkers, so that they still report a name that is not there.
    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name == "types":
            return import_module("cartesia.types")
        module = _MODULES.get(_ALIASES.get(name, name))
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(module), _ALIASES.get(name, name))
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
