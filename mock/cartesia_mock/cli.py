"""The command `cartesia-mock`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

from cartesia_mock.app import make_app, make_mock
from cartesia_mock.document import Document, DocumentError
from cartesia_mock.server import Server, listen
from cartesia_mock.settings import Settings

_LONGEST_STOP_SECONDS = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mock server until SIGINT or SIGTERM.

    Args:
        arguments: The command line; that of the process by default.

    Returns:
        The exit code: 0 after a clean stop, 1 when the server cannot start.
    """
    options = _parser().parse_args(arguments)
    settings = Settings(
        api_key=options.api_key,
        engine=options.engine,
        first_chunk_ms=options.first_chunk_ms,
        realtime_factor=options.realtime_factor,
        idle_timeout=options.idle_timeout,
        context_expiry=options.context_expiry,
        max_body_bytes=options.max_body_bytes,
    )
    try:
        app = make_app(make_mock(settings, Document.load()))
        listener = listen(options.host, options.port)
    except (DocumentError, ModuleNotFoundError) as error:
        print(f"cartesia-mock: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f"{options.host}:{options.port}"
        print(f"cartesia-mock: cannot listen on {where}: {error.strerror}", file=sys.stderr)
        return 1
    server = Server(app, listener, _announce)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True
        # A worker thread in the middle of a long recording cannot be called off.
        watchdog = threading.Timer(_LONGEST_STOP_SECONDS, os._exit, (0,))
        watchdog.daemon = True
        watchdog.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.run()
    return 0


def _announce(url: str) -> None:
    print(f"listening on {url}", flush=True)


def _parser() -> argparse.ArgumentParser:
    default = Settings()
    parser = argparse.ArgumentParser(
        prog="cartesia-mock",
        description="A mock of the Cartesia voice API that really speaks.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=_port, default=4010, help="port to listen on; 0 picks a free one")
    add("--api-key", help="the only key that is let in (any non-empty one if not given)")
    add(
        "--engine",
        choices=("auto", "espeak", "tone"),
        default=default.engine,
        help="what speaks: espeak-ng, a tone for each word, or the best that is installed",
    )
    add(
        "--first-chunk-ms",
        type=_amount,
        default=default.first_chunk_ms,
        help="milliseconds from a request to its first audio",
    )
    add(
        "--realtime-factor",
        type=_amount,
        default=default.realtime_factor,
        help="seconds that a second of audio takes to be sent; 0 is as fast as possible",
    )
    add(
        "--idle-timeout",
        type=_amount,
        default=default.idle_timeout,
        help="seconds without a message after which a WebSocket is closed",
    )
    add(
        "--context-expiry",
        type=_amount,
        default=default.context_expiry,
        help="seconds that an open context outlives its last audio",
    )
    add(
        "--max-body-bytes",
        type=int,
        default=default.max_body_bytes,
        help="largest request body that is read",
    )
    return parser


def _amount(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 up")
    return number


def _port(text: str) -> int:
    number = int(text)
    if number not in range(65536):
        raise argparse.ArgumentTypeError(f"{text} is not a port (0 to 65535)")
    return number
