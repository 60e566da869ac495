"""A pytest plugin that writes down what the caller of each fault sees: ``docs/reliability.md``.

A test that switches a fault on is marked ``@pytest.mark.fault("group", "the fault")`` and tells the
fixture ``caller`` what came of it. ``test_page.py`` runs last and compares the page with what was
told; ``make reliability`` writes it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "reliability.md"
LONG_RUNS = ROOT / "docs" / "reliability.json"
WRITE_VARIABLE = "WRITE_RELIABILITY"

_WORLDS = ("sync", "async")
_HEAD = """<!-- Written by `make reliability` (tests/faults/page.py) from what the tests see. Do not edit. -->
# What the caller sees when things go wrong

Each row is a fault that a test switches on, at a real server on loopback, under a time-out, in both
worlds. The texts are what the tests saw; `make test` fails where they differ from this page.
Errors are classes of `cartesia`; whatever a library beneath raised is their `__cause__`.
"""


@dataclass
class Row:
    """One fault."""

    test: str
    seen: dict[str, list[str]] = field(default_factory=lambda: {world: [] for world in _WORLDS})

    def line(self, fault: str) -> str:
        sync, asynchronous = ("; ".join(self.seen[world]) or "does not apply" for world in _WORLDS)
        if asynchronous == sync:
            asynchronous = "the same"
        return f"| {fault} | {sync} | {asynchronous} | `{self.test}` |"


class Book:
    """All faults that were seen."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, Row]] = {}

    def row(self, group: str, fault: str, test: str) -> Row:
        return self.groups.setdefault(group, {}).setdefault(fault, Row(test))

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


class Caller:
    """What the caller of one fault sees.

    Args:
        told: Where to write it, once for each world that the test speaks for.
    """

    def __init__(self, told: list[list[str]]) -> None:
        self._told = told

    def sees(self, what: str) -> None:
        """Write down what the caller gets."""
        said = " ".join(what.split()).replace("|", "\\|")
        for told in self._told:
            if said not in told:
                told.append(said)

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


_BOOK = pytest.StashKey[Book]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(group, fault, world=None): see tests/faults/page.py")
    config.stash[_BOOK] = Book()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/faults/" in item.nodeid and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(30))
    # What compares the page needs all others to have run.
    items.sort(key=lambda item: item.nodeid.startswith("tests/faults/test_page.py"))


@pytest.fixture
def caller(request: pytest.FixtureRequest) -> Caller:
    """What the caller sees; the test must be marked with its fault."""
    marker = request.node.get_closest_marker("fault")
    assert marker is not None, "mark the test with pytest.mark.fault(group, fault)"
    group, fault = marker.args
    row = request.config.stash[_BOOK].row(group, fault, request.function.__name__)
    found = re.search(r"/_(async|sync)/", request.node.nodeid)
    world = found.group(1) if found else marker.kwargs.get("world")
    return Caller([row.seen[each] for each in _WORLDS if world in (None, each)])


@pytest.fixture
def book(request: pytest.FixtureRequest) -> Book:
    """What has been seen so far."""
    return request.config.stash[_BOOK]


def record_run(name: str, said: str) -> None:
    """Keep the figures of a long run; the page shows them.

    Args:
        name: The target of the Makefile.
        said: The figures.
    """
    runs = json.loads(LONG_RUNS.read_text("utf-8")) if LONG_RUNS.exists() else {}
    runs[name] = said
    LONG_RUNS.write_text(json.dumps(runs, indent=2, sort_keys=True) + "\n", "utf-8")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if WRITE_VARIABLE in os.environ and exitstatus == pytest.ExitCode.OK:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(session.config.stash[_BOOK].text(), "utf-8")
