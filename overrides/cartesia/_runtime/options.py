"""The settings of a client, from arguments and environment variables, checked once."""

from __future__ import annotations

import os
import re
import warnings
from base64 import b64encode
from collections.abc import Mapping
from typing import NamedTuple, TypeVar
from urllib.parse import unquote

from cartesia._runtime.types import Headers, NotGiven, Omit, Query, TimeoutTypes

T = TypeVar("T")

DEFAULT_BASE_URL = "https://api.cartesia.ai"
DEFAULT_MAX_RETRIES = 2

_API_KEY_VARIABLE = "CARTESIA_API_KEY"
_VERSION_HEADER = "cartesia-version"
_LONGEST_TIMEOUT_SECONDS = 1_000_000
_LONGEST_HEADER = 32 * 1024
_FRAMING_HEADERS = frozenset({"content-length", "transfer-encoding"})
_URL = re.compile(r"(\w+)://[^ \r\n]+")
_USER_INFO = re.compile(r"(//|^)([^/?#]*)@")
_HEADER_NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")


class Secret(str):
    """A text that is sent as it is, and is not shown where its ``repr`` is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[secret]'"


def without_user(url: str) -> str:
    """Return a URL as it can be shown.

    Args:
        url: The URL.

    Returns:
        It, without a user and password.
    """
    return _USER_INFO.sub(r"\1", url)


class ClientOptions(NamedTuple):
    """The settings of one client, and what is prepared from them for every request.

    Attributes:
        api_key: The API key, sent as bearer token.
        token: An access token, sent where there is no key.
        base_url: The URL that paths are appended to; without a slash at the end.
        websocket_base_url: The same for WebSockets, None to derive it from `base_url`.
        timeout: Seconds, or a detailed timeout; not given means 60, and 5 to connect.
        deadline: Seconds for a whole call, None for no limit.
        max_retries: Attempts after the first.
        retry_generations: Whether a billed call is retried even if the server may have begun it.
        default_headers: The caller's own headers for every request.
        default_query: The caller's own query parameters for every request.
        built_in_headers: Headers by lower-case name that the caller's are merged into.
        credentials: Where the key or token came from, in words, for errors; empty if neither is.
    """

    api_key: str | None
    token: str | None
    base_url: str
    websocket_base_url: str | None
    timeout: TimeoutTypes | NotGiven
    deadline: float | None
    max_retries: int
    retry_generations: bool
    default_headers: Headers
    default_query: Query
    built_in_headers: Mapping[str, str]
    credentials: str = ""

    def resolved(self) -> ClientOptions:
        """Check the settings, and take missing ones from environment variables.

        Returns:
            The settings to use.

        Raises:
            TypeError: A setting has the wrong type.
            ValueError: A setting has a value that cannot work.
        """
        # `os.getenv("X", "")` makes a missing variable an empty string, which is not a key.
        api_key, credentials = _credentials(self.api_key or None, self.token or None)
        base_url = self.base_url or os.environ.get("CARTESIA_BASE_URL") or DEFAULT_BASE_URL
        websocket_url = self.websocket_base_url or None
        check_limits(self.timeout, self.deadline, self.max_retries)
        own_headers = merge_headers({}, _environment_headers(), "CARTESIA_CUSTOM_HEADERS")
        default_headers = merge_headers(own_headers, self.default_headers, "default_headers")
        _check_version(default_headers, self.built_in_headers.get(_VERSION_HEADER))
        return self._replace(
            api_key=api_key,
            token=self.token or None,
            base_url=_check_url(base_url, "base_url" if self.base_url else "CARTESIA_BASE_URL"),
            websocket_base_url=websocket_url and _check_url(websocket_url, "websocket_base_url"),
            default_headers=default_headers,
            credentials=self.credentials or credentials,
        )

    def base_headers(self) -> dict[str, str | Omit]:
        """Merge the headers that every request begins with.

        Returns:
            The headers by lower-case name, removed ones included as ``omit``.
        """
        headers: dict[str, str | Omit] = dict(self.built_in_headers)
        if found := _USER_INFO.search(self.base_url):
            # Sent as httpx would, which shows the password in its logs.
            user = b64encode(unquote(found[2]).encode()).decode()
            headers["authorization"] = Secret(f"Basic {user}")
        elif secret := self.api_key or self.token:
            headers["authorization"] = Secret(f"Bearer {secret}")
        return merge_headers(headers, self.default_headers, "default_headers")

    def credentials_of(self, headers: Mapping[str, str]) -> str:
        """Tell in words where the key or token of a request came from, if it is the client's.

        Args:
            headers: The headers of the request, by lower-case name.
        """
        secret = f"Bearer {self.api_key or self.token}"
        return self.credentials if headers.get("authorization") == secret else ""

    def summary(self) -> str:
        """Return what may be shown, for representations."""
        return f"base_url={without_user(self.base_url)!r}, max_retries={self.max_retries!r}"

    def __repr__(self) -> str:
        # Tools that show the local variables of a traceback show this.
        return f"{type(self).__name__}({self.summary()})"


def _credentials(api_key: str | None, token: str | None) -> tuple[str | None, str]:
    """Choose the key, and tell in words where it came from."""
    words = "the argument `token`" if token else ""
    if api_key:
        words = "the argument `api_key`"
    elif not token and (api_key := os.environ.get(_API_KEY_VARIABLE) or None):
        words = f"the environment variable {_API_KEY_VARIABLE}"
    # The value itself is never shown. A key that was read from a file often has a line end.
    for name, secret in ((words, api_key), ("the argument `token`", token)):
        # Here as below: a caller without a type checker may pass anything.
        if not isinstance(secret, (str, type(None))):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"{name} must be a str, not {type(secret).__name__}")
        if secret and not (secret.isascii() and secret.isprintable() and secret == secret.strip()):
            raise ValueError(
                f"{name} begins or ends with a space, or holds a line end or another character "
                "that a key cannot have; strip() it"
            )
    return api_key, words


def _check_url(url: str, argument: str) -> str:
    text = url.rstrip("/")
    shown, *rest = re.split("[?#]", without_user(text), maxsplit=1)  # a query may hold secrets
    found = None if rest else _URL.fullmatch(text)
    is_socket = argument == "websocket_base_url"
    schemes = ("http", "https", "ws", "wss") if is_socket else ("http", "https")
    if found is None or found[1].lower() not in schemes:
        raise ValueError(
            f"`{argument}` must be a URL that begins with one of "
            f"{', '.join(f'{s}://' for s in schemes)} and has no query or fragment, "
            f"not {shown!r}{' and more' if rest else ''}"
        )
    return text


def check_limits(
    timeout: TimeoutTypes | NotGiven, deadline: float | NotGiven | None, max_retries: int
) -> None:
    """Check the limits of calls.

    Args:
        timeout: Seconds, or a detailed timeout, or None for no limit, or not given.
        deadline: Seconds for a whole call, None for no limit, or not given.
        max_retries: Attempts after the first.

    Raises:
        TypeError: A limit is none of these.
        ValueError: A time is not positive, or too large; or `max_retries` is negative.
    """
    # Known by the part that httpx.Timeout has in httpx2, too, without an import of either.
    is_detailed = hasattr(timeout, "pool")
    if timeout is not None and not isinstance(timeout, NotGiven) and not is_detailed:
        check_number("`timeout`", timeout, "an httpx.Timeout, or None for no limit")
    if deadline is not None and not isinstance(deadline, NotGiven):
        check_number("`deadline`", deadline)
    if not isinstance(max_retries, int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"`max_retries` must be an int, not {max_retries!r}; 0 turns retries off")
    if max_retries < 0:
        raise ValueError(f"`max_retries` must not be negative, not {max_retries}")


def check_wait(timeout: float | None) -> None:
    """Check how long a receiver is to wait.

    Args:
        timeout: Seconds; 0 to look at what has come, None for no limit.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative, or too large.
    """
    if timeout is not None and timeout != 0:
        check_number("`timeout`", timeout)


def check_number(
    argument: str, value: object, others: str = "or None for no limit", *, unit: str = "seconds"
) -> float:
    """Check a limit.

    Args:
        argument: Its name, for errors.
        value: Its value.
        others: What else it may be, for errors.
        unit: What it counts.

    Returns:
        The value.

    Raises:
        TypeError: It is no number.
        ValueError: It is not positive, or so many seconds that timers fail.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{argument} must be a number of {unit}, {others}, not {value!r:.80}")
    most = _LONGEST_TIMEOUT_SECONDS if unit == "seconds" else float("inf")
    if not 0 < value <= most:  # "nan" is not
        allowed = f"above 0 and at most {most:,}" if unit == "seconds" else "above 0"
        raise ValueError(f"{argument} must be {allowed} {unit}, not {value!r}; None sets no limit")
    return value


