"""The registry of armed faults, which apply to later requests."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from cartesia_mock.api.jsontypes import JSONObject
from cartesia_mock.faults.fault_types import FaultSpec


@dataclass
class ArmedFaults:
    """Faults that are armed together.

    Attributes:
        text: The faults as text.
        faults: The faults.
        path: Pattern of the paths that they apply to; `*` matches any text.
        method: The method that they apply to; empty for any.
        times: Number of requests that they apply to; None for no limit.
        skip: Number of matching requests to skip before.
        hits: Number of requests that they were applied to.
        id: Their identifier.
    """

    text: str
    faults: list[FaultSpec]
    path: str = "*"
    method: str = ""
    times: int | None = 1
    skip: int = 0
    hits: int = 0
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def describe(self) -> JSONObject:
        """Return them as the endpoints do."""
        return {
            "id": self.id,
            "fault": self.text,
            "path": self.path,
            "method": self.method or None,
            "times": self.times,
            "skip": self.skip,
            "hits": self.hits,
        }

    def take(self, kind: str, method: str, path: str) -> list[FaultSpec]:
        """Return the faults for a request, and count it.

        Args:
            kind: `http` or `websocket`.
            method: Its method.
            path: Its path.

        Returns:
            The faults; none when the request does not match, or `times` is reached.
        """
        faults = [fault for fault in self.faults if kind in fault.fault_type.where]
        matches = self.method in {"", method} and fnmatchcase(path, self.path)
        if not faults or not matches or self.hits == self.times:
            return []
        if self.skip:
            self.skip -= 1
            return []
        self.hits += 1
        return faults


class FaultRegistry:
    """The armed faults; for use on the event loop."""

    def __init__(self) -> None:
        self.armed: list[ArmedFaults] = []

    def take(self, kind: str, method: str, path: str) -> list[FaultSpec]:
        """Return the faults for a request, in the order in which they were armed."""
        return [fault for each in self.armed for fault in each.take(kind, method, path)]
