"""The value that says "this argument was not passed", which differs from ``None``."""

from __future__ import annotations

from typing import Final


class Omit:
    """Say that an argument is not sent at all, where ``None`` would be sent as ``null``.

    As the value of a header it removes that header from the request.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "omit"

    def __reduce__(self) -> str:
        # A copy or an unpickled value must stay the one instance that `is` is asked about.
        return "omit"


omit: Final = Omit()

# The other names under which existing code knows the same thing.
NotGiven = Omit
NOT_GIVEN: Final = omit
not_given: Final = omit
