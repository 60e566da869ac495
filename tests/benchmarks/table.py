"""The table: what is measured, between whom, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tests.benchmarks.measure import Command, Side, Start, Task, Work
from tests.benchmarks.works.live import CALLS

Unit = Literal["us", "ms", "s", "KB", "MB", "x", "modules"]

_IMPORT = """
import sys, time
start = time.perf_counter()
import cartesia
took = time.perf_counter() - start
print('{"seconds": %r, "modules": %d}' % (took, len(sys.modules)))
"""

_IMPORT_HTTPX = _IMPORT.replace("cartesia", "httpx")

IMPORT_CLIENT = """
import sys, time
start = time.perf_counter()
from PACKAGE import Cartesia
took = time.perf_counter() - start
modules = len(sys.modules)
import re
date = "PACKAGE".removeprefix("cartesia")
twins = {name.replace(date, "") for name in sys.modules if date and date in name}
twins -= {"cartesia", "cartesia_rest", "cartesia_rest.exports"}  # The parents of every date.
others = [
    name for name in sys.modules
    if name in twins or (re.search(r"[.]v\\d{4}_", name) and not (date and date in name))
]
print('{"seconds": %r, "modules": %d, "others": %d}' % (took, modules, len(others)))
"""

_FIRST_CALL = """
from cartesia import Cartesia
Cartesia(api_key="sk_car_benchmark", base_url="{url}/instant").voices.get("6ccbfb76")
print("{}", flush=True)
"""

_FIRST_CALL_HTTPX = """
import httpx
httpx.Client(headers={"authorization": "Bearer x"}).get("{url}/instant/voices/6ccbfb76").json()
print("{}", flush=True)
"""

_PEAK = """
from tests.benchmarks.limits import peak_bytes
print('{"bytes": %r}' % peak_bytes(), flush=True)
"""


@dataclass(frozen=True)
class Budget:
    """What a figure may be.

    Attributes:
        at_most: The most that it may be: times the other's, or in the unit of its row.
        against: The other; None where the figure itself is what counts.
        faster: How the budget is worded where it says how many times faster ours must be.
        beyond: Whether it is how much more than the other's it may be, in the unit of its row.
    """

    at_most: float
    against: Side | None = None
    faster: float | None = None
    beyond: bool = False

    def words(self, unit: Unit) -> str:
        """Say what is asked for."""
        if self.against is None:
            return f"<= {self.at_most:g} {unit}"
        if self.beyond:
            return f"<= {self.against} + {self.at_most:g} {unit}"
        if self.faster is not None:
            return f">= {self.faster:g} x {self.against}"
        return f"<= {self.at_most:g} x {self.against}"


def _times_faster(factor: float) -> Budget:
    return Budget(1 / factor, "vendor", faster=factor)


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        work: What is done, in words.
        figure: Which of the figures it tells.
        unit: In what unit.
        budgets: What it may be; none where it is only reported.
    """

    work: str
    figure: str
    unit: Unit
    budgets: tuple[Budget, ...] = ()


@dataclass(frozen=True)
class Contest:
    """Work that is measured once and gives one or more rows.

    Attributes:
        tasks: What each contestant does.
        rows: The lines.
        times: How often the work is done in a round.
        short: The same in the short form.
        rounds: How many rounds.
        lives: In how many processes, one after the other, a contestant does them. Where the memory
            of a process happens to lie makes some C code in it half as fast for all its life.
    """

    tasks: dict[Side, Task]
    rows: tuple[Row, ...]
    times: int = 1
    short: int = 1
    rounds: int = 15
    lives: int = 1


def _works(
    module: str, function: str, *, own_vendor: bool = False, tls: bool = False, fresh: bool = False
) -> dict[Side, Task]:
    """Name the functions of one work: that of both packages, and that of raw libraries."""
    ours = Work(module, function, tls=tls, fresh=fresh)
    return {
        "ours": ours,
        "vendor": replace(ours, function=f"vendor_{function}") if own_vendor else ours,
        "raw": replace(ours, function=f"raw_{function}"),
    }


def _plain(function: str) -> dict[Side, Task]:
    return {
        "ours": Work("parsing", function, plain=True),
        "vendor": Work("parsing", f"vendor_{function}"),
        "raw": Work("parsing", f"plain_{function}"),
    }


def _call(
    work: str, function: str, *budgets: Budget, tls: bool = False, own_vendor: bool = False
) -> Contest:
    return Contest(
        _works("calls", function, tls=tls, own_vendor=own_vendor),
        (Row(work, "seconds", "us", budgets),),
        times=30,
        short=2,
        rounds=30,
        lives=3,
    )