def check_mapping(values: Mapping[str, T] | None, argument: str) -> Mapping[str, T]:
    """Check that headers, query parameters or fields of a body are a mapping.

    Args:
        values: The values by name, or None.
        argument: The name of the argument, for the error.

    Returns:
        The same values; an empty mapping for None.

    Raises:
        TypeError: They are not a mapping.
    """
    if values is None:
        return {}
    if not isinstance(values, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"`{argument}` must map names to values, not be {values!r:.80}")
    return values


def _check_version(headers: Mapping[str, str | Omit], own: str | None) -> None:
    """Warn of a header that asks for responses of another version than the types describe.

    Args:
        headers: The caller's headers, by lower-case name.
        own: The version of the client.
    """
    date = headers.get(_VERSION_HEADER)
    if own is None or not isinstance(date, str) or date == own:
        return
    from importlib.util import find_spec

    module = f"v{date.replace('-', '_')}"
    package = f"cartesia.{module}"
    there = find_spec(package) if module.isidentifier() else None
    way_out = f"import Cartesia from `{package}`" if there else "there is no client of that version"
    warnings.warn(
        f"the header Cartesia-Version: {date} is sent, but this client has the arguments and types "
        f"of API version {own}, which may not fit: {way_out}",
        stacklevel=4,
    )


