"""Functions called with events of a type, behind ``on``, ``once`` and ``off``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Callable, TypeVar, overload

if TYPE_CHECKING:
    from typing_extensions import Self

Handler = Callable[..., object]
HandlerT = TypeVar("HandlerT", bound=Handler)


class Handlers:
    """Functions by the type of the events they want."""

    def __init__(self) -> None:
        # Whether a function is called once only goes with it.
        self._by_type: dict[str, list[tuple[Handler, bool]]] = {}

    def add(self, event_type: str, handler: HandlerT, *, once: bool) -> HandlerT:
        """Add a function.

        Returns:
            The function.

        Raises:
            TypeError: It is none.
        """
        if not callable(handler):
            raise TypeError(f"the handler of {event_type!r} must be a function: {handler!r:.80}")
        self._by_type.setdefault(event_type, []).append((handler, once))
        return handler

    def remove(self, event_type: str, handler: Handler) -> None:
        """Remove a function; nothing happens when it is not there."""
        entries = self._by_type.get(event_type, [])
        with suppress(StopIteration):
            entries.remove(next(entry for entry in entries if entry[0] == handler))

    def take(self, event_type: str) -> list[Handler]:
        """Give the functions for one event, in order; forget those that wanted only one."""
        entries = self._by_type.get(event_type, [])
        handlers = [handler for handler, _ in entries]
        entries[:] = [entry for entry in entries if not entry[1]]
        return handlers


class HandlesEvents:
    """The three methods that connections and their managers share.

    Event types are those of the wire, and ``event`` for all events; a handler gets the event.
    """

    _handlers: Handlers

    @overload
    def on(self, event_type: str, handler: Handler) -> Self: ...

    @overload
    def on(self, event_type: str) -> Callable[[HandlerT], HandlerT]: ...

    def on(
        self, event_type: str, handler: Handler | None = None
    ) -> Self | Callable[[HandlerT], HandlerT]:
        """Have a function called with each event of a type, by `dispatch_events`.

        Args:
            event_type: The type, such as ``error``; ``event`` stands for all of them.
            handler: The function. Left out, this is a decorator.

        Returns:
            The object itself, or the decorator.
        """
        return self._add(event_type, handler, once=False)

    @overload
    def once(self, event_type: str, handler: Handler) -> Self: ...

    @overload
    def once(self, event_type: str) -> Callable[[HandlerT], HandlerT]: ...

    def once(
        self, event_type: str, handler: Handler | None = None
    ) -> Self | Callable[[HandlerT], HandlerT]:
        """Have a function called with the next event of a type, and no more after it.

        Args:
            event_type: The type, such as ``error``; ``event`` stands for all of them.
            handler: The function. Left out, this is a decorator.

        Returns:
            The object itself, or the decorator.
        """
        return self._add(event_type, handler, once=True)

    def off(self, event_type: str, handler: Handler) -> Self:
        """Take back what `on` or `once` did; nothing happens when they did not.

        Args:
            event_type: The type that was given there.
            handler: The function that was given there.

        Returns:
            The object itself.
        """
        self._handlers.remove(event_type, handler)
        return self

    def _add(
        self, event_type: str, handler: Handler | None, *, once: bool
    ) -> Self | Callable[[HandlerT], HandlerT]:
        if handler is None:
            return lambda function: self._handlers.add(event_type, function, once=once)
        self._handlers.add(event_type, handler, once=once)
        return self
