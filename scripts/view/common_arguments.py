"""The arguments that all methods of a kind have, beside those of the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scripts.view.flavours import Flavour


@dataclass(frozen=True)
class CommonArgument:
    """One argument that every method of a kind has."""

    name: str
    annotation: str
    """With ``{prefix}`` where the name of the async type begins with ``Async``."""
    default: str
    documentation: str

    def annotate(self, flavour: Flavour) -> str:
        """Write the annotation in one of the two flavours."""
        return self.annotation.format(prefix=flavour.prefix)


_HEADERS = CommonArgument(
    "extra_headers",
    "Headers | None",
    "None",
    "Headers of this call; they override those of the client.",
)
_QUERY = CommonArgument(
    "extra_query",
    "Query | None",
    "None",
    "Query parameters of this call; they override the arguments.",
)
_BODY = CommonArgument(
    "extra_body",
    "Body | None",
    "None",
    "Fields of the body of this call; they override the arguments.",
)
_TIMEOUT = CommonArgument(
    "timeout",
    "TimeoutTypes | NotGiven",
    "not_given",
    "Seconds for each phase, None for no limit; the client's if omitted.",
)
_DEADLINE = CommonArgument(
    "deadline",
    "float | NotGiven | None",
    "not_given",
    "Seconds for the whole call, retries and reading included, None for no limit; the client's if "
    "omitted.",
)
_LIBRARY = CommonArgument(
    "websocket_connection_options",
    "_sockets.ConnectionOptions | None",
    "None",
    "Limits and settings of the connection, such as `max_size` and `read_limit`.",
)

_RETRIES: Sequence[CommonArgument] = (
    CommonArgument("max_retries", "int", "5", "Maximum number of reconnection attempts."),
    CommonArgument(
        "initial_delay",
        "float",
        "0.5",
        "Seconds before the first attempt; doubled after each one.",
    ),
    CommonArgument("max_delay", "float", "8.0", "Maximum seconds between two attempts."),
    CommonArgument(
        "max_queue_size",
        "int",
        "1_048_576",
        "Maximum bytes to buffer for sending while disconnected.",
    ),
)
_RESEND = CommonArgument(
    "resend_unfinalized",
    "bool",
    "True",
    "Whether to send the audio since the last final transcript again after reconnecting. At most "
    "`max_queue_size` bytes are kept for it; if more is lost, the receiver gets an "
    "`UnfinalizedAudioLostError`.",
)


def _callback(otherwise: str) -> CommonArgument:
    return CommonArgument(
        "on_reconnecting",
        "_sockets.{prefix}ReconnectingHandler | None",
        "None",
        "Called before each attempt to reconnect after a lost connection. It may change the "
        f"query and the headers, or give up. {otherwise}",
    )


RECONNECTION: Sequence[CommonArgument] = (
    _callback("Without it, a lost connection is not reopened."),
    *_RETRIES,
    _RESEND,
)
"""Reconnection of a socket without contexts."""

RECONNECTION_OF_CONTEXTS: Sequence[CommonArgument] = (
    _callback("With or without it, the next use reconnects."),
    *_RETRIES,
    CommonArgument(
        "resend_unheard",
        "bool",
        "False",
        "Whether to send the text again of contexts that lost the connection before any audio "
        "arrived. It may be spoken, and billed, twice.",
    ),
)
"""Reconnection of a socket with contexts."""

OF_CALLS: Sequence[CommonArgument] = (_HEADERS, _QUERY, _BODY, _TIMEOUT, _DEADLINE)
OF_SOCKETS: Sequence[CommonArgument] = (_HEADERS, _QUERY, _LIBRARY)
NAMES = frozenset(
    option.name for option in (*OF_CALLS, *OF_SOCKETS, *RECONNECTION_OF_CONTEXTS, _RESEND)
)
"""Names that arguments of the document must not have."""
