"""``cartesia-voice doctor``: what works, what does not, and what to do."""

import shutil
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from cartesia.cli.session import JsonFlag, MockFlag
from cartesia.cli.terminal import is_terminal, progress, to_json, write

if TYPE_CHECKING:
    from cartesia.cli.health_checks import Finding

_COLOURS = {"ok": "green", "note": "yellow", "fail": "red"}
_INDENT = 17


def doctor(
    *,
    speak: Annotated[
        bool, typer.Option("--speak", help="Say one word too, which is billed.")
    ] = False,
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Check the key, the connection and the versions.

    Where something is wrong, it says what to do.
    """
    from cartesia.cli.health_checks import check_all

    findings: list[Finding] = []
    checks = check_all(mock=mock, speak=speak)
    while True:
        with progress("checking"):
            finding = next(checks, None)
        if finding is None:
            break
        findings.append(finding)
        if not json:
            _write_finding(finding)
    if json:
        write(to_json([finding._asdict() for finding in findings]))
    raise typer.Exit(next((f.exit_code for f in findings if f.state == "fail"), 0))


def _write_finding(finding: "Finding") -> None:
    text = f"{finding.text}\n-> {finding.advice}" if finding.advice else finding.text
    width = max(shutil.get_terminal_size().columns - _INDENT, 20) if is_terminal() else 1000
    lines = [part for line in text.split("\n") for part in textwrap.wrap(line, width)]
    state = typer.style(f"{finding.state:5}", fg=_COLOURS[finding.state])
    # It takes the colour away where there is no terminal.
    typer.echo(f"{state} {finding.check:10} " + f"\n{' ' * _INDENT}".join(lines))
