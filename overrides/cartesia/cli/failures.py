"""What a command says when it fails, and the exit codes.

====  ==========================================================================
0     Done. A reader that closes its pipe early, such as ``head``, is no failure.
1     Anything else: the server failed, an input is empty, a file cannot be read or written.
2     The command line or the environment is wrong, whatever files and voices there are.
3     The API key is missing, cannot be one, was refused, or may not do this.
4     There is no such object, or not exactly one voice of that name.
5     The server was not reached, or the connection broke off.
6     Too many requests, or too many at once.
130   Interrupted by Ctrl-C.
143   Terminated.
====  ==========================================================================
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from typing import Callable

FAILED = 1
USAGE = 2
CREDENTIALS = 3
NOT_FOUND = 4
CONNECTION = 5
RATE_LIMIT = 6
INTERRUPTED = 130
TERMINATED = 143

_PAGE = re.compile("<!doctype html|<html", re.IGNORECASE)
_MARKUP = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_NAMES = {
    "`base_url`": "CARTESIA_BASE_URL",
    "`CARTESIA_BASE_URL`": "CARTESIA_BASE_URL",
    "the environment variable CARTESIA_API_KEY": "CARTESIA_API_KEY",
    "; strip() it": "",
    "; see `timeout`": "",
    "`proxy`, or ": "",
}
"""The arguments of the client that errors name, as they are given here."""


class CommandError(Exception):
    """A command cannot do what was asked.

    Args:
        message: What is wrong, and what to do.
        code: The exit code.
    """

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


def exit_code(error: Exception) -> int | None:
    """Choose the exit code of an error.

    Args:
        error: The error.

    Returns:
        The code; None for an error that only a fault of this program explains.
    """
    if isinstance(error, CommandError):
        return error.code
    if hasattr(error, "format_message"):  # the base class of such errors has no public name
        return USAGE
    import cartesia

    codes: tuple[tuple[type[Exception], int], ...] = (
        (cartesia.MissingCredentialsError, CREDENTIALS),
        (cartesia.AuthenticationError, CREDENTIALS),
        (cartesia.PermissionDeniedError, CREDENTIALS),
        (cartesia.NotFoundError, NOT_FOUND),
        (cartesia.RateLimitError, RATE_LIMIT),
        (cartesia.APIConnectionError, CONNECTION),
        (cartesia.WebSocketConnectionClosedError, CONNECTION),
        (cartesia.ContextInactiveError, CONNECTION),
        (cartesia.CartesiaError, FAILED),
        (OSError, FAILED),
        (UnicodeDecodeError, FAILED),  # of an input
        (ValueError, USAGE),  # of the client, for an argument that cannot be right
    )
    return next((code for kind, code in codes if isinstance(error, kind)), None)


def report(error: Exception, program: str, *, as_json: bool) -> int:
    """Say on stderr, in one line, what went wrong.

    Args:
        error: The error.
        program: The name of the command.
        as_json: Whether the line is a JSON object.

    Returns:
        The exit code.

    Raises:
        Exception: The error itself, where only a fault of this program explains it.
    """
    code = exit_code(error)
    if code is None:
        raise error
    message, request_id = _message(error, code), getattr(error, "request_id", None)
    if as_json:
        fields = {"message": message, "exit_code": code, "request_id": request_id}
        text = json.dumps({"error": fields}, ensure_ascii=False)
    else:
        # The texts of most errors end with it.
        is_named = not request_id or request_id in message
        text = f"{program}: {message}" + ("" if is_named else f" (request id: {request_id})")
    if sys.stderr.isatty() and not as_json:
        width = shutil.get_terminal_size().columns
        lines = (textwrap.wrap(line, width, break_on_hyphens=False) for line in text.split("\n"))
        text = "\n".join(part for parts in lines for part in parts)
    print(text, file=sys.stderr)
    return code


def _message(error: Exception, code: int) -> str:
    from cartesia import MissingCredentialsError

    if isinstance(error, CommandError):
        return _for_people(str(error))  # it alone may have several lines
    if isinstance(error, MissingCredentialsError):
        return "there is no API key: set CARTESIA_API_KEY, or try --mock, which needs none"
    text = str(error)
    is_page = _PAGE.search(text) is not None  # of something that is not the API
    if is_page:
        text = _MARKUP.sub(" ", text)
    format_message: Callable[[], str] | None = getattr(error, "format_message", None)
    if format_message is not None:
        text = format_message().removeprefix("Invalid value: ")
        command = getattr(getattr(error, "ctx", None), "command_path", "")
        if command:
            text = f"{text.rstrip('.')}; see {command} --help"
    elif isinstance(error, UnicodeDecodeError):
        text = "standard input is not UTF-8 text"  # files are read by `cartesia.cli.files`
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if code == CONNECTION or is_page:
        text = f"{text}; `cartesia-voice doctor` may know why"
    return _for_people(" ".join(text.split())) or type(error).__name__


def _for_people(text: str) -> str:
    """Replace what a program would change by what changes it here."""
    for argument, name in _NAMES.items():
        text = text.replace(argument, name)
    return text
