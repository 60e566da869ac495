# Derived by `make generate` from scripts/type_modules.py.
# Do not edit: change that file.
"""The types of agents, their calls, metrics and deployments: all of `cartesia.v2025_11_04.types`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cartesia_rest.models import *  # noqa: F403
else:
    from cartesia_rest.models import MODULES, attach

    __getattr__, __dir__, __all__ = attach(__name__, MODULES)
