"""What a connection counts."""

from __future__ import annotations

from attrs import define


@define
class Stats:
    """What a connection has counted since it was made.

    Attributes:
        connections: How often the socket was opened; more than one means that it reconnected.
        events: Events that were delivered.
        late: Events for contexts that had ended; dropped.
        unknown: Events for contexts that were never opened here; dropped.
        malformed: Messages that are no JSON object; dropped.
        dropped: Events that waited too long for their receiver; he was told by an error.
        pauses: How often reading paused, because receivers were slower than the server.
        resent: Contexts whose text was sent again over another connection.
    """

    connections: int = 0
    events: int = 0
    late: int = 0
    unknown: int = 0
    malformed: int = 0
    dropped: int = 0
    pauses: int = 0
    resent: int = 0
