"""Imports that happen at first use, so that ``import cartesia`` loads next to nothing."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx as httpx  # noqa: PLC0414  # offered from here


def attach(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Make what a module needs in order to import its names at first use (PEP 562).

    Args:
        package: The ``__name__`` of the module.
        modules: Public name -> the module that defines it, or is it.

    Returns:
        Its ``__getattr__``, ``__dir__`` and ``__all__``.
    """
    names = sorted(modules)

    def __getattr__(name: str) -> object:  # noqa: N807  # the name that it is assigned to
        module = modules.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = import_module(module)
        if module != f"{package}.{name}":
            value = getattr(value, name)
        setattr(sys.modules[package], name, value)
        return value

    return __getattr__, lambda: names, names


class LazyModule(ModuleType):
    """Stands for a module, and imports it when one of its names is first used."""

    def __getattr__(self, name: str) -> object:
        return getattr(import_module(self.__name__), name)


if not TYPE_CHECKING:
    httpx = LazyModule("httpx")
