"""The options that all commands have, and the client that they use."""

import os
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Literal, get_args, get_origin

import typer

from cartesia.cli.failures import CREDENTIALS, USAGE, CommandError
from cartesia.cli.terminal import progress, warn

if TYPE_CHECKING:
    from typing_extensions import Generator

    from cartesia import Cartesia

_MODULES = {"speech": "espeakng_loader", "ears": "pocketsphinx"}
_MOST_LISTED = 30
"""How many values an error lists, where some are like the wrong one."""


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
        CommandError: The mock server is not installed; or the address or the key cannot be right.
    """
    with ExitStack() as stack:
        url = stack.enter_context(_mock_server()) if mock else None
        from cartesia import Cartesia

        try:
            client = Cartesia(api_key="mock" if mock else None, base_url=url)
        except ValueError as error:  # of what is in the environment
            is_key = "CARTESIA_API_KEY" in str(error)
            raise CommandError(str(error), CREDENTIALS if is_key else USAGE) from error
        yield stack.enter_context(client)


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


@contextmanager
def open_speaking_client(*, mock: bool) -> "Generator[Cartesia]":
    """Open the client of a command whose sound is heard; say so where it will be no voice.

    Args:
        mock: Whether it is one of a mock server.

    Yields:
        The client.

    Raises:
        CommandError: As for `open_client`.
    """
    with open_client(mock=mock) as client:
        if mock and not is_installed("speech"):
            warn(
                "these are tones, not words: to give the mock server a voice, "
                "pip install 'cartesia-openapi[speech]'"
            )
        yield client


def is_installed(extra: str) -> bool:
    """Return whether what the mock server needs to speak or to listen is there.

    Args:
        extra: The extra that brings it: ``speech`` or ``ears``.

    Returns:
        Whether it can be imported.
    """
    return find_spec(_MODULES[extra]) is not None


def check_range(option: str, value: float, least: float, most: float) -> float:
    """Check that a number is in the range that the API documents.

    Args:
        option: The name of the option.
        value: Its value.
        least: The least number that it may be.
        most: The greatest one.

    Returns:
        The value.

    Raises:
        BadParameter: It is another one.
    """
    if not least <= value <= most:
        raise typer.BadParameter(f"{option} must be {least} to {most}, not {value}")
    return value


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
    values = documented_values(kind)
    if value in values:
        return value
    names = [str(each) for each in values]
    if len(names) > _MOST_LISTED:
        import difflib

        near = difflib.get_close_matches(str(value), names, 3)
        if near:
            raise typer.BadParameter(f"{option} cannot be {value}; like it are {', '.join(near)}")
    raise typer.BadParameter(f"{option} must be one of {', '.join(names)}")


def documented_values(kind: str) -> tuple[object, ...]:
    """Return the values that the API documents.

    Args:
        kind: Their name in `cartesia.types`; it may be that of several such names.

    Returns:
        The values; none where it is the name of objects.
    """
    from cartesia import types

    model: object = getattr(types, kind.rpartition(".")[2], None)
    if get_origin(model) is Literal:
        return get_args(model)
    members = [getattr(member, "__forward_arg__", "") for member in get_args(model)]
    return tuple(value for member in members for value in documented_values(member))
