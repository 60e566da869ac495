"""Generated sockets: what they know of the document, and what their methods send."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Generator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cartesia import Cartesia, WebSocketQueueFullError
from tests.generated.support import imported, part
from tests.generated.update_golden import CASES


def case(folder: Path, name: str) -> Path:
    """Put the expected package of a golden case where it can be imported."""
    shutil.copytree(CASES / name / "expected", folder / "cartesia_rest")
    return folder


@pytest.fixture
def rest(tmp_path: Path) -> Generator[ModuleType]:
    """The package with a socket that has contexts."""
    with imported(case(tmp_path, "socket_with_contexts")) as package:
        yield package


@pytest.fixture
def sockets(rest: ModuleType) -> Any:
    """Its module."""
    return part(rest, "sockets.tts")


def spy(base: Any) -> Any:
    """Return an object of a context or connection class that notes what it would send."""

    class Spy(base):  # type: ignore[misc]
        def __init__(self) -> None:
            self.sent: list[tuple[object, ...]] = []

        def _send(self, fields: Mapping[str, object], extra_body: object) -> None:
            self.sent.append(({k: v for k, v in fields.items() if v or v is False}, extra_body))

        def _send_message(self, event: object) -> None:
            self.sent.append((event,))

        def _context(self, *arguments: object) -> object:
            return arguments

    return Spy()


def test_the_vocabulary_says_what_the_document_says(rest: ModuleType, sockets: Any) -> None:
    known = sockets.SPEC
    assert known.key == "context_id"
    assert known.ends == ("done",)
    assert known.cancel == {"cancel": True}
    assert known.close == {"transcript": "", "continue": False}
    assert known.per_message == {"transcript", "continue"}
    assert known.defaults == {"model_id": "newest"}
    assert known.required == {"model_id", "voice"}
    assert isinstance(known.parse({"data": "x"}), part(rest, "models").Chunk)


def test_messages_carry_what_was_said_and_go_on_unless_told_otherwise(sockets: Any) -> None:
    context = spy(sockets.TTSContext)
    context.push("Hello, ", speed=2.0)
    context.send(transcript="world.", continue_=False, voice="v1", extra_body={"more": 1})
    assert context.sent == [
        ({"transcript": "Hello, ", "continue": True, "speed": 2.0}, None),
        ({"transcript": "world.", "continue": False, "voice": {"id": "v1"}}, {"more": 1}),
    ]


def test_settings_of_a_context_are_named(sockets: Any) -> None:
    connection = spy(sockets.TTSConnection)
    factory, name, timeout, settings = connection.context("c1", timeout=5, voice="v1", speed=1.5)
    assert (factory, name, timeout) == (sockets.TTSContext, "c1", 5)
    assert {k: v for k, v in settings.items() if v} == {"voice": {"id": "v1"}, "speed": 1.5}


def test_a_message_as_it_is_may_use_the_shorthand(rest: ModuleType, sockets: Any) -> None:
    connection = spy(sockets.TTSConnection)
    cancel = part(rest, "models").Cancel(context_id="c1")
    for message in ({"voice": "v1", "a": 1}, {"voice": {"id": "v2"}}, {"a": 1}, cancel):
        connection.send(message)
    assert connection.sent == [
        ({"voice": {"id": "v1"}, "a": 1},),
        ({"voice": {"id": "v2"}},),
        ({"a": 1},),
        (cancel,),
    ]


def test_a_socket_of_commands_has_no_contexts(tmp_path: Path) -> None:
    with imported(case(tmp_path, "socket_of_commands")) as package:
        module = part(package, "sockets.stt_manual_finalize")
        known = module.SPEC
        assert (known.key, known.binary) == (None, True)
        assert known.words == ("finalize", "close")
        assert (known.finish, known.ends) == ("close", ("done",))
        assert not hasattr(module.STTManualFinalizeConnection, "context")
        connection = spy(module.STTManualFinalizeConnection)
        connection.send("finalize")
        assert connection.sent == [("finalize",)]


def test_a_socket_of_commands_says_how_to_connect_again(tmp_path: Path) -> None:
    with imported(case(tmp_path, "socket_of_commands")) as package:
        resource = part(package, "resources.stt_manual_finalize").STTManualFinalizeResource
        taken = inspect.signature(resource.websocket).parameters
        assert {name: taken[name].default for name in list(taken)[-6:]} == {
            "on_reconnecting": None,
            "max_retries": 5,
            "initial_delay": 0.5,
            "max_delay": 8.0,
            "max_queue_size": 1_048_576,
            "resend_unfinalized": True,
        }
        with Cartesia(api_key="k") as client:
            manager = resource(client._requester).websocket(model="m", max_queue_size=7)
            manager.send("close")
            with pytest.raises(WebSocketQueueFullError):
                manager.send("finalize")
        with Cartesia(api_key="k") as client, pytest.raises(ValueError, match="max_delay"):
            resource(client._requester).websocket(model="m", max_delay=-1)


def test_a_whole_context_in_one_call_takes_what_must_be_said(rest: ModuleType) -> None:
    resource = part(rest, "resources.tts").TTSResource
    taken = inspect.signature(resource.speak).parameters
    needed = [name for name, one in taken.items() if one.default is inspect.Parameter.empty]
    assert needed == ["self", "transcript", "voice"]  # the model is assumed
    assert "continue_" not in taken
    assert taken["transcript"].annotation == "str | Iterable[str | None]"
    with Cartesia(api_key="k") as client:
        stream = resource(client._requester).speak(transcript="Hi.", voice="v1", context_id="c")
        assert stream.context_id is None  # nothing was opened
