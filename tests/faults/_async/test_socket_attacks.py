"""A hostile server on a WebSocket fills no memory, and keeps no caller."""

from __future__ import annotations

import sys

import pytest

from tests.faults.hostile import CASES, HOSTILE, MEGABYTE, Outcome, attacked
from tests.faults.page import Caller

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

WORLD = "sync"
if True:  # ASYNC
    WORLD = "async"


def suffer(name: str) -> Outcome:
    outcome = attacked(WORLD, name)
    assert outcome["grown"] < 8 * MEGABYTE
    assert outcome["took"] < 15
    return outcome


@pytest.mark.parametrize("name", ["pings", "pings, compressed"])
@pytest.mark.fault(HOSTILE, "Pings without end, and none of our pongs is read")
def test_a_flood_of_pings(name: str, caller: Caller) -> None:
    suffer(name)
    caller.sees("nothing of it; of all pongs that wait only the last is kept: less than 8 MB")


@pytest.mark.fault(HOSTILE, "Messages without end while the connection is being closed")
@pytest.mark.untraced
def test_closing_under_a_flood(caller: Caller) -> None:
    assert suffer("close")["error"] == "no error"
    caller.sees(
        "`close` returns within its time-out; what comes meanwhile is dropped: less than 8 MB"
    )


@pytest.mark.parametrize("name", ["fragments of one byte", "fragments of no byte"])
@pytest.mark.fault(HOSTILE, "A message in fragments of one byte, or none, without end")
@pytest.mark.untraced
def test_a_flood_of_fragments(name: str, caller: Caller) -> None:
    error = suffer(name)["error"]
    assert "closed by the client, code 1009 (a message of more than 16384 fragments)" in error
    caller.sees(
        "`ContextLostError`: closed by the client, code 1009 (a message of more than ... "
        "fragments: one for every 64 bytes of `max_size`)"
    )


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("refusal")])
@pytest.mark.fault(HOSTILE, "The handshake is refused with a head or a body that has no end")
def test_a_refusal_without_end(name: str, caller: Caller) -> None:
    error = suffer(name)["error"]
    assert error.startswith(("PermissionDeniedError: Error code: 403", "APIConnectionError: "))
    assert len(error) < 1000
    caller.sees("an error, after 256 KB at most: that of the status, or an `APIConnectionError`")
