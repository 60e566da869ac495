"""Derive the modules of ``cartesia.types``, each of which has all of its names.

The vendor's package spreads its types over these modules; here they differ in the docstring alone.
"""

from __future__ import annotations

from scripts.view.package import PACKAGE

SOURCE = "scripts/type_modules.py"

_CONTENTS = {
    "types/agents/__init__.py": "agents, their calls, metrics and deployments",
    "types/agents/metrics.py": "what metrics found",
    "types/datasets.py": "datasets",
    "types/stt.py": "the sockets that listen",
}
"""What the types are about, by the path of the module in the public package."""

_TEXT = '''"""The types of {content}: all of `cartesia.types`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from {package}.models import *  # noqa: F403
else:
    from {package}.models import MODULES, attach

    __getattr__, __dir__, __all__ = attach(__name__, MODULES)
'''


def type_modules() -> dict[str, str]:
    """Return the text of each module, by its path in the public package."""
    return {
        path: _TEXT.format(content=content, package=PACKAGE) for path, content in _CONTENTS.items()
    }
