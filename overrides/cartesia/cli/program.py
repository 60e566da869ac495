"""The command as a whole: its commands, and how a run of it ends."""

import os
import signal
import sys
from typing import Annotated, Callable, NoReturn, Optional

import typer

from cartesia import __version__
from cartesia.cli import api_command, doctor, listen, speak, voice_commands
from cartesia.cli.failures import INTERRUPTED, TERMINATED, report
from cartesia.cli.session import JsonFlag, MockFlag

_STDOUT = 1

# Help in colour loads most of rich, which takes longer than all else; see the time of --help.
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
app.command(epilog='Such as: llm "Tell me a story" | cartesia-voice speak -')(speak.speak)
app.command()(listen.listen)
app.add_typer(voice_commands.app, name="voices")
app.command(
    "api",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(api_command.api)
app.command()(doctor.doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"cartesia-voice {__version__}")
        raise typer.Exit


@app.callback()
def cartesia_voice(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Text to speech, speech to text, and voices.

    The key of the API is CARTESIA_API_KEY in the environment; --mock needs none, and may stand
    anywhere, as may --json. Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no or wrong key,
    4 not found, 5 no connection, 6 too many requests, 130 interrupted.
    """


def run(arguments: list[str], program: str) -> int:
    """Run the command.

    Args:
        arguments: The command line.
        program: The name that help and errors show.

    Returns:
        The exit code.
    """
    _prepare_streams()
    signal.signal(signal.SIGTERM, _terminate)
    try:
        # Other modes print errors in several lines, and end the process.
        code: object = app(args=arguments or ["--help"], prog_name=program, standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        # The reader has what it wanted, as `head` does. Python writes what is left when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
        return 0
    except Exception as error:  # noqa: BLE001 # what cannot be explained is raised again
        return report(error, program, as_json="--json" in arguments)
    return code if isinstance(code, int) else 0


def _prepare_streams() -> None:
    """Open what the caller has closed of the standard streams, and let them take any text."""
    for number, name, mode in ((0, "stdin", "r"), (_STDOUT, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            file = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 # stays open
            setattr(sys, name, file)
    reconfigure: Optional[Callable[..., object]] = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:  # a notebook has streams of its own
        reconfigure(errors="replace")


def _terminate(_number: int, _frame: object) -> NoReturn:
    """End as an interrupt does, which removes what is half-written."""
    sys.exit(TERMINATED)
