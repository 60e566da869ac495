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
    from cartesia._default_clients import DefaultAsyncHttpxClient as DefaultAsyncHttpxClient
    from cartesia._default_clients import DefaultHttpxClient as DefaultHttpxClient
    from cartesia._runtime._async.pages import AsyncCursorIDPage as AsyncCursorIDPage
    from cartesia._runtime._async.primitives import AsyncPaginator as AsyncPaginator
    from cartesia._runtime._async.responses import AsyncAPIResponse as AsyncAPIResponse
    from cartesia._runtime._async.responses import AsyncBinaryAPIResponse as AsyncBinaryAPIResponse
    from cartesia._runtime._async.responses import (
        AsyncStreamedBinaryAPIResponse as AsyncStreamedBinaryAPIResponse,
    )
    from cartesia._runtime._async.stream import AsyncStream as AsyncStream
    from cartesia._runtime._async.websocket.speech import AsyncSpeechStream as AsyncSpeechStream
    from cartesia._runtime._sync.pages import SyncCursorIDPage as SyncCursorIDPage
    from cartesia._runtime._sync.responses import APIResponse as APIResponse
    from cartesia._runtime._sync.responses import BinaryAPIResponse as BinaryAPIResponse
    from cartesia._runtime._sync.responses import (
        StreamedBinaryAPIResponse as StreamedBinaryAPIResponse,
    )
    from cartesia._runtime._sync.stream import Stream as Stream
    from cartesia._runtime._sync.websocket.speech import SpeechStream as SpeechStream
    from cartesia._runtime.errors import APIConnectionError as APIConnectionError
    from cartesia._runtime.errors import APIError as APIError
    from cartesia._runtime.errors import APIResponseValidationError as APIResponseValidationError
    from cartesia._runtime.errors import APIStatusError as APIStatusError
    from cartesia._runtime.errors import APITimeoutError as APITimeoutError
    from cartesia._runtime.errors import AuthenticationError as AuthenticationError
    from cartesia._runtime.errors import BadRequestError as BadRequestError
    from cartesia._runtime.errors import CartesiaError as CartesiaError
    from cartesia._runtime.errors import ClientClosedError as ClientClosedError
    from cartesia._runtime.errors import ConflictError as ConflictError
    from cartesia._runtime.errors import InternalServerError as InternalServerError
    from cartesia._runtime.errors import MissingCredentialsError as MissingCredentialsError
    from cartesia._runtime.errors import NotFoundError as NotFoundError
    from cartesia._runtime.errors import PermissionDeniedError as PermissionDeniedError
    from cartesia._runtime.errors import RateLimitError as RateLimitError
    from cartesia._runtime.errors import TruncatedResponseError as TruncatedResponseError
    from cartesia._runtime.errors import UnprocessableEntityError as UnprocessableEntityError
    from cartesia._runtime.errors import (
        WebSocketConnectionClosedError as WebSocketConnectionClosedError,
    )
    from cartesia._runtime.errors import WebSocketQueueFullError as WebSocketQueueFullError
    from cartesia._runtime.model import ErrorEvent as ErrorEvent
    from cartesia._runtime.model import Model as BaseModel
    from cartesia._runtime.model import Model as Model
    from cartesia._runtime.sentinels import NOT_GIVEN as NOT_GIVEN
    from cartesia._runtime.sentinels import NotGiven as NotGiven
    from cartesia._runtime.sentinels import Omit as Omit
    from cartesia._runtime.sentinels import not_given as not_given
    from cartesia._runtime.sentinels import omit as omit
    from cartesia._runtime.types import FileTypes as FileTypes
    from cartesia._runtime.types import RequestOptions as RequestOptions
    from cartesia._runtime.websocket.connection_options import (
        ConnectionOptions as ConnectionOptions,
    )
    from cartesia._runtime.websocket.errors import ContextInactiveError as ContextInactiveError
    from cartesia._runtime.websocket.errors import ContextLostError as ContextLostError
    from cartesia._runtime.websocket.errors import ReceiveTimeoutError as ReceiveTimeoutError
    from cartesia._runtime.websocket.errors import SlowReceiverError as SlowReceiverError
    from cartesia._runtime.websocket.legacy_output import (
        LegacyWebSocketError as LegacyWebSocketError,
    )
    from cartesia._runtime.websocket.reconnection import ReconnectingEvent as ReconnectingEvent
    from cartesia._runtime.websocket.reconnection import (
        ReconnectingOverrides as ReconnectingOverrides,
    )
    from cartesia._version import __version__ as __version__

