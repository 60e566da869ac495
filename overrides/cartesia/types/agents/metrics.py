# Derived by `make generate` from scripts/type_modules.py.
# Do not edit: change that file.
"""The types of what metrics found: all of `cartesia.types`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cartesia_rest.models import *  # noqa: F403
else:
    from cartesia_rest.models import MODULES, attach

    __getattr__, __dir__, __all__ = attach(__name__, MODULES)
