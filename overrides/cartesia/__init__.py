"""A client of the Cartesia voice API: speech from text, text from speech, and the voices.

Every name is imported when it is first used, so that ``import cartesia`` costs next to nothing.
"""

from typing import TYPE_CHECKING

from cartesia._runtime import __version__ as __version__

if TYPE_CHECKING:
    # The public names. At run time they are found by the table that is generated from this list.
    from httpx import Timeout as Timeout

    from cartesia import types as types
    from cartesia._aiohttp_client import DefaultAioHttpClient as DefaultAioHttpClient
    from cartesia._client import AsyncCartesia as AsyncCartesia
    from cartesia._client import AsyncClient as AsyncClient
    from cartesia._client import Cartesia as Cartesia
    from cartesia._client import Client as Client
    from cartesia._httpx2_clients import DefaultAsyncHttpx2Client as DefaultAsyncHttpx2Client
    from cartesia._httpx2_clients import DefaultHttpx2Client as DefaultHttpx2Client
    from cartesia._runtime._async.pages import AsyncCursorIDPage as AsyncCursorIDPage
    from cartesia._runtime._async.pages import AsyncPaginator as AsyncPaginator
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
    from cartesia._runtime.errors import ContextEndedError as ContextEndedError
    from cartesia._runtime.errors import ContextInactiveError as ContextInactiveError
    from cartesia._runtime.errors import ContextLostError as ContextLostError
    from cartesia._runtime.errors import InternalServerError as InternalServerError
    from cartesia._runtime.errors import LegacyWebSocketError as LegacyWebSocketError
    from cartesia._runtime.errors import MissingCredentialsError as MissingCredentialsError
    from cartesia._runtime.errors import NotFoundError as NotFoundError
    from cartesia._runtime.errors import PermissionDeniedError as PermissionDeniedError
    from cartesia._runtime.errors import RateLimitError as RateLimitError
    from cartesia._runtime.errors import ReceiveTimeoutError as ReceiveTimeoutError
    from cartesia._runtime.errors import SlowReceiverError as SlowReceiverError
    from cartesia._runtime.errors import TruncatedResponseError as TruncatedResponseError
    from cartesia._runtime.errors import UnfinalizedAudioLostError as UnfinalizedAudioLostError
    from cartesia._runtime.errors import UnprocessableEntityError as UnprocessableEntityError
    from cartesia._runtime.errors import (
        WebSocketConnectionClosedError as WebSocketConnectionClosedError,
    )
    from cartesia._runtime.errors import WebSocketQueueFullError as WebSocketQueueFullError
    from cartesia._runtime.http_clients import DefaultAsyncHttpxClient as DefaultAsyncHttpxClient
    from cartesia._runtime.http_clients import DefaultHttpxClient as DefaultHttpxClient
    from cartesia._runtime.model import BaseModel as BaseModel
    from cartesia._runtime.model import ErrorEvent as ErrorEvent
    from cartesia._runtime.model import Model as Model
    from cartesia._runtime.types import NOT_GIVEN as NOT_GIVEN
    from cartesia._runtime.types import FileTypes as FileTypes
    from cartesia._runtime.types import NotGiven as NotGiven
    from cartesia._runtime.types import Omit as Omit
    from cartesia._runtime.types import RequestOptions as RequestOptions
    from cartesia._runtime.types import not_given as not_given
    from cartesia._runtime.types import omit as omit
    from cartesia._runtime.websocket.connection_options import (
        ConnectionOptions as ConnectionOptions,
    )
    from cartesia._runtime.websocket.reconnection import ReconnectingEvent as ReconnectingEvent
    from cartesia._runtime.websocket.reconnection import (
        ReconnectingOverrides as ReconnectingOverrides,
    )
else:
    from cartesia._runtime.public_names import attach
    from cartesia_rest.exports import EXPORTS

    __getattr__, __dir__, __all__ = attach(__name__, EXPORTS)