_MODULES = {
    "DefaultAioHttpClient": "cartesia._aiohttp_client",
    "AsyncCartesia": "cartesia._client",
    "Cartesia": "cartesia._client",
    "AsyncPaginator": "cartesia._runtime._async.primitives",
    "AsyncCursorIDPage": "cartesia._runtime._async.pages",
    "AsyncAPIResponse": "cartesia._runtime._async.responses",
    "AsyncBinaryAPIResponse": "cartesia._runtime._async.responses",
    "AsyncStreamedBinaryAPIResponse": "cartesia._runtime._async.responses",
    "AsyncSpeechStream": "cartesia._runtime._async.websocket.speech",
    "AsyncStream": "cartesia._runtime._async.stream",
    "SyncCursorIDPage": "cartesia._runtime._sync.pages",
    "APIResponse": "cartesia._runtime._sync.responses",
    "BinaryAPIResponse": "cartesia._runtime._sync.responses",
    "StreamedBinaryAPIResponse": "cartesia._runtime._sync.responses",
    "SpeechStream": "cartesia._runtime._sync.websocket.speech",
    "Stream": "cartesia._runtime._sync.stream",
    "APIConnectionError": "cartesia._runtime.errors",
    "APIError": "cartesia._runtime.errors",
    "APIResponseValidationError": "cartesia._runtime.errors",
    "APIStatusError": "cartesia._runtime.errors",
    "APITimeoutError": "cartesia._runtime.errors",
    "AuthenticationError": "cartesia._runtime.errors",
    "BadRequestError": "cartesia._runtime.errors",
    "CartesiaError": "cartesia._runtime.errors",
    "ClientClosedError": "cartesia._runtime.errors",
    "ConflictError": "cartesia._runtime.errors",
    "InternalServerError": "cartesia._runtime.errors",
    "MissingCredentialsError": "cartesia._runtime.errors",
    "NotFoundError": "cartesia._runtime.errors",
    "PermissionDeniedError": "cartesia._runtime.errors",
    "RateLimitError": "cartesia._runtime.errors",
    "TruncatedResponseError": "cartesia._runtime.errors",
    "UnprocessableEntityError": "cartesia._runtime.errors",
    "WebSocketConnectionClosedError": "cartesia._runtime.errors",
    "WebSocketQueueFullError": "cartesia._runtime.errors",
    "ErrorEvent": "cartesia._runtime.model",
    "Model": "cartesia._runtime.model",
    "NOT_GIVEN": "cartesia._runtime.sentinels",
    "NotGiven": "cartesia._runtime.sentinels",
    "Omit": "cartesia._runtime.sentinels",
    "not_given": "cartesia._runtime.sentinels",
    "omit": "cartesia._runtime.sentinels",
    "ContextInactiveError": "cartesia._runtime.websocket.errors",
    "ContextLostError": "cartesia._runtime.websocket.errors",
    "ReceiveTimeoutError": "cartesia._runtime.websocket.errors",
    "SlowReceiverError": "cartesia._runtime.websocket.errors",
    "LegacyWebSocketError": "cartesia._runtime.websocket.legacy_output",
    "ConnectionOptions": "cartesia._runtime.websocket.connection_options",
    "ReconnectingEvent": "cartesia._runtime.websocket.reconnection",
    "ReconnectingOverrides": "cartesia._runtime.websocket.reconnection",
    "FileTypes": "cartesia._runtime.types",
    "RequestOptions": "cartesia._runtime.types",
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
