"""Generated modules under the names by which the vendor's package has them."""

from __future__ import annotations

from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


class ModuleAliases(MetaPathFinder, Loader):
    """Imports generated modules under the names by which the vendor's package has them.

    There a module for each method has the types of its arguments; here it has plain dictionaries.

    Args:
        package: The package below which they are imported.
        generated: The package that has them.
    """

    def __init__(self, package: str, generated: str) -> None:
        self._package = package
        self._generated = generated

    def find_spec(
        self, fullname: str, path: object, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find one; see `importlib.abc.MetaPathFinder.find_spec`."""
        del path, target
        if fullname.startswith(f"{self._package}.") and (
            fullname.endswith("_params") or self._find(fullname) is not None
        ):
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Fill one; see `importlib.abc.Loader.exec_module`."""
        real = self._find(module.__name__)
        if real is not None:
            found = vars(import_module(real))
            vars(module).update((k, v) for k, v in found.items() if not k.startswith("__"))
        else:
            vars(module)["__getattr__"] = _parameters

    def _find(self, fullname: str) -> str | None:
        inner = fullname[len(self._package) + 1 :]
        names = (inner.replace(".", "_"), inner.rpartition(".")[2])
        found = (f"{self._generated}.{name}" for name in names)
        return next((name for name in found if find_spec(name) is not None), None)


def _parameters(name: str) -> object:
    if name.endswith("Params"):
        return dict[str, object]
    raise AttributeError(name)
