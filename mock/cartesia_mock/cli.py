"""The command `cartesia-mock`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from types import FrameType
from typing import TypeVar, get_args

from cartesia_mock.app import make_app, make_mock
from cartesia_mock.document import Document, DocumentError
from cartesia_mock.faults.kinds import describe_faults
from cartesia_mock.server import Server, listen
from cartesia_mock.settings import EngineChoice, Settings
from cartesia_mock.state import StateError

_FAULTS = """\
faults on demand:
  A request, or the handshake of a WebSocket, runs into what its header says:
      X-Mock-Fault: status; code=503; retry-after=1
  or into what was armed for the next requests of a path:
      POST /_mock/faults {"fault": "socket-drop; after=3", "path": "/tts/*", "times": 1, "skip": 0}
      GET /_mock/faults, DELETE /_mock/faults, DELETE /_mock/faults/{id}
  Several stand with commas between. Each has these options (the first value is the default):"""

_TONES = "every word is a tone; to hear a voice, pip install 'cartesia-openapi[speech]'"

_LONGEST_STOP_SECONDS = 2.0

_N = TypeVar("_N", int, float)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mock server until SIGINT or SIGTERM.

    Args:
        arguments: The command line; that of the process by default.

    Returns:
        The exit code: 0 after a clean stop, 1 when the server cannot start.
    """
    options = _parser().parse_args(arguments)
    places = {"host", "port"}
    settings = Settings(
        **{name: value for name, value in vars(options).items() if name not in places}
    )
    try:
        mock = make_mock(settings, Document.load())
        app = make_app(mock)
        listener = listen(options.host, options.port)
    except (DocumentError, StateError, ModuleNotFoundError) as error:
        print(f"cartesia-mock: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f"{options.host}:{options.port}"
        print(f"cartesia-mock: cannot listen on {where}: {error.strerror}", file=sys.stderr)
        return 1
    if settings.engine == "auto" and mock.speech.engine_name == "tone":
        print(f"cartesia-mock: {_TONES}", file=sys.stderr)
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
    mock.state.close()
    return 0


def _announce(url: str) -> None:
    print(f"listening on {url}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cartesia-mock",
        description="A mock of the Cartesia voice API that really speaks.",
        epilog=f"{_FAULTS}\n\n{describe_faults()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=4010,
        help="port to listen on; 0 picks a free one (default: %(default)s)",
    )
    parser.add_argument(
        "--examples",
        action="store_true",
        help="answer every operation with its example, whatever the id",
    )
    for setting in fields(Settings):
        if setting.name in _OPTIONS:
            read, text = _OPTIONS[setting.name]
            shown = "" if setting.default is None else " (default: %(default)s)"
            parser.add_argument(
                f"--{setting.name.replace('_', '-')}",
                type=read,
                default=setting.default,
                metavar=_METAVARS.get(read),
                choices=get_args(EngineChoice) if setting.name == "engine" else None,
                help=f"{text}{shown}",
            )
    return parser


def _amount(text: str) -> float:
    number = _number(text, float)
    if number is None or not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 up")
    return number


def _count(text: str) -> int:
    number = _number(text, int)
    if number is None or number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 up")
    return number


def _port(text: str) -> int:
    number = _number(text, int)
    if number is None or number not in range(65536):
        raise argparse.ArgumentTypeError(f"{text} is not a port (0 to 65535)")
    return number


def _number(text: str, kind: type[_N]) -> _N | None:
    try:
        return kind(text)
    except ValueError:
        return None


_OPTIONS: dict[str, tuple[Callable[[str], object], str]] = {
    "api_key": (str, "the only key that is let in (any non-empty one if not given)"),
    "engine": (str, "what speaks: espeak-ng, a tone for each word, or the best that is installed"),
    "data": (Path, "file that keeps the server's state (it ends with the server if not given)"),
    "first_chunk_ms": (_amount, "milliseconds from a request to its first audio"),
    "realtime_factor": (
        _amount,
        "seconds that a second of audio takes to be sent; 0 is as fast as possible",
    ),
    "idle_timeout": (_amount, "seconds without a message after which a TTS WebSocket is closed"),
    "stt_idle_timeout": (
        _amount,
        "seconds without a message after which an STT WebSocket is closed",
    ),
    "context_expiry": (_amount, "seconds that an open context outlives its last audio"),
    "max_body_bytes": (_count, "largest request body that is read"),
    "tts_concurrency": (_count, "most generations at once (any number if not given)"),
    "tts_sockets": (
        _count,
        "most TTS WebSockets at once (ten times --tts-concurrency if not given)",
    ),
    "stt_concurrency": (_count, "most transcriptions at once (any number if not given)"),
    "page_size": (_count, "items on a page of a list when a request does not say"),
    "max_export_rows": (_count, "most rows of an exported table"),
    "token_seconds": (_count, "lifetime of an access token when a request does not say"),
    "training_seconds": (_amount, "seconds from a fine-tune's creation to its end"),
}
"""How each setting is read from the command line, and what it is."""

_METAVARS: dict[Callable[[str], object], str] = {
    Path: "FILE",
    _amount: "NUMBER",
    _count: "COUNT",
}
