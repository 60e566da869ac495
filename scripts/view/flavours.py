"""The sync and the async flavour of generated code, and the words in which they differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Flavour:
    """One of the two flavours.

    Attributes:
        is_async: Which one.
        prefix: Before the name of a class: ``Async`` or nothing.
        wrap: Before the name of a wrapper: ``async_`` or nothing.
        base: The runtime's base of resources.
        await_: Before a call: ``await`` or nothing.
        define: ``def`` or ``async def``.
    """

    is_async: bool
    prefix: str
    wrap: str
    base: str
    await_: str
    define: str


SYNC = Flavour(is_async=False, prefix="", wrap="", base="SyncResource", await_="", define="def")
ASYNC = Flavour(
    is_async=True,
    prefix="Async",
    wrap="async_",
    base="AsyncResource",
    await_="await ",
    define="async def",
)
FLAVOURS = (SYNC, ASYNC)
