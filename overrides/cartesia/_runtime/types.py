"""Types of arguments: the sentinel ``omit``, and aliases for options, JSON objects and files."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any, ForwardRef, Protocol, TypedDict, Union, runtime_checkable

if TYPE_CHECKING:
    import ssl as ssl  # noqa: PLC0414  # offered from here

    import httpx as httpx  # noqa: PLC0414  # offered from here
    import httpx2


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


omit = Omit()

# The other names under which existing code knows the same thing.
NotGiven = Omit
NOT_GIVEN = omit
not_given = omit

# These aliases are evaluated at run time, so their syntax is that of Python 3.9.

JSONObject = dict[str, Any]
"""A parsed JSON object. ``Any``: what a server sends is not checked."""

Headers = Mapping[str, Union[str, Omit]]
"""Extra headers; ``omit`` as a value removes the header."""

Query = Mapping[str, object]
"""Extra query parameters."""

Body = Mapping[str, object]
"""Extra fields of the body; they win over the named arguments."""

if TYPE_CHECKING:
    TimeoutTypes = Union[float, None, httpx.Timeout]
    ProxyTypes = Union[str, httpx.URL, httpx.Proxy]
    HTTPClient = Union[httpx.Client, httpx2.Client]
    AsyncHTTPClient = Union[httpx.AsyncClient, httpx2.AsyncClient]
else:

    def _lazy(name: str) -> str | ForwardRef:
        # `typing.get_type_hints` evaluates the reference in this module, whichever module asks.
        return ForwardRef(name, module=__name__) if sys.version_info >= (3, 10) else name

    TimeoutTypes = Union[float, None, _lazy("httpx.Timeout")]
    ProxyTypes = Union[str, _lazy("httpx.URL"), _lazy("httpx.Proxy")]
    HTTPClient = Union[_lazy("httpx.Client"), None]
    AsyncHTTPClient = Union[_lazy("httpx.AsyncClient"), None]
# TimeoutTypes: seconds for each phase (connect, write, read, wait for a connection); None sets no
# limit. ProxyTypes: the address of a proxy; without a scheme it is an HTTP proxy.


@runtime_checkable
class ReceivedFile(Protocol):
    """A file that a web framework received, such as the ``UploadFile`` of Starlette and FastAPI."""

    filename: Union[str, None]  # noqa: UP007  # evaluated at run time, see above

    @property
    def file(self) -> IO[bytes]:
        """The file itself."""
        raise NotImplementedError

    @property
    def content_type(self) -> Union[str, None]:  # noqa: UP007  # as above
        """The media type, where the sender told it."""


FileContent = Union[bytes, IO[bytes], os.PathLike[str]]
FileTypes = Union[
    FileContent,
    ReceivedFile,
    tuple[Union[str, None], FileContent],
    tuple[Union[str, None], FileContent, Union[str, None]],
]
"""A file to upload: bytes, an open binary file, a path, or a tuple of name, content and type."""


FileTarget = Union[str, os.PathLike[str], IO[bytes]]
"""Where a body is written to: a path, or a file opened for writing in binary mode."""


class RequestOptions(TypedDict, total=False):
    """The options of a call that has no method of its own."""

    headers: Headers
    """Headers; they win over the client's own."""

    params: Query
    """Query parameters."""

    timeout: TimeoutTypes
    """Seconds for each phase, None for no limit."""

    deadline: Union[float, None]  # noqa: UP007  # evaluated at run time, see above
    """Seconds for the whole call, None for no limit."""

    max_retries: int
    """Attempts after the first."""

    extra_json: Body
    """Further fields of the body; they win over its own."""