def _parse(work: str, function: str, *, plain: bool, budget: Budget) -> Contest:
    tasks = _plain(function) if plain else _works("parsing", function, own_vendor=True)
    return Contest(
        tasks, (Row(work, "seconds", "us", (budget,)),), times=300, short=5, rounds=25, lives=5
    )


def _stream(work: str, module: str, function: str, *budgets: Budget, tls: bool = False) -> Contest:
    return Contest(
        _works(module, function, tls=tls),
        (Row(work, "seconds", "us", budgets),),
        times=2,
        rounds=12,
        lives=3,
    )


def _latency(
    work: str, function: str, budget: Budget, *, unit: Unit, times: int, rounds: int
) -> Contest:
    tasks = _works("latency", function)
    return Contest(tasks, (Row(work, "seconds", unit, (budget,)),), times=times, rounds=rounds)


def _import_client(which: str, package: str) -> Contest:
    """Name the rows of importing the client of one date; the vendor's has one date alone."""
    client = f"import of Cartesia {which}"
    return Contest(
        {
            "ours": Start(IMPORT_CLIENT.replace("PACKAGE", package)),
            "vendor": Start(IMPORT_CLIENT.replace("PACKAGE", "cartesia")),
        },
        (
            Row(client, "seconds", "ms", (Budget(0.25, "vendor"),)),
            Row(f"{client}: modules", "modules", "modules", (Budget(180),)),
            Row(f"{client}: modules of another date", "others", "modules", (Budget(0),)),
        ),
        rounds=9,
    )


def _live(how: str, function: str, *, tls: bool = False) -> Contest:
    """Name the rows of live calls."""
    call = f"live call, {how}"
    return Contest(
        _works("live", function, tls=tls, fresh=True),
        (
            Row(f"{call}: processor a second", "seconds", "us", (Budget(1, "raw"),)),
            Row(f"{call}: lateness, p50", "late_middle", "ms"),
            Row(f"{call}: lateness, p99", "late_most", "ms", (Budget(2, "raw"),)),
            Row(f"{call}: processor while silent", "idle", "us", (Budget(6),)),
            Row(f"{call}: memory", "bytes", "KB", (Budget(16, "raw", beyond=True),)),
        ),
        times=CALLS,
        short=10,
        rounds=3,
    )


_BESIDE_HTTPX = Budget(1.15, "raw")
_BESIDE_HTTPX_ASYNC = _EVENTS_BESIDE_HTTPX = Budget(1.1, "raw")
_MEMORY = Budget(40)

