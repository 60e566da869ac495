"""What a caller says arrives: through the client, sync and async, to a server on the loopback."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given, note, settings

from scripts.bundle import JSON
from scripts.view.document import sequence, text
from tests.contract import wire
from tests.contract.clients import KEY, OTHER_THREADS, ConnectedClient, connected
from tests.contract.figures import figures
from tests.contract.instances import document
from tests.contract.operations import Called, examples, operations
from tests.contract.recorder import audio
from tests.contract.said import Call, calls

pytestmark = pytest.mark.filterwarnings(OTHER_THREADS)

VERSION = text(document().root["info"], "version")


@pytest.fixture(scope="module", params=["sync", "async"])
def client(request: pytest.FixtureRequest) -> Iterator[ConnectedClient]:
    with connected(is_async=request.param == "async") as client:
        yield client


def expected(operation: Called) -> JSON | bytes:
    """Return what the answer of the recording server has to become."""
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
def test_what_is_said_arrives(client: ConnectedClient, operation_id: str) -> None:
    operation = operations()[operation_id]
    figures.count("operations called, sync and async")

    @settings(settings.get_profile("contract"))
    @given(calls(operation))
    def check(call: Call) -> None:
        note(f"{operation_id}{tuple(call.last)} {call.named}")
        for name in operation.names:
            figures.count("calls made from the document")
            client.recorder.forget()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                result = client.call(client.method(operation, name), call)
            (arrived,) = client.recorder.arrived
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
