"""Models and parameter types, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cartesia.types import agents as agents
    from cartesia.types import datasets as datasets
    from cartesia.types import stt as stt
    from cartesia_rest.models import *  # noqa: F403
else:
    import sys

    from cartesia._runtime.module_aliases import ModuleAliases
    from cartesia_rest.models import MODULES, attach

    _INNER = {name: f".{name}" for name in ("agents", "datasets", "stt")}
    __getattr__, __dir__, __all__ = attach(__name__, {**MODULES, **_INNER})
    sys.meta_path.append(ModuleAliases(__name__, "cartesia_rest.models"))