CONTESTS: tuple[Contest, ...] = (
    Contest(
        {"ours": Start(_IMPORT), "vendor": Start(_IMPORT), "raw": Start(_IMPORT_HTTPX)},
        (
            Row("import, fresh process", "seconds", "ms", (Budget(0.15, "vendor"),)),
            Row("modules after import", "modules", "modules", (Budget(120),)),
        ),
        rounds=9,
    ),
    _import_client("of the default date", "cartesia"),
    _import_client("of 2026-08-14", "cartesia.v2026_08_14"),
    Contest(
        {
            "ours": Start(_FIRST_CALL),
            "vendor": Start(_FIRST_CALL),
            "raw": Start(_FIRST_CALL_HTTPX),
        },
        (Row("process start to first voices.get", "answered", "ms", (Budget(0.4, "vendor"),)),),
        rounds=9,
    ),
    Contest(
        {
            "ours": Start(_FIRST_CALL.replace('print("{}", flush=True)', "") + _PEAK),
            "vendor": Start(_FIRST_CALL.replace('print("{}", flush=True)', "") + _PEAK),
            "raw": Start(_FIRST_CALL_HTTPX.replace('print("{}", flush=True)', "") + _PEAK),
        },
        (Row("peak memory after that call", "bytes", "MB", (Budget(0.65, "vendor"),)),),
        rounds=3,
    ),
    _call("voices.get, sync", "voice", _BESIDE_HTTPX),
    _call("voices.get, async", "voice_async", _BESIDE_HTTPX_ASYNC),
    _call("voices.get, TLS, sync", "voice", _BESIDE_HTTPX, tls=True),
    _call("voices.get, TLS, async", "voice_async", _BESIDE_HTTPX_ASYNC, tls=True),
    _call("voices.get, async, aiohttp transport", "voice_aiohttp", Budget(0.6, "vendor")),
    _call(
        "voices.get, async, httpx2 (vendor: httpx)",
        "voice_httpx2",
        _BESIDE_HTTPX_ASYNC,
        own_vendor=True,
    ),
    _call("tts.generate 20 KB, sync", "generation", _BESIDE_HTTPX),
    _call("tts.generate 20 KB, async", "generation_async", _BESIDE_HTTPX_ASYNC),
    _call("tts.generate 20 KB, TLS, sync", "generation", _BESIDE_HTTPX, tls=True),
    _call("tts.generate 20 KB, TLS, async", "generation_async", _BESIDE_HTTPX_ASYNC, tls=True),
    _parse("chunk 4 KB, speedups", "chunk_4k", plain=False, budget=_times_faster(6)),
    _parse("chunk 20 KB, speedups", "chunk_20k", plain=False, budget=_times_faster(6)),
    _parse("chunk 4 KB, standard library", "chunk_4k", plain=True, budget=_times_faster(1.5)),
    _parse("chunk 20 KB, standard library", "chunk_20k", plain=True, budget=_times_faster(1.5)),
    _stream(
        "socket chunk 4 KB end to end, sync",
        "sockets",
        "chunks",
        _times_faster(2.8),
        Budget(1.25, "raw"),
    ),
    _stream(
        "socket chunk 4 KB end to end, async",
        "sockets",
        "chunks_async",
        _times_faster(3.3),
        Budget(1.25, "raw"),
    ),
    _live("plain", "calls"),
    _live("TLS", "calls", tls=True),
    _live("uvloop", "calls_uvloop"),
    _stream("SSE event 4 KB end to end, sync", "events", "stream", _EVENTS_BESIDE_HTTPX),
    _stream("SSE event 4 KB end to end, async", "events", "stream_async", _EVENTS_BESIDE_HTTPX),
    _stream("SSE event 4 KB, TLS, sync", "events", "stream", _EVENTS_BESIDE_HTTPX, tls=True),
    _stream("SSE event 4 KB, TLS, async", "events", "stream_async", _EVENTS_BESIDE_HTTPX, tls=True),
    _stream("SSE event, one to a chunk of HTTP, sync", "events", "stream_flushed"),
    _stream("SSE event, one to a chunk of HTTP, async", "events", "stream_flushed_async"),
    _latency(
        "first byte of tts.generate, sync", "first_byte", Budget(1), unit="ms", times=1, rounds=5
    ),
    _latency(
        "first byte of tts.generate, async",
        "first_byte_async",
        Budget(1),
        unit="ms",
        times=1,
        rounds=5,
    ),
    _latency(
        "push to first chunk, sync",
        "first_audio",
        Budget(1.3, "raw"),
        unit="us",
        times=50,
        rounds=15,
    ),
    _latency(
        "push to first chunk, async",
        "first_audio_async",
        Budget(1.3, "raw"),
        unit="us",
        times=50,
        rounds=15,
    ),
    Contest(
        _works("parsing", "voice", own_vendor=True),
        (Row("one Voice", "seconds", "us", (Budget(4),)),),
        times=2000,
        short=5,
    ),
    Contest(
        _works("calls", "page"),
        (
            Row(
                "page of 100 voices end to end",
                "seconds",
                "us",
                (Budget(0.12, "vendor"), Budget(1.6, "raw")),
            ),
        ),
        times=15,
        short=2,
    ),
    Contest(
        {"ours": Work("crowd", "fairness")},
        (Row("100 contexts on a socket: slowest over median", "seconds", "x", (Budget(2),)),),
        times=100,
        short=5,
        rounds=3,
    ),
    Contest(
        {"ours": Work("crowd", "fairness_threads")},
        (Row("the same, a thread each", "seconds", "x", (Budget(2),)),),
        times=100,
        short=5,
        rounds=3,
    ),
    Contest(
        {"ours": Work("crowd", "idle_sockets", fresh=True)},
        (Row("memory of one of 1,000 idle sockets", "bytes", "KB"),),
        times=1000,
        short=5,
        rounds=1,
    ),
    Contest(
        {"ours": Work("crowd", "idle_contexts", fresh=True)},
        (Row("memory of one of 10,000 idle contexts", "bytes", "KB"),),
        times=10000,
        short=50,
        rounds=1,
    ),
    Contest(
        {
            "ours": Work("files", "upload", fresh=True),
            "vendor": Work("files", "upload", fresh=True),
        },
        (Row("upload of 200 MB: memory over idle", "bytes", "MB", (_MEMORY,)),),
        times=200,
        short=2,
        rounds=2,
    ),
    Contest(
        {
            "ours": Work("files", "write_to_file", fresh=True),
            "vendor": Work("files", "write_to_file", fresh=True),
        },
        (Row("write_to_file of 200 MB: memory over idle", "bytes", "MB", (_MEMORY,)),),
        times=200,
        short=2,
        rounds=2,
    ),
    Contest(
        {"ours": Command(("scripts.generate", "--check"))},
        (Row("make generate, whole document", "seconds", "s", (Budget(10),)),),
        rounds=1,
    ),
)
