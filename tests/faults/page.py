"""A pytest plugin that writes down what the caller of each fault sees: ``docs/reliability.md``.

A test that switches a fault on is marked ``@pytest.mark.fault("group", "the fault")`` and tells the
fixture ``caller`` what came of it. A run that passed then compares the page with what was told, and
fails where they differ; ``make reliability`` writes it.

What was told travels in the reports of the tests, so that the process that started the run has all
of it, however many processes run the tests.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "reliability.md"
LONG_RUNS = ROOT / "docs" / "reliability.json"
WRITE_VARIABLE = "WRITE_RELIABILITY"

_CLIENTS = ("sync", "async")
_HEAD = """<!-- Written by `make reliability` (tests/faults/page.py) from what the tests see. Do not edit. -->
# What the caller sees when things go wrong

Each row is a fault that a test switches on, at a real server on loopback, under a time-out, sync and
async. The texts are what the tests saw; `make test` fails where they differ from this page.
Errors are classes of `cartesia`; whatever a library beneath raised is their `__cause__`.
"""


@dataclass
class Row:
    """One fault."""

    test: str
    seen: dict[str, list[str]] = field(default_factory=lambda: {client: [] for client in _CLIENTS})

    def line(self, fault: str) -> str:
        sync, asynchronous = (
            "; ".join(self.seen[client]) or "does not apply" for client in _CLIENTS
        )
        if asynchronous == sync:
            asynchronous = "the same"
        return f"| {fault} | {sync} | {asynchronous} | `{self.test}` |"


class Told(NamedTuple):
    """What a test told.

    Attributes:
        position: The position of the test in the whole run.
        group: The group of its fault.
        fault: The fault.
        test: The name of the test.
        clients: For which clients it speaks, `sync` or `async`.
        what: What the caller sees.
    """

    position: int
    group: str
    fault: str
    test: str
    clients: list[str]
    what: str


class Book:
    """All faults that were seen.

    Args:
        told: What the tests told, in any order.
    """

    def __init__(self, told: Iterable[Told]) -> None:
        self.groups: dict[str, dict[str, Row]] = {}
        for each in sorted(told, key=lambda each: each.position):
            row = self.groups.setdefault(each.group, {}).setdefault(each.fault, Row(each.test))
            for client in each.clients:
                if each.what not in row.seen[client]:
                    row.seen[client].append(each.what)

    def lines(self) -> list[str]:
        return [
            row.line(fault)
            for _, rows in sorted(self.groups.items())
            for fault, row in sorted(rows.items())
        ]

    def text(self) -> str:
        parts = [_HEAD]
        for group, rows in sorted(self.groups.items()):
            lines = [row.line(fault) for fault, row in sorted(rows.items())]
            head = ["| Fault | Sync caller | Async caller | Test |", "|---|---|---|---|"]
            parts.append("\n".join([f"## {group}", "", *head, *lines, ""]))
        runs = json.loads(LONG_RUNS.read_text("utf-8")) if LONG_RUNS.exists() else {}
        if runs:
            figures = [f"- `make {name}`: {said}" for name, said in sorted(runs.items())]
            parts.append("\n".join(["## Long runs", "", *figures, ""]))
        return "\n".join(parts)

    def differs(self, page: str, *, is_whole: bool) -> bool:
        """Say whether a page is not what was seen.

        Args:
            page: The text of the page.
            is_whole: Whether all tests ran; if not, the rows of those that did are compared.
        """
        if is_whole:
            return page != self.text()
        found = page.splitlines()
        return any(line not in found for line in self.lines() if "does not apply" not in line)


class Caller:
    """What the caller of one fault sees.

    Args:
        item: The test.
        fault: The mark of the test.
    """

    def __init__(self, item: pytest.Function, fault: pytest.Mark) -> None:
        found = re.search(r"/_(async|sync)/", item.nodeid)
        world = found.group(1) if found else fault.kwargs.get("world")
        self._item = item
        self._fault = fault
        self._clients = [each for each in _CLIENTS if world in (None, each)]

    def sees(self, what: str) -> None:
        """Write down what the caller gets."""
        said = " ".join(what.split()).replace("|", "\\|")
        item = self._item
        group, fault = self._fault.args
        told = Told(item.stash[_POSITION], group, fault, item.originalname, self._clients, said)
        item.user_properties.append((_TOLD, list(told)))

    @contextmanager
    def raises(
        self, kind: type[BaseException], match: str | None = None
    ) -> Iterator[pytest.ExceptionInfo[BaseException]]:
        """Expect an error, and write its class and text down."""
        with pytest.raises(kind, match=match) as caught:
            yield caught
        assert type(caught.value) is kind, f"a {type(caught.value).__name__} is not exactly that"
        text = re.sub(r"(https?|wss?)://127\.0\.0\.1:\d+", r"\1://host", str(caught.value))
        text = re.sub(r"'/\S+/([^/']+)'", r"'.../\1'", text)
        # What libraries beneath say changes with their versions, and with the system.
        text = re.sub(
            r"(came|connect to \S+|decompressed):? [(]?[^;]+[)]?(; |$)", r"\1 (...)\2", text
        )
        self.sees(f"`{kind.__name__}`: {text}")


_TOLD = "told about a fault"
_POSITION = pytest.StashKey[int]()


class Page:
    """Collects what the tests told, and holds it to the page at the end of the run.

    Args:
        config: The configuration of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._told: list[Told] = []
        self._is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not (
            config.option.keyword or config.option.markexpr
        )
        self.differs = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            told = (what for name, what in report.user_properties if name == _TOLD)
            self._told.extend(Told(*what) for what in told)  # type: ignore[misc] # a list by now

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus != pytest.ExitCode.OK:
            return
        book = Book(self._told)
        if WRITE_VARIABLE in os.environ:
            PAGE.parent.mkdir(exist_ok=True)
            PAGE.write_text(book.text(), "utf-8")
        elif book.differs(PAGE.read_text("utf-8"), is_whole=self._is_whole):
            self.differs = True
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.differs:
            terminalreporter.section("docs/reliability.md is not what the tests saw", red=True)
            terminalreporter.write_line("run `make reliability`, and look at what changed")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(group, fault, world=None): see tests/faults/page.py")
    if not hasattr(config, "workerinput"):  # with pytest-xdist, the process that started the run
        config.pluginmanager.register(Page(config), "page of faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for position, item in enumerate(items):
        item.stash[_POSITION] = position
        if "/faults/" in item.nodeid and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture
def caller(request: pytest.FixtureRequest) -> Caller:
    """What the caller sees; the test must be marked with its fault."""
    marker = request.node.get_closest_marker("fault")
    assert marker is not None, "mark the test with pytest.mark.fault(group, fault)"
    return Caller(request.node, marker)


def record_run(name: str, said: str) -> None:
    """Keep the figures of a long run; the page shows them.

    Args:
        name: The target of the Makefile.
        said: The figures.
    """
    runs = json.loads(LONG_RUNS.read_text("utf-8")) if LONG_RUNS.exists() else {}
    runs[name] = said
    LONG_RUNS.write_text(json.dumps(runs, indent=2, sort_keys=True) + "\n", "utf-8")
