"""Runs the command in forks of a process that has imported already what the command imports.

Importing takes ten times as long as what most tests have the command do, and there are hundreds of
them. Each run is a process of its own all the same: it has its own environment, directory, streams
and exit code. It ends as every other does, but for its modules: they are not taken apart, since that
copies all the memory that the processes share. The tests of how Python starts, of terminals, pipes
and signals start the installed command, as does that of the documentation, which runs every command.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

_LONGEST = 1 << 20
_IMPORTED = (
    "cartesia.cli.program",
    "cartesia._client",
    "cartesia.audio",
    "cartesia.types",
    "cartesia._runtime._sync.exchange",
    "cartesia._runtime._sync.websocket.connection",
    "cartesia._runtime._sync.websocket.websocket_transport",
    "cartesia_rest.resources.voices",
    "cartesia_rest.resources.tts",
    "cartesia_rest.resources.stt",
    "cartesia_rest.sockets.tts",
    "httpcore",
)
"""What takes nearly all of the time that commands import for."""


class ForkServer:
    """Starts the process that is forked, and has it run commands one after the other."""

    def __init__(self) -> None:
        self._socket, other = socket.socketpair()
        self._replies = self._socket.makefile("r")
        with other:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(other.fileno())],
                stdin=subprocess.PIPE,  # streams of the kind that the commands get
                stdout=subprocess.PIPE,
                pass_fds=[other.fileno()],
            )

    def close(self) -> None:
        """End the process."""
        self._replies.close()
        self._socket.close()
        self._process.communicate()

    def run(
        self,
        arguments: Sequence[str],
        stdin: bytes,
        directory: Path,
        environment: Mapping[str, str],
    ) -> tuple[int, bytes, bytes]:
        """Run a command.

        Returns:
            Its exit code, and what it wrote to standard output and standard error.
        """
        (its_input, to_input), (output, its_output), (errors, its_errors) = (
            os.pipe() for _ in range(3)
        )
        request = json.dumps([arguments, str(directory), dict(environment)]).encode()
        socket.send_fds(self._socket, [request], [its_input, its_output, its_errors])
        for end in (its_input, its_output, its_errors):
            os.close(end)
        with ThreadPoolExecutor() as threads:
            threads.submit(_write, to_input, stdin)
            written = [threads.submit(_read, end) for end in (output, errors)]
            process = int(self._replies.readline())
            try:
                code = int(self._replies.readline())
            except BaseException:  # the threads wait until it ends
                os.kill(process, signal.SIGKILL)
                raise
            return code, written[0].result(), written[1].result()


def _write(end: int, content: bytes) -> None:
    with suppress(BrokenPipeError), os.fdopen(end, "wb") as file:
        file.write(content)


def _read(end: int) -> bytes:
    with os.fdopen(end, "rb") as file:
        return file.read()


def _wait_for_commands(requests: socket.socket) -> None:
    """Fork for each command, and return in the fork; end when no more can come."""
    while True:
        request, streams, _, _ = socket.recv_fds(requests, _LONGEST, 3)
        if not request:
            sys.exit()
        process = os.fork()
        if process == 0:
            requests.close()
            arguments, directory, environment = json.loads(request)
            _become(arguments, directory, environment, streams)
            return
        for stream in streams:
            os.close(stream)
        requests.sendall(b"%d\n" % process)
        _, status = os.waitpid(process, 0)
        requests.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(
    arguments: list[str], directory: str, environment: dict[str, str], streams: list[int]
) -> None:
    """Make this process what the command would find itself in."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = arguments
    sys.path[0] = environment["PYTHONPATH"]  # instead of the folder of this file


def _save_coverage() -> None:
    """Save what was covered until now, so that forks save what they cover themselves."""
    if "coverage" in sys.modules:
        from coverage import Coverage

        if measuring := Coverage.current():
            measuring.save()


def _end(code: int) -> None:
    """End this process as Python does, but leave its modules as they are."""
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.main_thread():
            thread.join()
    atexit._run_exitfuncs()  # such as saving what was covered
    gc.collect()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(code)  # and Python tells of it
    os._exit(code)


if __name__ == "__main__":
    from importlib import import_module

    from cartesia.cli import main

    for name in _IMPORTED:
        import_module(name)
    _save_coverage()
    gc.collect()
    gc.freeze()  # or a collection would copy all that the processes share
    _wait_for_commands(socket.socket(fileno=int(sys.argv[1])))
    _end(main())
