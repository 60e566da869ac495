"""Every argument of every method: what is of the wrong type is refused by name, unsent."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from cartesia import AsyncCartesia, CartesiaError
from tests.faults._async.calls import RAW, connect
from tests.faults.page import Caller
from tests.runtime.server import answer, serve

pytestmark = pytest.mark.anyio

GROUP = "Bad input"
# Those that do nothing before they are entered have tests of their own.
_LATER = ("bytes", "websocket")
_LATER_RESULTS = ("ConnectionManager", "SpeechStream")
_RIGHT: dict[str, object] = {
    "clip": b"RIFF",
    "file": b"RIFF",
    "left_audio": b"RIFF",
    "right_audio": b"RIFF",
    "output_format": RAW,
}

Method = Callable[..., Any]  # of the generated resources: what each takes is looked up


def vars_of(kind: type) -> Iterator[tuple[str, Any]]:
    """Return what a class and its bases hold, without asking properties."""
    for base in kind.__mro__:
        yield from vars(base).items()


def is_later(name: str, method: Method) -> bool:
    """Return whether a method does nothing before its result is entered."""
    result = str(inspect.signature(method).return_annotation)
    return name in _LATER or any(kind in result for kind in _LATER_RESULTS)


def methods(resource: object, name: str = "") -> Iterator[tuple[str, Method]]:
    """Return every method that sends something, by its name."""
    for part, found in vars_of(type(resource)):
        if part.startswith(("_", "with_")):
            continue
        if inspect.isfunction(found):
            if found.__module__.startswith("cartesia_rest") and not is_later(part, found):
                yield f"{name}{part}", getattr(resource, part)
        elif hasattr(found, "func") and found.func.__module__.startswith("cartesia_rest"):
            yield from methods(getattr(resource, part), f"{name}{part}.")


def right(name: str, annotation: str) -> object:
    """Return a value that is not refused."""
    if name in _RIGHT:
        return _RIGHT[name]
    kinds: dict[str, object] = {"Sequence": [], "Param": {}, "float": 1.0, "int": 1, "bool": True}
    return next((value for kind, value in kinds.items() if kind in annotation), "x")


def wrong(annotation: str) -> list[object]:
    """Return values that are refused, whatever the argument means."""
    found: list[object] = [object()]
    plain = annotation.replace(" | Omit", "").replace(" | None", "")
    by_kind: dict[str, list[object]] = {
        "str": [5, b"bytes", ["list"]],
        "int": ["5", 1.5, True, {}],
        "float": ["5", True, {}],
        "bool": ["yes", {}, []],
        "FileTypes": [5, "path", []],
    }
    return found + by_kind.get(plain, [])


async def settle(result: object) -> None:
    """Let a call come to its end; a list in pages is asked for its first."""
    if True:  # ASYNC
        if isinstance(result, Awaitable):
            await result


async def refusal(method: Method, arguments: dict[str, object]) -> str:
    try:
        await settle(method(**arguments))
    except (TypeError, ValueError) as error:
        return str(error)
    except CartesiaError:
        return f"nothing: {arguments} was sent"
    return f"nothing: {arguments} was taken"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # older names are methods, too
@pytest.mark.timeout(300)
@pytest.mark.fault(GROUP, "Any argument of any method is of the wrong type")
async def test_every_argument(caller: Caller) -> None:
    tried = 0
    with serve(answer(b"{}")) as server:
        async with connect(server.url) as client:
            for called, method in methods(client):
                parameters = inspect.signature(method).parameters.values()
                needed = {
                    each.name: right(each.name, each.annotation)
                    for each in parameters
                    if each.default is inspect.Parameter.empty
                }
                for each in parameters:
                    for value in wrong(each.annotation):
                        tried += 1
                        said = await refusal(method, {**needed, each.name: value})
                        last = each.name.rpartition("_")[2]
                        assert f"`{each.name}" in said or f"{last}]`" in said, (called, said)
    assert not server.requests
    assert tried > 750
    caller.sees("`TypeError` or `ValueError`, naming the argument")


def test_the_methods_are_found() -> None:
    names = {name for name, _ in methods(AsyncCartesia(api_key="k"))}
    assert {"tts.generate", "tts.generate_sse", "stt.transcribe", "voices.clone"} <= names
    assert "agents.calls.download_audio" in names
