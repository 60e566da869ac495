"""Types of arguments: the sentinel ``omit``, and aliases for options, JSON objects and files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any, Final, ForwardRef, Optional, TypedDict, Union

if TYPE_CHECKING:
    import ssl as ssl  # noqa: PLC0414  # offered from here

    import httpx as httpx  # noqa: PLC0414  # offered from here


class LazyModule(ModuleType):
    """Stands for a module, and imports it when one of its names is first used."""

    def __getattr__(self, name: str) -> object:
        return getattr(import_module(self.__name__), name)


if not TYPE_CHECKING:
    httpx = LazyModule("httpx")
    ssl = LazyModule("ssl")


class Omit:
    """Say that an argument is not sent at all, where ``None`` would be sent as ``null``.

    As the value of a header it removes that header from the request.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "omit"

    def __reduce__(self) -> str:
        # A copy or an unpickled value must stay the one instance that `is` is asked about.
        return "omit"


omit: Final = Omit()

# The other names under which existing code knows the same thing.
NotGiven = Omit
NOT_GIVEN: Final = omit
not_given: Final = omit

# These aliases are evaluated at run time, so their syntax is that of Python 3.9.

JSONObject = dict[str, Any]
"""A parsed JSON object. ``Any``: what a server sends is not checked."""

Getter = Callable[[str], Any]
"""Looks up a field of a JSON object; None where it is missing."""

Headers = Mapping[str, Union[str, Omit]]
"""Extra headers; ``omit`` as a value removes the header."""

Query = Mapping[str, object]
"""Extra query parameters."""

Body = Mapping[str, object]
"""Extra fields of the body; they win over the named arguments."""

if TYPE_CHECKING:
    TimeoutTypes = Union[float, None, httpx.Timeout]
    ProxyTypes = Union[str, httpx.URL, httpx.Proxy]
elif sys.version_info >= (3, 10):
    # `typing.get_type_hints` evaluates the reference in this module, whichever module asks.
    TimeoutTypes = Union[float, None, ForwardRef("httpx.Timeout", module=__name__)]
    ProxyTypes = Union[str, ForwardRef("httpx.URL | httpx.Proxy", module=__name__)]
else:
    TimeoutTypes = Union[float, None, "httpx.Timeout"]
    ProxyTypes = Union[str, "httpx.URL", "httpx.Proxy"]
# TimeoutTypes: seconds for each phase (connect, write, read, wait for a connection); None sets no
# limit. ProxyTypes: the address of a proxy; without a scheme it is an HTTP proxy.

FileContent = Union[bytes, IO[bytes], os.PathLike[str]]
FileTypes = Union[
    FileContent, tuple[Optional[str], FileContent], tuple[Optional[str], FileContent, Optional[str]]
]
"""A file to upload: bytes, an open binary file, a path, or a tuple of name, content and type."""


class RequestOptions(TypedDict, total=False):
    """The options of a call that has no method of its own."""

    headers: Headers
    """Headers; they win over the client's own."""

    params: Query
    """Query parameters."""

    timeout: TimeoutTypes
    """Seconds for each phase, None for no limit."""

    max_retries: int
    """Attempts after the first."""

    extra_json: Body
    """Further fields of the body; they win over its own."""
