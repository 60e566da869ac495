"""The common frames of a server, cut out of its bytes without a state machine.

Nearly all that a server sends are whole messages, each in one frame that is neither compressed nor
masked. The library finds one in steps that could go on anywhere, which takes four times as long as
to look at its two lengths. So those are taken here, and everything else is the library's.
"""

from __future__ import annotations

_MESSAGES = frozenset({0x81, 0x82})  # text and binary, whole, without bits of an extension
_CONTROL = {0x89: 125, 0x8A: 125}  # ping and pong, and the most that either may hold
_MASKED = 0x80
_LONG, _LONGER = 126, 127
_NO_LIMIT = 2**62


class Frames:
    """Takes messages out of the bytes of an open connection, from the end of its handshake on.

    What is no whole message, ping or pong (a fragment, a close frame, something compressed, too
    large or wrong) goes to the library, and so does everything from there on.

    Args:
        max_size: The largest message to take, in bytes; None for no limit.
    """

    __slots__ = ("_largest", "_missing", "_pieces", "is_over")

    def __init__(self, max_size: int | None) -> None:
        self._largest = _NO_LIMIT if max_size is None else max_size
        self._missing = 0
        self._pieces: list[bytes] = []
        self.is_over = False

    def feed(self, data: bytes, messages: list[bytes]) -> bytes:
        """Take bytes of the server.

        Args:
            data: The bytes.
            messages: Where messages go, in order.

        Returns:
            What the library has to be given: whole frames only, until `is_over`.
        """
        if self.is_over:
            return data
        if self._pieces:
            self._pieces.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return b""
            data = self._held()
        others: list[bytes] = []
        position, end = 0, len(data)
        while position < end:
            kind = data[position]
            start, length = _payload(data, position)
            longest = self._largest if kind in _MESSAGES else _CONTROL.get(kind, -1)
            if length > longest:
                self.is_over = True
                others.append(data[position:])
                break
            stop = start + length
            if stop > end:
                self._pieces.append(data[position:])
                self._missing = stop - end
                break
            if kind in _MESSAGES:
                messages.append(data[start:stop])
            else:
                others.append(data[position:stop])
            position = stop
        return b"".join(others)

    def end(self) -> bytes:
        """Take no more; give what there is of an unfinished frame, which is the library's."""
        self.is_over = True
        return self._held()

    def _held(self) -> bytes:
        held = b"".join(self._pieces)
        self._pieces.clear()
        return held


def _payload(data: bytes, position: int) -> tuple[int, int]:
    """Tell where the payload of a frame begins, and how long it is.

    Where its head is not whole, this is how long it must be at least; where it is masked, which no
    server may do, it is longer than anything.
    """
    left = len(data) - position
    length = data[position + 1] if left > 1 else 0
    start = position + 2
    if length & _MASKED:
        return start, _NO_LIMIT + 1
    if length == _LONG:
        start += 2
    elif length == _LONGER:
        start += 8
    else:
        return start, length
    if left < start - position:
        return start, 0
    return start, int.from_bytes(data[position + 2 : start], "big")
