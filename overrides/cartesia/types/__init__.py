"""Models and parameter types, each imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Type checkers see every name here; at run time `__getattr__` finds them.
    from cartesia.types import agents as agents
    from cartesia.types import datasets as datasets
    from cartesia.types import stt as stt
    from cartesia_rest.models import *  # noqa: F403
    from cartesia_rest.params import *  # noqa: F403

_INNER = ("agents", "datasets", "stt")


if not TYPE_CHECKING:
    # Hidden from type checkers, so that they still report a name that is not there.
    def __getattr__(name: str) -> object:
        from importlib import import_module

        from cartesia.types._look_up import look_up

        if name in _INNER:
            return import_module(f"{__name__}.{name}")
        if name == "__all__":
            return __dir__()
        value = globals()[name] = look_up(name, __name__)
        return value


def __dir__() -> list[str]:
    from cartesia.types._look_up import names

    return sorted([*names(), *_INNER])
