"""``cartesia-voice api``: every operation of the document, for whatever has no command."""

import json
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, Protocol, Union, cast, runtime_checkable

import typer

from cartesia.cli.api_methods import ApiMethod, api_methods
from cartesia.cli.failures import CommandError
from cartesia.cli.files import check_input, check_output, open_output
from cartesia.cli.session import JsonFlag, MockFlag, open_client
from cartesia.cli.terminal import to_json, write, write_table

if TYPE_CHECKING:
    from cartesia import BinaryAPIResponse, Stream, SyncCursorIDPage

_SOCKET_WAIT = 5.0
"""Seconds without a message that end a socket when there is no more input."""

_NORMAL_CLOSE = 1000
_PIECE_BYTES = 3200
_STDIN = 0


class SocketConnection(Protocol):
    """An open WebSocket: what all of them have."""

    def send_raw(self, data: Union[bytes, str]) -> None:
        """Send a message."""
        ...

    def recv_bytes(self, timeout: Optional[float] = None) -> bytes:
        """Return the next message."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


@runtime_checkable
class SocketManager(Protocol):
    """What opens a WebSocket."""

    def enter(self) -> SocketConnection:
        """Open it."""
        ...


def _complete(incomplete: str) -> list[tuple[str, str]]:
    """Complete the name of an operation."""
    return [
        (method.name, method.summary)
        for method in _methods().values()
        if method.name.startswith(incomplete)
    ]


def api(
    context: typer.Context,
    operation: Annotated[
        Optional[str],
        typer.Argument(
            metavar="[OPERATION]",
            help="Its name, such as voices.get.",
            autocompletion=_complete,
        ),
    ] = None,
    *,
    listing: Annotated[bool, typer.Option("--list", help="List all operations.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Write the items of all pages, one a line.")
    ] = False,
    output: Annotated[
        Optional[str], typer.Option("--output", "-o", metavar="FILE", help="Write a file.")
    ] = None,
    help_wanted: Annotated[
        bool, typer.Option("--help", help="Show this, or the fields of an operation.")
    ] = False,
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Call any operation of the API; what it returns is written as JSON.

    Fields are given as --name value, or --name=value, and repeated for lists; objects as JSON,
    files by their name. Streams of events, and --all, are written as an object a line. A WebSocket
    sends the lines of standard input, and --audio FILE.
    """
    if listing:
        _list_operations(json=json)
        return
    if operation is None:
        write(context.get_help())
        return
    methods = _methods()
    if operation not in methods:
        import difflib

        near = difflib.get_close_matches(operation, methods, 3)
        hint = f"; the nearest are {', '.join(near)}" if near else ", as api --list shows"
        raise typer.BadParameter(f"there is no operation {operation}{hint}")
    if help_wanted:
        write(methods[operation].help(context.command_path))
        return
    context.info_name = f"{context.info_name} {operation}"  # whose help errors point to
    check_output(output, is_text=True)
    audio, given = _take_audio(context.args)
    by_position, by_name = methods[operation].arguments(given)
    from cartesia import MissingCredentialsError

    with open_client(mock=mock) as client:
        call = {method.name: method for method in api_methods(client)}[operation].call
        try:
            result = call(*by_position, **by_name)
        except MissingCredentialsError:
            raise
        except TypeError as error:  # of the checks of the client
            raise typer.BadParameter(str(error)) from error
        if isinstance(result, SocketManager):
            _talk(result.enter(), audio)
        else:
            _write_result(result, output, everything=everything)


def _methods() -> dict[str, ApiMethod]:
    from cartesia import Cartesia

    return {method.name: method for method in api_methods(Cartesia(api_key="none"))}


def _list_operations(*, json: bool) -> None:
    methods = sorted(_methods().values())
    if json:
        fields = ("name", "method", "path", "summary")
        write(to_json([dict(zip(fields, (*m[:3], m.summary))) for m in methods]))
        return
    rows = [(m.name, m.summary, f"{m.verb} {m.path}") for m in methods]
    write_table(("Operation", "What it does", "Endpoint"), rows)


def _take_audio(arguments: list[str]) -> tuple[Optional[Path], list[str]]:
    """Take ``--audio FILE`` out of the arguments: no field has this name.

    Raises:
        BadParameter: There is no file.
        OSError: It cannot be read.
    """
    if "--audio" not in arguments:
        return None, arguments
    position = arguments.index("--audio")
    if position + 1 == len(arguments):
        raise typer.BadParameter("--audio needs a file")
    rest = arguments[:position] + arguments[position + 2 :]
    return check_input(Path(arguments[position + 1])), rest


def _write_result(result: object, output: Optional[str], *, everything: bool) -> None:
    from cartesia import BinaryAPIResponse, SpeechStream, Stream, SyncCursorIDPage

    if isinstance(result, BinaryAPIResponse):
        _write_binary(result, output)
    elif isinstance(result, (Stream, SpeechStream)):
        with cast("Stream[object]", result) as events:
            _write_lines(events, output)
    elif isinstance(result, SyncCursorIDPage):
        page = cast("SyncCursorIDPage[object]", result)
        if everything:
            _write_lines(page, output)
        else:
            _write_text(to_json({"data": page.data, "has_more": page.has_more}) + "\n", output)
    elif isinstance(result, str):
        _write_text(result, output)
    elif result is not None:
        _write_text(to_json(result) + "\n", output)


def _write_binary(response: "BinaryAPIResponse", output: Optional[str]) -> None:
    with response:
        check_output(output or "-")
        with open_output(output or "-") as file:
            for piece in response.iter_bytes():
                file.write(piece)
                file.flush()


def _write_lines(items: Iterable[object], output: Optional[str]) -> None:
    with open_output(output or "-") as file:
        for item in items:
            file.write(to_json(item, indent=None).encode() + b"\n")
            file.flush()


def _write_text(text: str, output: Optional[str]) -> None:
    with open_output(output or "-") as file:
        file.write(text.encode())


def _talk(connection: SocketConnection, audio: Optional[Path]) -> None:
    """Send audio and the lines of standard input; write what comes, a message a line."""
    from cartesia import ReceiveTimeoutError, WebSocketConnectionClosedError

    failures: list[Exception] = []
    refusals: list[str] = []
    sender = threading.Thread(target=_send, args=(connection, audio, failures), daemon=True)
    sender.start()
    try:
        while not failures:
            with suppress(ReceiveTimeoutError):
                message = connection.recv_bytes(_SOCKET_WAIT).decode()
                write(message)
                refusals += _refusal(message)
                continue
            if not sender.is_alive():
                break
    except WebSocketConnectionClosedError as error:
        if error.code != _NORMAL_CLOSE:
            raise
    finally:
        connection.close()
    if failures:
        raise failures[0]
    if refusals:
        raise CommandError(refusals[0])


def _refusal(message: str) -> list[str]:
    """Return the text of an error event; nothing for other messages."""
    event = json.loads(message)
    return [event.get("message") or message] if event.get("type") == "error" else []


def _send(connection: SocketConnection, audio: Optional[Path], failures: list[Exception]) -> None:
    try:
        if audio is not None:
            with audio.open("rb") as samples:
                while piece := samples.read(_PIECE_BYTES):
                    connection.send_raw(piece)
        # Not `sys.stdin`, whose lock this thread would still hold when the program ends.
        with open(_STDIN, encoding="utf-8", closefd=False) as lines:  # by its number
            for line in lines:
                if line.strip():
                    connection.send_raw(line.strip())
    except Exception as error:  # noqa: BLE001 # raised by the thread that receives
        failures.append(error)
