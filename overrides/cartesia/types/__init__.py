"""Models and parameter types, each imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Type checkers see every name here; at run time `__getattr__` finds them.
    from cartesia_rest.models import *  # noqa: F403
    from cartesia_rest.params import *  # noqa: F403


if not TYPE_CHECKING:
    # Hidden from type checkers, so that they still report a name that is not there.
    def __getattr__(name: str) -> object:
        from cartesia_rest import models, params

        if name == "__all__":
            return __dir__()
        for module in (models, params):
            if name in module.__all__:
                value = getattr(module, name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from cartesia_rest import models, params

    return sorted([*models.__all__, *params.__all__])
