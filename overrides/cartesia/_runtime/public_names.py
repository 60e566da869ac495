"""Public names: imported at first use, or kept beside those that replaced them."""

from __future__ import annotations

import sys
import warnings
from contextlib import suppress
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Callable, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from typing_extensions import ParamSpec

    P = ParamSpec("P")

R = TypeVar("R")


def attach(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Make what a module needs in order to import its names at first use (PEP 562).

    Args:
        package: The ``__name__`` of the module.
        modules: Public name -> the module that defines it, or, if its last part is that name, the
            module itself. A module that begins with a dot is in the package.

    Returns:
        Its ``__getattr__``, ``__dir__`` and ``__all__``.
    """
    names = sorted(modules)

    def __getattr__(name: str) -> object:  # noqa: N807  # the name that it is assigned to
        module = modules.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = import_module(module, package)
        if module.rpartition(".")[2] != name:
            value = getattr(value, name)
        setattr(sys.modules[package], name, value)
        return value

    return __getattr__, lambda: names, names


def deprecated(name: str, instead: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a method warn with a `DeprecationWarning` at each call.

    Args:
        name: Its name, with those of the resources above: ``tts.sse``.
        instead: What to do instead, such as "use `tts.generate_sse`".

    Returns:
        A decorator, which keeps signature and docstring.
    """

    def decorate(method: Callable[P, R]) -> Callable[P, R]:
        @wraps(method)
        def warning(*args: P.args, **kwargs: P.kwargs) -> R:
            warnings.warn(f"`{name}` is deprecated: {instead}", DeprecationWarning, stacklevel=2)
            return method(*args, **kwargs)

        return warning

    return decorate


def import_packages(packages: Iterable[str]) -> None:
    """Import modules ahead of their first use; those that need a missing extra are left out.

    Args:
        packages: Packages, all of whose modules are imported, and single modules.
    """
    from pkgutil import iter_modules

    for package in packages:
        with suppress(ImportError):
            path = getattr(import_module(package), "__path__", [])
            for found in iter_modules(path, f"{package}."):
                with suppress(ImportError):
                    import_module(found.name)


def renamed(method: Callable[P, R], old: str, new: str) -> Callable[P, R]:
    """Offer a method under its deprecated name, with a `DeprecationWarning` at each call.

    Args:
        method: The method.
        old: The deprecated name, with those of the resources above: ``tts.sse``.
        new: The name to use instead, in the same way.

    Returns:
        A method of the same signature.
    """
    alias = deprecated(old, f"use `{new}`")(method)
    alias.__name__ = old.rpartition(".")[2]
    alias.__doc__ = f"Deprecated: use `{new}`. The arguments are the same."
    return alias
