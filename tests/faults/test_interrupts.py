"""Ctrl-C at any point of a sync call leaves nothing that a later call would wait for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.faults.page import Caller
from tests.faults.sockets import BOUNDS

INTERRUPTS = 200


@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to a thread")
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.fault(
    BOUNDS, "Ctrl-C at hundreds of random points of sync calls, and another call", world="sync"
)
def test_an_interrupted_call_keeps_no_other(seed: int, caller: Caller) -> None:
    command = [sys.executable, "-m", "tests.faults.interrupted", str(seed), str(INTERRUPTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)  # noqa: S603 # ours
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > INTERRUPTS / 4
    caller.sees("`KeyboardInterrupt`; the next call works, or says that its connection is over")
