"""`typing.get_type_hints` evaluates whatever is annotated, as frameworks do that inject or validate."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from importlib import import_module
from typing import get_type_hints

import pytest
from attrs import fields, has
from typing_extensions import is_typeddict

import cartesia_rest.models
from cartesia import AsyncCartesia, BinaryAPIResponse, Cartesia
from cartesia_rest import sockets

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 10), reason="before, nothing evaluates the X | Y of an annotation"
)

TYPES = {name: getattr(cartesia_rest.models, name) for name in cartesia_rest.models.MODULES}
MODELS = {name: kind for name, kind in TYPES.items() if isinstance(kind, type) and has(kind)}
PARAMS = {name: kind for name, kind in TYPES.items() if is_typeddict(kind)}
CLIENTS = Cartesia(api_key="k"), AsyncCartesia(api_key="k")
SOCKETS = [
    kind
    for name in ("tts", "manual_finalize", "auto_finalize")
    for kind in vars(import_module(f"{sockets.__name__}.{name}")).values()
    if inspect.isclass(kind) and kind.__module__.startswith(sockets.__name__)
]


def functions(holder: object, path: str) -> Iterator[tuple[str, object]]:
    """Return every public function that a client, a resource or one of its prefixes offers."""
    kind = type(holder)
    for name in dir(holder):
        if name.startswith("_"):
            continue
        found = inspect.getattr_static(kind, name, None)
        if isinstance(found, cached_property):
            yield f"{path}.{name}", found.func
            yield from functions(getattr(holder, name), f"{path}.{name}")
        elif isinstance(found, property):
            yield f"{path}.{name}", found.fget
        elif callable(getattr(holder, name)):
            yield f"{path}.{name}", getattr(holder, name)


FUNCTIONS = [item for client in CLIENTS for item in functions(client, type(client).__name__)]
FUNCTIONS += [
    (f"{kind.__name__}.{name}", function)
    for kind in SOCKETS
    for name, function in vars(kind).items()
    if inspect.isfunction(function)
]


@pytest.mark.parametrize("name", MODELS)
def test_of_every_model(name: str) -> None:
    hints = get_type_hints(MODELS[name])
    assert {field.name for field in fields(MODELS[name])} <= hints.keys()


@pytest.mark.parametrize("name", PARAMS)
def test_of_every_type_of_parameters(name: str) -> None:
    assert get_type_hints(PARAMS[name]).keys() == PARAMS[name].__annotations__.keys()


@pytest.mark.parametrize(("name", "function"), FUNCTIONS, ids=[name for name, _ in FUNCTIONS])
def test_of_every_method(name: str, function: object) -> None:
    assert "return" in get_type_hints(function), name


def test_nothing_was_overlooked() -> None:
    assert len(MODELS) >= 60
    assert len(PARAMS) >= 13
    assert len(FUNCTIONS) >= 400
    assert {"Cartesia.voices.with_streaming_response.list", "AsyncCartesia.tts.bytes"} <= {
        name for name, _ in FUNCTIONS
    }


def test_the_hints_are_what_the_document_says() -> None:
    client, async_client = CLIENTS
    hints = get_type_hints(client.voices.get)
    assert hints["id"] is str
    assert hints["return"] is cartesia_rest.models.Voice
    assert get_type_hints(client.tts.generate)["return"] is BinaryAPIResponse
    assert get_type_hints(client.tts.bytes)["return"] == Iterator[bytes]
    assert get_type_hints(async_client.tts.bytes)["return"] == AsyncIterator[bytes]


def test_only_their_evaluation_loads_httpx() -> None:
    code = """
import sys, typing, cartesia
client = cartesia.Cartesia(api_key="k")
client.tts.generate, client.voices.with_raw_response.list
assert "httpx" not in sys.modules
hints = typing.get_type_hints(client.tts.generate)
import httpx
assert httpx.Timeout in typing.get_args(hints["timeout"])
"""
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  # our own code
