"""Presses Ctrl-C at random points of the sync client's WebSocket calls, in a process of its own.

``python -m tests.faults.interrupted SEED COUNT`` makes calls, interrupts each, and makes another
call after it. It prints how many were interrupted; a call that hangs ends it with a traceback.
"""

from __future__ import annotations

import faulthandler
import random
import signal
import sys
import threading
import time
from contextlib import suppress

from cartesia import CartesiaError
from tests.runtime.websocket._sync.speech import Speech, connecting
from tests.runtime.websocket.server import Server, polite, serving

HANG_SECONDS = 20


class Interrupter(threading.Thread):
    """Sends SIGINT to the main thread, some time after it was asked to.

    Args:
        seed: Of the times.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(daemon=True)
        self._random = random.Random(seed)  # noqa: S311 # no secret
        self._asked = threading.Semaphore(0)
        self._main = threading.main_thread().ident or 0
        self.is_armed = False

    def arm(self) -> None:
        self.is_armed = True
        self._asked.release()

    def run(self) -> None:
        while self._asked.acquire():
            until = time.perf_counter() + self._random.uniform(0, 0.03)
            while time.perf_counter() < until and self.is_armed:
                pass  # to sleep would be too coarse
            if self.is_armed:
                self.is_armed = False
                signal.pthread_kill(self._main, signal.SIGINT)


def speak(connection: Speech) -> None:
    """Make one call of each kind."""
    context = connection.context(timeout=5)
    context.push("Hello")
    context.push("Hello", continue_=False)
    assert [event.to_dict()["type"] for event in context.receive()][-1] == "done"
    connection.send({"context_id": f"raw-{time.perf_counter()}", "transcript": "a"})
    connection.recv_bytes(timeout=5)
    connection.recv_bytes(timeout=5)
    with suppress(TimeoutError):
        connection.recv_bytes(timeout=0.003)
    other = connection.context(timeout=5)
    other.push("Hello")
    next(iter(other.receive()))
    other.cancel()


def interrupt(server: Server, interrupter: Interrupter) -> bool:
    """Make calls that are interrupted, and call again; tell whether they were."""
    connection = connecting(server, options={"inactivity_timeout": 2, "close_timeout": 0.5}).enter()
    was_interrupted = False
    try:
        interrupter.arm()
        for _ in range(3):
            speak(connection)
        connection.close()
    except KeyboardInterrupt:
        was_interrupted = True
    except (CartesiaError, RuntimeError, OSError) as error:
        # It may have struck in the middle of what handles another error.
        was_interrupted = isinstance(error.__context__, KeyboardInterrupt)
        if not was_interrupted:
            raise
    finally:
        interrupter.is_armed = False
    # The same connection answers, or says why not.
    with suppress(CartesiaError, TimeoutError):
        speak(connection)
    connection.close()
    return was_interrupted


def main(seed: int, count: int) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupter = Interrupter(seed)
    interrupter.start()
    interrupted = 0
    with serving(polite) as server:
        for _ in range(count):
            faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
            try:
                interrupted += interrupt(server, interrupter)
            except KeyboardInterrupt:
                interrupted += 1  # it came after the call
            with connecting(server) as connection:
                speak(connection)
            faulthandler.cancel_dump_traceback_later()
    print(interrupted)  # noqa: T201
    sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
