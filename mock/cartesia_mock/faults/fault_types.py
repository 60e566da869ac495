"""The fault types: their names, options and descriptions, and how faults are parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import fill, indent
from typing import Union

HTTP, SOCKET = "http", "websocket"

Value = Union[str, int, float, None]


@dataclass(frozen=True)
class FaultType:
    """One type of fault.

    Attributes:
        text: Its description.
        options: Its options with their defaults: a text, a number, or None for an optional
            number.
        choices: The possible values of an option, where they are limited.
        where: What it applies to: HTTP responses, WebSockets, or both.
    """

    text: str
    options: Mapping[str, Value] = field(default_factory=dict[str, Value])
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    where: tuple[str, ...] = (HTTP, SOCKET)


_CUT_METHODS = {"how": ("close", "reset")}
_END_METHODS = {"how": ("close", "reset", "end", "stall")}
BODIES = ("api", "json", "broken", "text", "html", "empty", "latin1", "charset", "binary")
_MAX_BYTES = 64 * 1024 * 1024
_CODES: Mapping[str, frozenset[int]] = {
    "status": frozenset(range(200, 600)),
    "socket-close": frozenset([*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)]),
}

_HTTP_TYPES: dict[str, FaultType] = {
    "status": FaultType(
        "respond with a status instead of running the operation (to a handshake, too); "
        "`retry-after` in seconds or any text, `retry-after-date` in seconds from now (sent as a "
        "date), `retry-after-ms`, `should-retry` true or false, `location` for a redirect; `body` "
        "in the format of the API, as JSON in any version, or another: broken JSON, a page, text "
        "that is not in the declared charset, or in a charset that does not exist",
        {
            "code": 500,
            "retry-after": "",
            "retry-after-date": None,
            "retry-after-ms": None,
            "should-retry": "",
            "location": "",
            "body": "api",
        },
        {"body": BODIES, "should-retry": ("true", "false")},
    ),
    "delay": FaultType(
        "wait `head` seconds before the head of the response (or before a WebSocket is accepted), "
        "and `chunk` seconds before each chunk of the body (or each message)",
        {"head": 0.0, "chunk": 0.0},
    ),
    "drop": FaultType("cut the connection before any response", {"how": "close"}, _CUT_METHODS),
    "cut": FaultType(
        "send `after` bytes of the body, then `close` the connection, `reset` it, `end` the "
        "response regularly, or `stall`; a shorter body is cut at its end; `framing` declares the "
        "true `length`, or sends the body `chunked`",
        {"after": 0, "how": "close", "framing": "own"},
        {**_END_METHODS, "framing": ("own", "length", "chunked")},
        (HTTP,),
    ),
    "body": FaultType(
        "respond with another body and the same status: broken JSON, a page, nothing, and so on; "
        "`type` is its content type, by default that of the original response",
        {"is": "broken", "type": ""},
        {"is": BODIES[2:]},
        (HTTP,),
    ),
    "media": FaultType("declare another content type", {"type": "text/html"}, {}, (HTTP,)),
    "gzip": FaultType(
        "compress the body; if `broken`, its second half is missing",
        {"broken": "no"},
        {"broken": ("no", "yes")},
        (HTTP,),
    ),
    "hang-up": FaultType(
        "close the connection after a complete response that promised keep-alive", {}, {}, (HTTP,)
    ),
}

_SSE_TYPES: dict[str, FaultType] = {
    "sse-cut": FaultType(
        "send `after` events and half of the next, then do as `cut` does",
        {"after": 1, "how": "close"},
        _END_METHODS,
        (HTTP,),
    ),
    "sse-end": FaultType("end after `after` events, without `done`", {"after": 1}, {}, (HTTP,)),
    "sse-error": FaultType(
        "send an `error` event after `after` events, and end",
        {"after": 1, "code": 500},
        {},
        (HTTP,),
    ),
    "sse-comments": FaultType(
        "after `after` events send nothing but comments, one every `every` seconds",
        {"after": 0, "every": 0.05},
        {},
        (HTTP,),
    ),
    "sse-malformed": FaultType("insert an event that is not JSON", {"after": 1}, {}, (HTTP,)),
    "sse-unknown": FaultType("insert an event of an unknown type", {"after": 1}, {}, (HTTP,)),
    "sse-untyped": FaultType("insert an event without a type", {"after": 1}, {}, (HTTP,)),
    "sse-huge": FaultType(
        "insert an event of an unknown type and `bytes` bytes",
        {"after": 1, "bytes": 1_048_576},
        {},
        (HTTP,),
    ),
}

_WEBSOCKET_TYPES: dict[str, FaultType] = {
    "socket-drop": FaultType(
        "cut the connection after `after` messages, without a close frame",
        {"after": 1, "how": "close"},
        _CUT_METHODS,
        (SOCKET,),
    ),
    "socket-close": FaultType(
        "close after `after` messages", {"after": 1, "code": 1011, "reason": ""}, {}, (SOCKET,)
    ),
    "socket-silence": FaultType(
        "send nothing after `after` messages; pings are answered", {"after": 1}, {}, (SOCKET,)
    ),
    "socket-freeze": FaultType(
        "neither read nor send after `after` messages, as an unresponsive peer: no ping is "
        "answered; reset after `seconds`",
        {"after": 1, "seconds": 60.0},
        {},
        (SOCKET,),
    ),
    "socket-malformed": FaultType(
        "insert a text frame that is not JSON", {"after": 1}, {}, (SOCKET,)
    ),
    "socket-binary": FaultType("insert a binary frame", {"after": 1}, {}, (SOCKET,)),
    "socket-unknown": FaultType("insert an event of an unknown type", {"after": 1}, {}, (SOCKET,)),
    "socket-untyped": FaultType("insert an event without a type", {"after": 1}, {}, (SOCKET,)),
    "socket-unknown-context": FaultType(
        "send one event twice, the second time for a context that was never opened",
        {"after": 1},
        {},
        (SOCKET,),
    ),
    "socket-error": FaultType(
        "insert an error about the connection, without a context",
        {"after": 1, "code": 500},
        {},
        (SOCKET,),
    ),
    "socket-huge": FaultType(
        "insert an event of an unknown type and `bytes` bytes",
        {"after": 1, "bytes": 2_097_152},
        {},
        (SOCKET,),
    ),
    "socket-double": FaultType(
        "send every event of a type (`done` by default) twice", {"type": "done"}, {}, (SOCKET,)
    ),
    "socket-late": FaultType(
        "send the last chunk of a context again after its `done`", {}, {}, (SOCKET,)
    ),
}

FAULT_TYPES: dict[str, FaultType] = {**_HTTP_TYPES, **_SSE_TYPES, **_WEBSOCKET_TYPES}
"""All fault types, by name."""


@dataclass(frozen=True)
class FaultSpec:
    """One requested fault.

    Attributes:
        name: The name of its type.
        options: All options of that type.
    """

    name: str
    options: Mapping[str, Value]

    @property
    def fault_type(self) -> FaultType:
        """Its type."""
        return FAULT_TYPES[self.name]

    def text(self, name: str) -> str:
        """Return an option as text; empty when it was not given."""
        value = self.options.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> float:
        """Return a numeric option."""
        value = self.options.get(name)
        return float(value) if isinstance(value, (int, float)) else 0.0

    def count(self, name: str) -> int:
        """Return an integer option."""
        return int(self.number(name))


def parse_faults(text: str) -> list[FaultSpec]:
    """Parse faults.

    Args:
        text: `name; option=value; ...`, several separated by commas.

    Returns:
        The faults.

    Raises:
        ValueError: The fault, the option or its value is unknown; the message lists what there
            is.
    """
    return [_parse(part.strip()) for part in text.split(",") if part.strip()]


def _parse(text: str) -> FaultSpec:
    name, *given = (part.strip() for part in text.split(";"))
    if name not in FAULT_TYPES:
        raise ValueError(f"there is no fault {name!r}; there are {', '.join(FAULT_TYPES)}")
    options = dict(FAULT_TYPES[name].options)
    for part in filter(None, given):
        option, _, value = (each.strip() for each in part.partition("="))
        if option not in options:
            has = ", ".join(options) or "no options"
            raise ValueError(f"{name} has no option {option!r}; it has {has}")
        options[option] = _parse_value(name, option, value)
    return FaultSpec(name, options)


def _parse_value(name: str, option: str, text: str) -> Value:
    fault_type = FAULT_TYPES[name]
    choices = fault_type.choices.get(option)
    if choices is not None and text not in choices:
        raise ValueError(f"{name}; {option}={text}: it is one of {', '.join(choices)}")
    default = fault_type.options[option]
    if isinstance(default, str):
        return text
    try:
        number = int(text) if isinstance(default, int) else float(text)
    except ValueError:
        raise ValueError(f"{name}; {option}={text}: it is a number") from None
    if not 0 <= number < float("inf"):
        raise ValueError(f"{name}; {option}={text}: it is a number from 0 up")
    if option == "bytes" and number > _MAX_BYTES:
        raise ValueError(f"{name}; {option}={text}: it is at most {_MAX_BYTES}")
    if option == "code" and number not in _CODES.get(name, _CODES["status"]):
        raise ValueError(f"{name}; {option}={text}: there is no such code")
    return number


def describe_faults() -> str:
    """Return a description of every fault type with its options, a paragraph each."""
    lines: list[str] = []
    for name, fault_type in FAULT_TYPES.items():
        head = "; ".join([name, *describe_options(fault_type)])
        lines.append(f"{head}\n{indent(fill(fault_type.text, 92), '    ')}")
    return "\n".join(lines)


def describe_options(fault_type: FaultType) -> list[str]:
    """Return the options of a type, each as `name=default` or `name=default|other|...`."""
    return [f"{option}={_describe_option(fault_type, option)}" for option in fault_type.options]


def _describe_option(fault_type: FaultType, option: str) -> str:
    choices = fault_type.choices.get(option)
    value = fault_type.options[option]
    if choices is None:
        return "..." if value in {None, ""} else str(value)
    return "|".join(sorted(choices, key=lambda choice: choice != value))
