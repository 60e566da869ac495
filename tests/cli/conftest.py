"""Runs the command as a process of its own: in pipes, and on a terminal of 80 columns.

Most runs are forks of a process that has imported it, which is quicker; see `tests.cli.fork_server`.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import stat
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.fork_server import ForkServer

COMMAND = (str(Path(sys.executable).with_name("cartesia-voice")),)
"""The command as it is installed, started anew, and not in a fork."""

TIMEOUT = 250.0
_COLUMNS = 80
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Have the command interrupted by SIGINT, which processes in the background inherit ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class Run(NamedTuple):
    """What a process did."""

    code: int
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        return self.output.decode()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class Terminal(NamedTuple):
    """What a terminal got."""

    code: int
    raw: str

    @property
    def lines(self) -> list[str]:
        """Return the lines without their colours."""
        return [line.rstrip() for line in _ESCAPES.sub("", self.raw).splitlines()]


class Voice:
    """Runs the command, in a directory and an environment of the test's own."""

    def __init__(self, url: str, directory: Path, fork_server: ForkServer) -> None:
        self.directory = directory
        self.fork_server = fork_server
        self.programs = directory / "programs"
        self.programs.mkdir()
        self.environment = {
            "CARTESIA_BASE_URL": url,
            "CARTESIA_API_KEY": "good",
            "PATH": os.pathsep.join(
                (str(self.programs), str(Path(sys.executable).parent), os.environ["PATH"])
            ),
            "PYTHONPATH": str(self.programs),
            "HOME": str(directory),
            "TERM": "xterm-256color",
        }

    def _environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a run; a test that is not traced is not so in its processes."""
        coverage = {key: value for key, value in os.environ.items() if key.startswith("COVERAGE_")}
        return {**self.environment, **coverage, **changes}

    def __call__(
        self,
        *arguments: str,
        stdin: bytes = b"",
        command: Sequence[str] | None = None,
        **environment: str,
    ) -> Run:
        """Run it to its end, or another program that runs it."""
        if command is None:
            code, output, errors = self.fork_server.run(
                arguments, stdin, self.directory, self._environment(environment)
            )
            return Run(code, output, errors.decode())
        done = subprocess.run(
            [*command, *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.directory,
            env=self._environment(environment),
            timeout=TIMEOUT,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr.decode())

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start it, with pipes."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.directory,
            env=self._environment(environment),
        )

    def on_terminal(self, *arguments: str, typed: str = "", **environment: str) -> Terminal:
        """Run it on a terminal, and read all that it shows."""
        controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, _COLUMNS, 0, 0))
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            cwd=self.directory,
            env=self._environment(environment),
            start_new_session=True,
        )
        os.close(terminal)
        if typed:
            os.write(controller, typed.encode())
        shown = b""
        while True:
            try:
                piece = os.read(controller, 65536)
            except OSError:  # of Linux, at the end
                break
            if not piece:
                break
            shown += piece
        os.close(controller)
        return Terminal(process.wait(TIMEOUT), shown.decode())

    def install(self, name: str) -> Path:
        """Put a player on the PATH, which keeps what it gets."""
        script, heard = self.programs / name, self.directory / f"{name}.heard"
        script.write_text(
            f"#!{sys.executable}\nimport sys\n"
            f"open({str(heard)!r}, 'wb').write(sys.stdin.buffer.read())\n"
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return heard

    def path(self, name: str) -> Path:
        return self.directory / name


@pytest.fixture(scope="session")
def fork_server(interruptible: None) -> Iterator[ForkServer]:
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture
def voice(mock_url: str, tmp_path: Path, fork_server: ForkServer) -> Voice:
    """The command, with the address and the key of a mock server."""
    return Voice(mock_url, tmp_path, fork_server)


@pytest.fixture(scope="session")
def hello(mock_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of "Hello there, world."."""
    from cartesia import Cartesia
    from tests.overrides.speaking import MODEL, VOICE, WAV

    path = tmp_path_factory.mktemp("recordings") / "hello.wav"
    with Cartesia(api_key="good", base_url=mock_url) as client:
        client.tts.generate(
            model_id=MODEL, voice=VOICE, transcript="Hello there, world.", output_format=WAV
        ).write_to_file(path)
    return path
