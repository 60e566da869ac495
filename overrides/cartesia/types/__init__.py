"""Models and parameter types, each imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Type checkers see every name here; at run time `__getattr__` finds them.
    from cartesia.types import agents as agents
    from cartesia.types import datasets as datasets
    from cartesia.types import stt as stt
    from cartesia.types._aliases import *  # noqa: F403
    from cartesia_rest.models import *  # noqa: F403
    from cartesia_rest.params import *  # noqa: F403

_MODULES = ("cartesia_rest.models", "cartesia_rest.params", "cartesia.types._aliases")
"""Where the names are, those that cost least to look at first."""

_INNER = ("agents", "datasets", "stt")


if not TYPE_CHECKING:
    # Hidden from type checkers, so that they still report a name that is not there.
    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name == "__all__":
            return __dir__()
        if name in _INNER:
            return import_module(f"{__name__}.{name}")
        # A private name is asked for by the import system, for which nothing else is loaded.
        for module in map(import_module, () if name.startswith("_") else _MODULES):
            if name in module.__all__:
                value = getattr(module, name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from cartesia.types import _aliases
    from cartesia_rest import models, params

    return sorted([*models.__all__, *params.__all__, *_aliases.__all__, *_INNER])
