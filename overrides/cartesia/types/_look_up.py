"""The names of all types, each imported when it is first used."""

from __future__ import annotations

from importlib import import_module

_MODULES = ("cartesia_rest.models", "cartesia_rest.params")
"""Where they are, those that cost least to look at first."""


def names() -> list[str]:
    """Give them all, in order."""
    return sorted(name for module in _MODULES for name in import_module(module).__all__)


def look_up(name: str, module: str) -> object:
    """Find a type for the `__getattr__` of a module.

    Args:
        name: Its name.
        module: The module that was asked.

    Returns:
        The type; all their names for `__all__`.

    Raises:
        AttributeError: There is no such type.
    """
    if name == "__all__":
        return names()
    # A private name is asked for by the import system, for which nothing is loaded.
    for place in map(import_module, () if name.startswith("_") else _MODULES):
        if name in place.__all__:
            found: object = getattr(place, name)
            return found
    raise AttributeError(f"module {module!r} has no attribute {name!r}")
