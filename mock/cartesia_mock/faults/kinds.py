"""The faults that there are: their names, their options, and what each does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import fill, indent
from typing import Union

HTTP, SOCKET = "http", "websocket"

Value = Union[str, int, float, None]


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        text: What it does.
        options: Its options and what they are when not given: a text, a number, or None for a
            number that may be missing.
        choices: The values that an option may have, where they are few.
        where: What it happens to: answers over HTTP, sockets, or both.
    """

    text: str
    options: Mapping[str, Value] = field(default_factory=dict[str, Value])
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    where: tuple[str, ...] = (HTTP, SOCKET)


_HOW = {"how": ("close", "reset")}
_ENDS = {"how": ("close", "reset", "end", "stall")}
BODIES = ("api", "json", "broken", "text", "html", "empty", "latin1", "charset", "binary")
_CODES: Mapping[str, frozenset[int]] = {
    "status": frozenset(range(200, 600)),
    "socket-close": frozenset([*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)]),
}

_ANSWERS: dict[str, Kind] = {
    "status": Kind(
        "answer with a status instead of doing anything (to a handshake too); `retry-after` in "
        "seconds or any text, `retry-after-date` in seconds from now (sent as a date), "
        "`retry-after-ms`, `should-retry` true or false, `location` for a redirect; `body` in the "
        "API's own shape, as JSON whatever the version, or another: broken JSON, a page, text that "
        "is not in the charset that it says, or in one that does not exist",
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
    "delay": Kind(
        "wait `head` seconds before the head of the answer (or before a socket is accepted), and "
        "`chunk` seconds before each piece of the body (or each message)",
        {"head": 0.0, "chunk": 0.0},
    ),
    "drop": Kind("cut the connection before any answer", {"how": "close"}, _HOW),
    "cut": Kind(
        "let `after` bytes of the body through, then `close` the connection, `reset` it, `end` the "
        "answer as if that were all, or `stall`; a body that has no more bytes is cut in place of "
        "its end; `framing` declares the true `length`, or sends the body `chunked`",
        {"after": 0, "how": "close", "framing": "own"},
        {**_ENDS, "framing": ("own", "length", "chunked")},
        (HTTP,),
    ),
    "body": Kind(
        "answer with another body and the same status: broken JSON, a page, nothing, and so on; "
        "`type` is its content-type, by default that of the true answer",
        {"is": "broken", "type": ""},
        {"is": BODIES[2:]},
        (HTTP,),
    ),
    "media": Kind("say that the answer is of another type", {"type": "text/html"}, {}, (HTTP,)),
    "gzip": Kind(
        "compress the body; where it is `broken`, its second half is missing",
        {"broken": "no"},
        {"broken": ("no", "yes")},
        (HTTP,),
    ),
    "hang-up": Kind(
        "close the connection after a whole answer that promised to keep it", {}, {}, (HTTP,)
    ),
}

_STREAMS: dict[str, Kind] = {
    "sse-cut": Kind(
        "let `after` events through and half of the next, then do as `cut` does",
        {"after": 1, "how": "close"},
        _ENDS,
        (HTTP,),
    ),
    "sse-end": Kind("end after `after` events, without `done`", {"after": 1}, {}, (HTTP,)),
    "sse-error": Kind(
        "send an `error` event after `after` events, and end",
        {"after": 1, "code": 500},
        {},
        (HTTP,),
    ),
    "sse-comments": Kind(
        "after `after` events send nothing but comments, one every `every` seconds",
        {"after": 0, "every": 0.05},
        {},
        (HTTP,),
    ),
    "sse-malformed": Kind("slip in an event that is no JSON", {"after": 1}, {}, (HTTP,)),
    "sse-unknown": Kind("slip in an event of an unknown type", {"after": 1}, {}, (HTTP,)),
    "sse-untyped": Kind("slip in an event without a type", {"after": 1}, {}, (HTTP,)),
    "sse-huge": Kind(
        "slip in an event of an unknown type and `bytes` bytes",
        {"after": 1, "bytes": 1_048_576},
        {},
        (HTTP,),
    ),
}

_SOCKETS: dict[str, Kind] = {
    "socket-drop": Kind(
        "cut the connection after `after` messages, without a close frame",
        {"after": 1, "how": "close"},
        _HOW,
        (SOCKET,),
    ),
    "socket-close": Kind(
        "close after `after` messages", {"after": 1, "code": 1011, "reason": ""}, {}, (SOCKET,)
    ),
    "socket-silence": Kind(
        "send nothing after `after` messages; pings are answered", {"after": 1}, {}, (SOCKET,)
    ),
    "socket-freeze": Kind(
        "neither read nor send after `after` messages, as a peer that is half gone: no ping is "
        "answered; reset after `seconds`",
        {"after": 1, "seconds": 60.0},
        {},
        (SOCKET,),
    ),
    "socket-malformed": Kind("slip in a text that is no JSON", {"after": 1}, {}, (SOCKET,)),
    "socket-binary": Kind("slip in a binary frame", {"after": 1}, {}, (SOCKET,)),
    "socket-unknown": Kind("slip in an event of an unknown type", {"after": 1}, {}, (SOCKET,)),
    "socket-untyped": Kind("slip in an event without a type", {"after": 1}, {}, (SOCKET,)),
    "socket-stranger": Kind(
        "send one event twice, the second time for a context that nobody opened",
        {"after": 1},
        {},
        (SOCKET,),
    ),
    "socket-error": Kind(
        "slip in an error about the connection, without a context",
        {"after": 1, "code": 500},
        {},
        (SOCKET,),
    ),
    "socket-huge": Kind(
        "slip in an event of an unknown type and `bytes` bytes",
        {"after": 1, "bytes": 2_097_152},
        {},
        (SOCKET,),
    ),
    "socket-double": Kind(
        "send every event of a type (`done` by default) twice", {"type": "done"}, {}, (SOCKET,)
    ),
    "socket-late": Kind(
        "after the `done` of a context send its last chunk once more", {}, {}, (SOCKET,)
    ),
}

KINDS: dict[str, Kind] = {**_ANSWERS, **_STREAMS, **_SOCKETS}
"""Every fault, by name."""


@dataclass(frozen=True)
class Fault:
    """One fault, asked for.

    Attributes:
        name: Its kind.
        options: Every option of that kind.
    """

    name: str
    options: Mapping[str, Value]

    @property
    def kind(self) -> Kind:
        """What is known of faults like it."""
        return KINDS[self.name]

    def text(self, name: str) -> str:
        """Give an option as text: nothing when it was not given."""
        value = self.options.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> float:
        """Give an option that is a number."""
        value = self.options.get(name)
        return float(value) if isinstance(value, (int, float)) else 0.0

    def count(self, name: str) -> int:
        """Give an option that is a whole number."""
        return int(self.number(name))


def parse_faults(text: str) -> list[Fault]:
    """Read faults.

    Args:
        text: `name; option=value; ...`, several with commas between.

    Returns:
        The faults.

    Raises:
        ValueError: There is no such fault or option, or its value cannot be; the text says what
            there is.
    """
    return [_parse(part.strip()) for part in text.split(",") if part.strip()]


def _parse(text: str) -> Fault:
    name, *given = (part.strip() for part in text.split(";"))
    if name not in KINDS:
        raise ValueError(f"there is no fault {name!r}; there are {', '.join(KINDS)}")
    options = dict(KINDS[name].options)
    for part in filter(None, given):
        option, _, value = (each.strip() for each in part.partition("="))
        if option not in options:
            has = ", ".join(options) or "no options"
            raise ValueError(f"{name} has no option {option!r}; it has {has}")
        options[option] = _read(name, option, value)
    return Fault(name, options)


def _read(name: str, option: str, text: str) -> Value:
    kind = KINDS[name]
    choices = kind.choices.get(option)
    if choices is not None and text not in choices:
        raise ValueError(f"{name}; {option}={text}: it is one of {', '.join(choices)}")
    default = kind.options[option]
    if isinstance(default, str):
        return text
    try:
        number = int(text) if isinstance(default, int) else float(text)
    except ValueError:
        raise ValueError(f"{name}; {option}={text}: it is a number") from None
    if not 0 <= number < float("inf"):
        raise ValueError(f"{name}; {option}={text}: it is a number from 0 up")
    if option == "code" and number not in _CODES.get(name, _CODES["status"]):
        raise ValueError(f"{name}; {option}={text}: there is no such code")
    return number


def describe_faults() -> str:
    """Describe every fault, for people: one paragraph each, with its options."""
    lines: list[str] = []
    for name, kind in KINDS.items():
        head = "; ".join([name, *describe_options(kind)])
        lines.append(f"{head}\n{indent(fill(kind.text, 92), '    ')}")
    return "\n".join(lines)


def describe_options(kind: Kind) -> list[str]:
    """Give the options of a kind, each as `name=default` or `name=default|other|...`."""
    return [f"{option}={_shown(kind, option)}" for option in kind.options]


def _shown(kind: Kind, option: str) -> str:
    choices = kind.choices.get(option)
    value = kind.options[option]
    if choices is None:
        return "..." if value in {None, ""} else str(value)
    return "|".join(sorted(choices, key=lambda choice: choice != value))
