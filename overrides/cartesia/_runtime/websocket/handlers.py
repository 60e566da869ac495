"""Functions called with events of a type, behind ``on``, ``once`` and ``off``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Callable, TypeVar, overload

if TYPE_CHECKING:
    from typing_extensions import Self

Handler = Callable[..., object]
HandlerT = TypeVar("HandlerT", bound=Handler)
AddedT = TypeVar("AddedT", bound=Handler)

Handlers = dict[str, list[tuple[Handler, bool]]]
"""Functions by the type of the events they want, each with whether it is called once only."""


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
        entries = self._handlers.get(event_type, [])
        with suppress(StopIteration):
            entries.remove(next(entry for entry in entries if entry[0] == handler))
        return self

    def _add(
        self, event_type: str, handler: Handler | None, *, once: bool
    ) -> Self | Callable[[HandlerT], HandlerT]:
        if not isinstance(event_type, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"name the type of the event first, not {event_type!r:.80}")

        def add(added: AddedT) -> AddedT:
            if not callable(added):
                raise TypeError(f"the handler of {event_type!r} must be a function: {added!r:.80}")
            self._handlers.setdefault(event_type, []).append((added, once))
            return added

        if handler is None:
            return add
        add(handler)
        return self

    def _take_handlers(self, event_type: str) -> list[Handler]:
        """Return the functions for one event, in order; forget those that wanted only one."""
        entries = self._handlers.get(event_type, [])
        handlers = [handler for handler, _ in entries]
        entries[:] = [entry for entry in entries if not entry[1]]
        return handlers