def _environment_headers() -> dict[str, str]:
    """Read ``Name: value`` lines from the environment."""
    lines = os.environ.get("CARTESIA_CUSTOM_HEADERS", "").splitlines()
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def merge_or_replace(
    argument: str, old: Mapping[str, T], added: Mapping[str, T] | None, new: Mapping[str, T] | None
) -> Mapping[str, T]:
    """Combine the headers or query parameters of a client with those of its copy.

    Args:
        argument: The name of the argument, for errors.
        old: Those of the client.
        added: Those that are merged into them.
        new: Those that replace them.

    Returns:
        Those of the copy.

    Raises:
        ValueError: Both forms were given.
    """
    if new is None:
        return {**old, **check_mapping(added, argument)}
    if added is not None:
        raise ValueError(f"`{argument}` and `set_{argument}` exclude each other; pass one of them")
    return check_mapping(new, f"set_{argument}")


def merge_headers(
    base: Mapping[str, str | Omit], extra: Headers | None, argument: str
) -> dict[str, str | Omit]:
    """Merge headers, ignoring the case of their names.

    Args:
        base: Headers by lower-case name.
        extra: The headers that win; ``omit`` removes one.
        argument: The name of the argument, for errors.

    Returns:
        The headers by lower-case name, removed ones included as ``omit``.

    Raises:
        TypeError: A value is not a str.
        ValueError: A name or value is not valid in a header.
    """
    merged = dict(base)
    for name, value in check_mapping(extra, argument).items():
        # Checked here, since the errors of httpx and h11 would show the value, which may be a key.
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ValueError(f"`{argument}`: {name!r:.80} cannot be the name of a header")
        key = name.lower()
        if key in _FRAMING_HEADERS and not isinstance(value, Omit):
            raise ValueError(f"`{argument}`: {name!r} depends on the body, and cannot be set")
        merged[key] = value if isinstance(value, Omit) else _header_value(key, value, argument)
    return merged


def _header_value(name: str, value: str, argument: str) -> str:
    place = f"`{argument}`: the value of {name!r}"
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"{place} must be a str (or omit), and has the type {type(value).__name__}")
    if not value.isascii() or not value.replace("\t", " ").isprintable():
        raise ValueError(f"{place} holds a line end, a control character, or one beyond ASCII")
    if len(value) > _LONGEST_HEADER:
        raise ValueError(f"{place} has {len(value)} characters; servers accept {_LONGEST_HEADER}")
    return Secret(value.strip())  # whatever the caller adds may be one


def configure_logging() -> None:
    """Set the level of the logger ``cartesia`` that ``CARTESIA_LOG`` asks for, if it does."""
    import logging

    level = os.environ.get("CARTESIA_LOG", "").upper()
    if level in ("DEBUG", "INFO"):
        logging.basicConfig(format="[%(asctime)s %(name)s %(levelname)s] %(message)s")
        logging.getLogger("cartesia").setLevel(level)
