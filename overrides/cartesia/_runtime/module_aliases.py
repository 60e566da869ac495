"""Generated modules under the names by which the vendor's package has them."""

from __future__ import annotations

from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


class ModuleAliases(Loader):
    """Imports generated modules under the names by which the vendor's package has them.

    There a module for each method has the types of its arguments; here it has plain dictionaries.
    It is a finder of `sys.meta_path`, and the loader of what it finds.

    Args:
        package: The package below which they are imported.
        generated: The package that has them.
    """

    def __init__(self, package: str, generated: str) -> None:
        self._package = package
        self._generated = generated

    def find_spec(self, fullname: str, *_path_and_target: object) -> ModuleSpec | None:
        """Find one; see `importlib.abc.MetaPathFinder.find_spec`."""
        package, _, inner = fullname.partition(f"{self._package}.")
        if package or not inner:
            return None
        names = (inner.replace(".", "_"), inner.rpartition(".")[2])
        found = (f"{self._generated}.{name}" for name in names)
        real = next((name for name in found if find_spec(name) is not None), None)
        if real is None and not inner.endswith("_params"):
            return None
        return ModuleSpec(fullname, self, loader_state=real, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        """Fill one; see `importlib.abc.Loader.exec_module`."""
        real = None if module.__spec__ is None else module.__spec__.loader_state
        names: dict[str, object] = {"__getattr__": _parameters}
        if real is not None:
            found = vars(import_module(real))
            names = {name: value for name, value in found.items() if not name.startswith("__")}
        vars(module).update(names)


def _parameters(name: str) -> object:
    if name.endswith("Params"):
        return dict[str, object]
    raise AttributeError(name)
