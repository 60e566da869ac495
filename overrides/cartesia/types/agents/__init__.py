"""The types of agents, their calls, metrics and deployments: all of `cartesia.types`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cartesia_rest.models import *  # noqa: F403
    from cartesia_rest.params import *  # noqa: F403
else:
    from cartesia.types._look_up import look_up, names

    def __getattr__(name: str) -> object:
        return look_up(name, __name__)

    def __dir__() -> list[str]:
        return names()
