"""Many connections that drop at random points while 20 contexts run: nothing lost or mixed up.

`make soak` runs it for 1,000 connections and keeps the figures.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from cartesia import CartesiaError
from cartesia._runtime.model import Model
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.faults.page import Caller, record_run
from tests.faults.sockets import FIGURES, TTS, Chaos
from tests.runtime.websocket._async.primitives import together
from tests.runtime.websocket._async.speech import AsyncSpeech, collect, connecting
from tests.runtime.websocket.server import serving

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(3600),
]

WORLD = Path(__file__).parent.name.strip("_")
SHORT = 40
CONNECTIONS = int(os.environ.get("SOAK_CONNECTIONS", str(SHORT)))
CONTEXTS = 20
AT_ONCE = 10  # connections; then the contexts begin anew


class Utterances:
    """Contexts, one after the other, that count what they hear.

    Args:
        connection: What they share with others.
        chaos: The server.
        counts: How they ended.
    """

    def __init__(
        self, connection: AsyncSpeech, chaos: Chaos, counts: Counter[str], seed: int
    ) -> None:
        self._connection = connection
        self._chaos = chaos
        self._counts = counts
        self._random = random.Random(seed)  # noqa: S311 # a whim, no secret

    async def run(self, until: int) -> None:
        """Go on until the server has ended so many connections."""
        while self._chaos.ended < until:
            await self.speak()

    async def speak(self) -> None:
        """Say something in a context of its own, and look at what is heard of it."""
        context = self._connection.context(timeout=20)
        numbers = [self._random.randint(0, 4) for _ in range(3)]
        heard: list[Model] = []
        try:
            for number in numbers[:-1]:
                await context.push(str(number))
            await context.push(str(numbers[-1]), continue_=False)
            await collect(context.receive(), heard)
        except CartesiaError as error:
            end = type(error).__name__
        else:
            assert heard.pop().to_dict()["type"] == "done"
            assert len(heard) == sum(numbers)
            end = "done"
        said = [piece.to_dict() for piece in heard]
        assert [piece["number"] for piece in said] == list(range(len(said)))
        assert all(piece["of"] == context.context_id for piece in said)
        assert context.state in {"done", "error", "cancelled"} or not context._record.sent
        self._counts["contexts"] += 1
        self._counts["chunks"] += len(said)
        self._counts[end] += 1


@pytest.mark.fault(TTS, "Connections drop at random points while 20 contexts run")
async def test_soak(caller: Caller) -> None:
    counts: Counter[str] = Counter()
    chaos = Chaos(7)
    with serving(chaos) as server:
        for resend_unheard in (False, True):
            policy = Reconnection(
                None, 50, initial_delay=0.001, max_delay=0.01, resend_unheard=resend_unheard
            )
            end = CONNECTIONS if resend_unheard else CONNECTIONS // 2
            chaos.is_calm = False
            async with connecting(server, reconnection=policy) as connection:
                while chaos.ended < end:
                    target = min(chaos.ended + AT_ONCE, end)
                    utterances = [
                        Utterances(connection, chaos, counts, seed) for seed in range(CONTEXTS)
                    ]
                    await together(*(lambda u=each, t=target: u.run(t) for each in utterances))
                # The connection that is open may still break off, but no other.
                chaos.is_calm = True
                before = counts["done"]
                for seed in range(2):
                    await Utterances(connection, chaos, counts, seed).speak()
                assert counts["done"] > before, "after the storm, somebody is heard to the end"
                counts["resent"] += connection.stats.resent
                assert connection.stats.unknown == 0
    ends = {"done", "ContextLostError", "WebSocketConnectionClosedError", "APIConnectionError"}
    kinds = set(counts) - {"contexts", "chunks", "resent"}
    assert kinds <= ends, counts
    assert sum(counts[kind] for kind in kinds) == counts["contexts"]
    if CONNECTIONS > SHORT:
        FIGURES[WORLD] = (
            f"{WORLD}: {chaos.ended} connections broke off under {counts['contexts']} contexts, "
            f"{CONTEXTS} at a time; {counts['done']} ended in `done`, "
            f"{counts['contexts'] - counts['done']} in a typed error; {counts['resent']} were sent "
            f"again; {counts['chunks']} chunks heard, none lost, doubled or mixed up"
        )
        record_run("soak", "; ".join(FIGURES.values()))
    caller.sees("everything heard is a prefix of what was said; `done` or a typed error for each")
