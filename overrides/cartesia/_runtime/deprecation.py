"""Deprecated names of methods."""

from __future__ import annotations

import warnings
from functools import wraps
from typing import TYPE_CHECKING, Callable, TypeVar

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")

R = TypeVar("R")


def renamed(method: Callable[P, R], old: str, new: str) -> Callable[P, R]:
    """Offer a method under its deprecated name, with a `DeprecationWarning` at each call.

    Args:
        method: The method.
        old: The deprecated name, with those of the resources above: ``tts.sse``.
        new: The name to use instead, in the same way.

    Returns:
        A method of the same signature.
    """

    @wraps(method)
    def deprecated(*args: P.args, **kwargs: P.kwargs) -> R:
        warnings.warn(f"`{old}` is deprecated: use `{new}`", DeprecationWarning, stacklevel=2)
        return method(*args, **kwargs)

    deprecated.__name__ = old.rpartition(".")[2]
    deprecated.__doc__ = f"Deprecated: use `{new}`. The arguments are the same."
    return deprecated
