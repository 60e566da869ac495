"""Texts that no traceback, log or error may show, though all that show locals show them."""

from __future__ import annotations

import re

_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})
_USER_INFO = re.compile(r"//[^/@]*@")


class Secret(str):
    """A text that travels as it is, and is not shown where its ``repr`` is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[secret]'"


def guard_header(name: str, value: str) -> str:
    """Guard the value of a header that may hold a key.

    Args:
        name: The name of the header, in lower case.
        value: Its value.

    Returns:
        The value, which does not show itself if the header is one for keys.
    """
    return Secret(value) if name in _SECRET_HEADERS else value


def without_user(url: str) -> str:
    """Give a URL as it can be shown.

    Args:
        url: The URL.

    Returns:
        It, without a user and password.
    """
    return _USER_INFO.sub("//", url)
