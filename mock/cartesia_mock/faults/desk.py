"""The faults that wait for requests to come."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from cartesia_mock.jsontypes import JSONObject

from .kinds import Fault


@dataclass
class Armed:
    """Faults that wait.

    Attributes:
        text: The faults as they were asked for.
        faults: The faults.
        path: The path that they wait for; `*` stands for any text.
        method: The method that they wait for, or nothing for any.
        times: How many requests they hit, or None for every one.
        skip: How many they let by before.
        hits: How many they have hit.
        id: Their name.
    """

    text: str
    faults: list[Fault]
    path: str = "*"
    method: str = ""
    times: int | None = 1
    skip: int = 0
    hits: int = 0
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def describe(self) -> JSONObject:
        """Give them as the admin endpoint does."""
        return {
            "id": self.id,
            "fault": self.text,
            "path": self.path,
            "method": self.method or None,
            "times": self.times,
            "skip": self.skip,
            "hits": self.hits,
        }

    def take(self, kind: str, method: str, path: str) -> list[Fault]:
        """Give those that a request runs into.

        Args:
            kind: `http` or `websocket`.
            method: Its method.
            path: Its path.

        Returns:
            The faults; none when they wait for another, or have been hit often enough.
        """
        faults = [fault for fault in self.faults if kind in fault.kind.where]
        is_meant = self.method in {"", method} and fnmatchcase(path, self.path)
        if not faults or not is_meant or self.hits == self.times:
            return []
        if self.skip:
            self.skip -= 1
            return []
        self.hits += 1
        return faults


class Desk:
    """Where faults are armed; for use on the event loop."""

    def __init__(self) -> None:
        self.armed: list[Armed] = []

    def take(self, kind: str, method: str, path: str) -> list[Fault]:
        """Give what a request runs into, in the order in which it was armed."""
        return [fault for each in self.armed for fault in each.take(kind, method, path)]
