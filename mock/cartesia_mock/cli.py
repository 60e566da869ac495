"""The command-line interface `cartesia-mock`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import fields
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import TypeVar, get_args

from cartesia_mock.document.openapi_document import APIDocument, InvalidDocumentError
from cartesia_mock.faults.fault_types import describe_faults
from cartesia_mock.server.application import make_app, make_mock
from cartesia_mock.server.certificates import CertificateError, certificate
from cartesia_mock.server.uvicorn_server import Server, listen
from cartesia_mock.settings import (
    AMOUNT,
    COUNT,
    EngineChoice,
    MockSettings,
    is_amount,
    is_count,
)
from cartesia_mock.storage import StorageError

_FAULTS = """\
faults on demand:
  A request, or the handshake of a WebSocket, can have a fault in its header:
      X-Mock-Fault: status; code=503; retry-after=1
  or faults are armed for the next requests of a path:
      POST /_mock/faults {"fault": "socket-drop; after=3", "path": "/tts/*", "times": 1, "skip": 0}
      GET /_mock/faults, DELETE /_mock/faults, DELETE /_mock/faults/{id}
  Separate several faults with commas. Their options (the first value is the default):"""

_TONE_NOTICE = "every word is a tone; to hear a voice, pip install 'cartesia-openapi[speech]'"

_MAX_STOP_SECONDS = 2.0

_N = TypeVar("_N", int, float)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mock server until SIGINT or SIGTERM.

    Args:
        arguments: The command line; that of the process by default.

    Returns:
        The exit code: 0 after a clean stop, 1 when the server cannot start.
    """
    options = _parser().parse_args(arguments)
    others = {"host", "port", "quiet"}
    settings = MockSettings(
        **{name: value for name, value in vars(options).items() if name not in others}
    )
    with ExitStack() as stack:
        try:
            mock = make_mock(settings, APIDocument.load())
            stack.callback(mock.storage.close)
            app = make_app(mock)
            listener = listen(options.host, options.port)
            stack.callback(listener.close)
            served = stack.enter_context(certificate(settings, options.host))
        except (InvalidDocumentError, StorageError, CertificateError, ModuleNotFoundError) as error:
            print(f"cartesia-mock: {error}", file=sys.stderr)
            return 1
        except OSError as error:
            where = f"{options.host}:{options.port}"
            print(f"cartesia-mock: cannot listen on {where}: {error.strerror}", file=sys.stderr)
            return 1
        if settings.engine == "auto" and mock.synthesizer.engine_name == "tone":
            print(f"cartesia-mock: {_TONE_NOTICE}", file=sys.stderr)
        if settings.tls and served is not None:
            notice = f"clients have to trust the certificate in {served.authority}"
            print(f"cartesia-mock: {notice}", file=sys.stderr, flush=True)
        _log_requests(quiet=options.quiet)
        _run(
            Server(
                app,
                listener,
                _announce,
                on_stop=mock.stop,
                certificate=served,
                request_timeout=settings.request_timeout,
            )
        )
    return 0


def _run(server: Server) -> None:
    """Run a server until SIGINT or SIGTERM."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True
        # A worker thread in the middle of a long recording cannot be cancelled.
        watchdog = threading.Timer(_MAX_STOP_SECONDS, os._exit, (0,))
        watchdog.daemon = True
        watchdog.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.run()


def _log_requests(*, quiet: bool) -> None:
    """Log requests and failures on standard error; only failures if quiet."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("cartesia-mock: %(message)s"))
    logger = logging.getLogger("cartesia_mock")
    logger.handlers = [handler]
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.propagate = False


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
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    parser.add_argument(
        "--quiet", action="store_true", help="log refused requests only, not all of them"
    )
    parser.add_argument(
        "--tls",
        action="store_true",
        help="serve https and wss with a new certificate, and print where it is",
    )
    parser.add_argument(
        "--any-voice",
        action="store_true",
        help="speak with any voice whose id is a UUID, in the catalogue or not",
    )
    parser.add_argument(
        "--examples",
        action="store_true",
        help="respond to every operation with its example, for any id",
    )
    for setting in fields(MockSettings):
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


def _version() -> str:
    try:
        return metadata.version("cartesia-openapi")
    except metadata.PackageNotFoundError:  # It is run from a source tree.
        return "(not installed)"


def _amount(text: str) -> float:
    number = _number(text, float)
    if number is None or not is_amount(number):
        raise argparse.ArgumentTypeError(f"{text} is not {AMOUNT}")
    return number


def _count(text: str) -> int:
    number = _number(text, int)
    if number is None or not is_count(number):
        raise argparse.ArgumentTypeError(f"{text} is not {COUNT}")
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
    "api_key": (str, "the only valid API key (any non-empty one if not given)"),
    "engine": (
        str,
        "speech engine: espeak-ng, a tone for each word, or the best that is installed",
    ),
    "data": (Path, "storage file (everything is stored in memory if not given)"),
    "first_chunk_ms": (_amount, "milliseconds from a request to its first audio"),
    "realtime_factor": (
        _amount,
        "seconds in which a second of audio is sent; 0 is as fast as possible",
    ),
    "idle_timeout": (_amount, "seconds without a message after which a TTS WebSocket is closed"),
    "stt_idle_timeout": (
        _amount,
        "seconds without a message after which an STT WebSocket is closed",
    ),
    "context_expiry": (_amount, "seconds after its last audio until an open context expires"),
    "max_body_bytes": (_count, "maximum size of a request body"),
    "max_transcript": (
        _count,
        "maximum number of characters of a transcript, or of all texts of a context",
    ),
    "request_timeout": (_amount, "seconds within which a client must have sent a whole request"),
    "certfile": (Path, "certificate chain (PEM) to serve https and wss with"),
    "keyfile": (Path, "its private key (PEM), if it is not in --certfile"),
    "tts_concurrency": (_count, "maximum of concurrent generations (no limit if not given)"),
    "tts_sockets": (
        _count,
        "maximum of open TTS WebSockets (ten times --tts-concurrency if not given)",
    ),
    "stt_concurrency": (_count, "maximum of concurrent transcriptions (no limit if not given)"),
    "page_size": (_count, "default number of items on a page"),
    "max_export_rows": (_count, "maximum number of rows in a CSV export"),
    "token_seconds": (_count, "default lifetime of an access token in seconds"),
    "training_seconds": (_amount, "seconds from a fine-tune's creation to its end"),
}
"""The parser and the help text of each setting."""

_METAVARS: dict[Callable[[str], object], str] = {
    Path: "FILE",
    _amount: "NUMBER",
    _count: "COUNT",
}
