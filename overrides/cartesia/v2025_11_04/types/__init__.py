# Derived by `make generate` from overrides/cartesia/types/__init__.py.
# Do not edit: change that file.
"""Models and parameter types, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cartesia.v2025_11_04.types import agents as agents
    from cartesia.v2025_11_04.types import datasets as datasets
    from cartesia.v2025_11_04.types import stt as stt
    from cartesia_rest.models import *  # noqa: F403
else:
    import sys

    from cartesia._runtime.module_aliases import ModuleAliases
    from cartesia_rest.models import MODULES, attach

    _INNER = {name: f".{name}" for name in ("agents", "datasets", "stt")}
    __getattr__, __dir__, __all__ = attach(__name__, {**MODULES, **_INNER})
    sys.meta_path.append(ModuleAliases(__name__, "cartesia_rest.models"))
