"""The options that all commands have, and the client that they use."""

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from cartesia.cli.failures import CommandError
from cartesia.cli.terminal import progress

if TYPE_CHECKING:
    from typing_extensions import Generator

    from cartesia import Cartesia


class SharedFlags:
    """What was given before the command, or behind it.

    Attributes:
        mock: Whether the command gets a mock server.
        json: Whether it writes JSON.
    """

    mock = False
    json = False


def _note_mock(context: typer.Context, value: bool) -> bool:
    flags = context.ensure_object(SharedFlags)
    flags.mock |= value
    return flags.mock


def _note_json(context: typer.Context, value: bool) -> bool:
    flags = context.ensure_object(SharedFlags)
    flags.json |= value
    return flags.json


MockFlag = Annotated[
    bool,
    typer.Option(
        "--mock", callback=_note_mock, help="Start a mock server for this command: needs no key."
    ),
]
JsonFlag = Annotated[bool, typer.Option("--json", callback=_note_json, help="Write JSON.")]


@contextmanager
def open_client(*, mock: bool) -> "Generator[Cartesia]":
    """Open the client that a command uses.

    Args:
        mock: Whether it is one of a mock server, which lives as long as the client.

    Yields:
        The client.

    Raises:
        CommandError: The mock server is not installed.
    """
    with ExitStack() as stack:
        url = stack.enter_context(_mock_server()) if mock else None
        from cartesia import Cartesia

        yield stack.enter_context(Cartesia(api_key="mock" if mock else None, base_url=url))


@contextmanager
def _mock_server() -> "Generator[str]":
    """Run a mock server."""
    # A proxy of the environment must not get what is for this machine.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    with ExitStack() as stack:
        with progress("starting the mock server"):
            try:
                from cartesia_mock.testing import serve
            except ModuleNotFoundError as error:
                raise CommandError(str(error)) from error
            url = stack.enter_context(serve())
        yield url


def check_value(option: str, value: object, kind: str) -> object:
    """Check that a value is one of those that the API documents.

    Args:
        option: The name of the option.
        value: Its value.
        kind: The name of the values in `cartesia.types`.

    Returns:
        The value.

    Raises:
        BadParameter: It is another one.
    """
    from cartesia import types

    values: tuple[object, ...] = get_args(getattr(types, kind))
    if value not in values:
        raise typer.BadParameter(f"{option} must be one of {', '.join(map(str, values))}")
    return value
