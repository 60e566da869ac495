"""What a caller says arrives: through the client, sync and async, to a server on the loopback."""

from __future__ import annotations

import inspect
import json
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import given, note, settings

from cartesia import (
    AsyncBinaryAPIResponse,
    AsyncCartesia,
    AsyncCursorIDPage,
    AsyncStream,
    BinaryAPIResponse,
    Cartesia,
    Stream,
    SyncCursorIDPage,
)
from cartesia._core.model import Model
from scripts.bundle import JSON
from scripts.view.document import sequence, text
from tests.contract import wire
from tests.contract.figures import figures
from tests.contract.instances import document
from tests.contract.operations import Called, examples, operations
from tests.contract.recorder import Recorder, audio, recording
from tests.contract.said import Call, calls

KEY = "sk_car_contract"
VERSION = text(document().root["info"], "version")


class World(NamedTuple):
    """One of the two clients, connected to the recording server."""

    client: Cartesia | AsyncCartesia
    recorder: Recorder
    portal: BlockingPortal

    def method(self, operation: Called, name: str) -> Callable[..., object]:
        """Find the method of an operation by one of its names."""
        found: object = self.client
        for part in operation.raw.tag.split("."):
            found = found if part == "client" else getattr(found, part)
        method: Callable[..., object] = getattr(found, name)
        return method

    def call(self, method: Callable[..., object], call: Call) -> object:
        """Make a call and read all of its answer."""
        if isinstance(self.client, Cartesia):
            return _whole(method(*call.last, **call.named))
        return self.portal.call(_awaited, method, call)


def _whole(result: object) -> object:
    """Read what a method of the sync client gave."""
    if isinstance(result, BinaryAPIResponse):
        return result.read()
    if isinstance(result, Stream):
        with result:
            return [_plain(event) for event in result]
    return _plain(result.data if isinstance(result, SyncCursorIDPage) else result)


async def _awaited(method: Callable[..., object], call: Call) -> object:
    """Call a method of the async client, and read what it gave."""
    result = method(*call.last, **call.named)
    assert inspect.isawaitable(result), "an async method gives something to wait for"
    result = await result
    if isinstance(result, AsyncBinaryAPIResponse):
        return await result.read()
    if isinstance(result, AsyncStream):
        async with result:
            return [_plain(event) async for event in result]
    return _plain(result.data if isinstance(result, AsyncCursorIDPage) else result)


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.to_dict() if isinstance(value, Model) else value


@pytest.fixture(scope="module", params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with recording() as (recorder, url), start_blocking_portal() as portal:
        if request.param == "sync":
            with Cartesia(api_key=KEY, base_url=url, max_retries=0) as client:
                yield World(client, recorder, portal)
        else:
            async_client = AsyncCartesia(api_key=KEY, base_url=url, max_retries=0)
            yield World(async_client, recorder, portal)
            portal.call(async_client.close)


def expected(operation: Called) -> JSON | bytes:
    """Give what the answer of the recording server has to become."""
    _, content = operation.answer
    for kind, media in content.items():
        if kind.startswith("audio/"):
            return audio()
        shown = examples(media)
        if kind == "text/event-stream":
            return shown
        if "x-pagination" in operation.raw.node:
            return list(sequence(shown[0], "data"))
        return shown[0]
    return None


def comparable(said: dict[str, JSON]) -> str:
    """Write what is said so that moments compare as moments, and 1, 1.0 and true differ."""
    return json.dumps({wire: _moment(value) for wire, value in said.items()}, sort_keys=True)


def _moment(value: JSON) -> JSON:
    try:
        return datetime.fromisoformat(str(value)).isoformat() if "T" in str(value) else value
    except ValueError:
        return value


@pytest.mark.parametrize("operation_id", sorted(operations()))
def test_what_is_said_arrives(world: World, operation_id: str) -> None:
    operation = operations()[operation_id]
    figures.count("operations called, sync and async")

    @settings(settings.get_profile("contract"))
    @given(calls(operation))
    def check(call: Call) -> None:
        note(f"{operation_id}{tuple(call.last)} {call.named}")
        for name in operation.names:
            figures.count("calls made from the document")
            world.recorder.arrived.clear()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                result = world.call(world.method(operation, name), call)
            (arrived,) = world.recorder.arrived
            got = wire.read(operation, arrived)
            assert arrived.method == operation.raw.method.upper()
            assert wire.problems(operation, got) == []
            assert comparable(got.path) == comparable(call.path)
            assert comparable(got.query) == comparable(call.query)
            assert comparable(got.body) == comparable(call.body)
            assert_same_files(call, got)
            assert call.headers.items() <= arrived.headers.items()
            assert arrived.headers["authorization"] == f"Bearer {KEY}"
            assert arrived.headers["cartesia-version"] == VERSION
            assert arrived.headers["accept"] in {*operation.answer[1], "*/*"}
            assert result == expected(operation)

    check()


def assert_same_files(call: Call, got: Call) -> None:
    assert got.files.keys() == call.files.keys()
    for name, file in call.files.items():
        assert got.files[name].name == file.name
        assert got.files[name].content == file.content
        assert file.content_type in {"", got.files[name].content_type}


def test_all_operations_are_called() -> None:
    assert len(operations()) == sum(
        "x-websocket" not in operation.node for operation in document().operations
    )
