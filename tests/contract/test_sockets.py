"""Every message of every socket arrives whole, in both directions, sync and async."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from scripts.bundle import JSON, JSONMap
from scripts.view.document import mapping, mappings, sequence, strings, text
from scripts.view.names import identifier
from tests.contract import wire
from tests.contract.figures import figures
from tests.contract.instances import document, faults, instances
from tests.contract.operations import Called, sockets
from tests.contract.said import Call, calls, ways_to_write
from tests.contract.worlds import KEY, OTHER_THREADS, World, connected

pytestmark = pytest.mark.filterwarnings(OTHER_THREADS)

ENDS_WITHIN = 10


@pytest.fixture(scope="module", params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with connected(is_async=request.param == "async") as world:
        yield world


def vocabulary(operation: Called) -> JSONMap:
    return mapping(operation.raw.node, "x-websocket")


def messages(operation: Called, side: str) -> list[str]:
    """Give the pointers of the schemas of all messages of one side."""
    schema, pointer = document().resolve(mapping(vocabulary(operation), side))
    members = mappings(schema, "oneOf") or mappings(schema, "anyOf")
    return [text(member, "$ref").removeprefix("#") for member in members] or [pointer]


def each_message(side: str) -> list[tuple[str, str]]:
    return [
        (id_, pointer) for id_ in sorted(sockets()) for pointer in messages(sockets()[id_], side)
    ]


def reference(pointer: str) -> JSONMap:
    return {"$ref": f"#{pointer}"}


def written(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def first_example(operation: Called) -> Call:
    """Give the plainest call of the method that connects."""
    call = Call()
    for argument in operation.arguments():
        if argument.required:
            schema, _ = document().resolve(argument.schema)
            listed = document().open_values(schema) or schema
            value = next(iter(sequence(listed, "enum")), 16000)
            call.named[argument.python] = value
    return call


class Open:
    """An open connection to the recording server, closed at the end."""

    def __init__(self, world: World, operation: Called, call: Call | None = None) -> None:
        self.world = world
        call = call or first_example(operation)
        world.recorder.forget()
        method = world.method(operation, operation.raw.name)
        # As in the product, sync or not: connecting is what waits.
        manager = world.run(method, *call.last, **call.named)
        self.connection = world.run(getattr(manager, "enter"))  # noqa: B009  # of either world

    def do(self, target: object, name: str, *arguments: object, **named: object) -> object:
        """Call a method of the connection or of one of its contexts."""
        return self.world.run(getattr(target, name), *arguments, **named)

    def heard(self) -> list[str | bytes]:
        """Close, and give what the server heard."""
        self.do(self.connection, "close")
        assert self.world.recorder.ended.wait(ENDS_WITHIN), "the socket did not end"
        return list(self.world.recorder.heard)


@pytest.mark.parametrize("operation_id", sorted(sockets()))
def test_what_is_said_at_the_handshake_arrives(world: World, operation_id: str) -> None:
    operation = sockets()[operation_id]
    world.recorder.says = []

    @settings(settings.get_profile("contract"))
    @given(calls(operation))
    def check(call: Call) -> None:
        figures.count("handshakes of sockets")
        note(f"{operation_id}{call.named}")
        Open(world, operation, call).heard()
        (arrived,) = world.recorder.arrived
        got = wire.read(operation, arrived)
        assert wire.problems(operation, got) == []
        assert written(got.query) == written(call.query)
        assert call.headers.items() <= arrived.headers.items()
        assert arrived.headers["authorization"] == f"Bearer {KEY}"

    check()


@pytest.mark.parametrize(("operation_id", "pointer"), each_message("client"))
def test_a_message_to_the_server_arrives(world: World, operation_id: str, pointer: str) -> None:
    operation = sockets()[operation_id]
    is_word = vocabulary(operation).get("text") == "word"
    world.recorder.says = []
    figures.count("kinds of messages to the server, sync and async")

    @settings(settings.get_profile("contract"))
    @given(instances(reference(pointer)).flatmap(lambda made: pairs(pointer, made)))
    def check(message: tuple[JSON, object]) -> None:
        figures.count("messages sent by clients")
        made, said = message
        opened = Open(world, operation)
        opened.do(opened.connection, "send", said)
        (heard,) = opened.heard()
        assert isinstance(heard, str), "it is a text frame"
        got = heard if is_word else json.loads(heard)
        assert faults(text(mapping(vocabulary(operation), "client"), "$ref")[1:], got) == []
        assert written(got) == written(made)

    check()


def pairs(pointer: str, made: JSON) -> SearchStrategy[tuple[JSON, object]]:
    """Give a message beside the ways to write it."""
    return ways_to_write(reference(pointer), made).map(lambda said: (made, said))


@pytest.mark.parametrize(
    "operation_id", [id_ for id_ in sorted(sockets()) if "binary" in vocabulary(sockets()[id_])]
)
def test_audio_to_the_server_arrives(world: World, operation_id: str) -> None:
    world.recorder.says = []

    @settings(settings.get_profile("contract"))
    @given(st.lists(st.binary(min_size=1, max_size=2000), max_size=4))
    def check(pieces: list[bytes]) -> None:
        figures.count("pieces of audio sent by clients", len(pieces))
        opened = Open(world, sockets()[operation_id])
        for piece in pieces:
            opened.do(opened.connection, "send_raw", piece)
        assert opened.heard() == pieces

    check()


@pytest.mark.parametrize(("operation_id", "pointer"), each_message("server"))
def test_a_message_of_the_server_arrives(world: World, operation_id: str, pointer: str) -> None:
    operation = sockets()[operation_id]
    figures.count("kinds of messages of the server, sync and async")

    @settings(settings.get_profile("contract"))
    @given(st.lists(instances(reference(pointer), further=True), min_size=1, max_size=3))
    def check(made: list[JSON]) -> None:
        figures.count("messages sent by servers", len(made))
        world.recorder.says = list(map(json.dumps, made))
        opened = Open(world, operation)
        got = world.collect(opened.connection)
        opened.heard()
        assert [type(event).__name__ for event in got] == [pointer.rpartition("/")[2]] * len(made)
        assert written([as_dict(event) for event in got]) == written(made)

    check()


def as_dict(event: object) -> object:
    return event.to_dict() if hasattr(event, "to_dict") else event


WITH_CONTEXTS = [id_ for id_ in sorted(sockets()) if "context" in vocabulary(sockets()[id_])]


class Said:
    """What a caller says in one context: its settings, then its messages."""

    def __init__(self, operation: Called, draw: DrawFn) -> None:
        self.node = mapping(vocabulary(operation), "context")
        self.key = text(self.node, "key")
        schema, self.pointer = document().resolve(mapping(self.node, "request"))
        self.fields = document().properties(schema, self.pointer)
        self.per_message = strings(self.node, "per_message")
        self.id = draw(st.text(min_size=1, max_size=8))
        defaults = mapping(self.node, "defaults")
        settings_ = [wire for wire in self.fields if wire not in {*self.per_message, self.key}]
        needed = [w for w in settings_ if self.fields[w].required and w not in defaults]
        self.arguments, own = self._arguments(draw, settings_, needed)
        self.settings = {**defaults, **own}
        self.messages: list[tuple[dict[str, object], dict[str, JSON]]] = []
        for _ in range(draw(st.integers(1, 3))):
            required = [wire for wire in self.per_message if self.fields[wire].required]
            anew, said = self._arguments(draw, self.per_message, required)
            if "continue_" not in anew:
                said["continue"] = True
            self.messages.append((anew, {**self.settings, **said, self.key: self.id}))

    def _arguments(
        self, draw: DrawFn, wires: list[str], required: list[str]
    ) -> tuple[dict[str, object], dict[str, JSON]]:
        """Choose arguments, and what they say; None says that a field is left out."""
        arguments: dict[str, object] = {}
        said: dict[str, JSON] = {}
        for wire_name in wires:
            if wire_name not in required and draw(st.booleans()):
                continue
            schema = self.fields[wire_name].schema
            value = draw(instances(schema))
            name = text(schema, "x-python-name") or identifier(wire_name)
            arguments[name] = draw(ways_to_write(schema, value))
            if value is not None:
                said[wire_name] = value
        return arguments, said

    @property
    def is_final(self) -> bool:
        """Whether a message before the last one said that no more follows."""
        return any(said.get("continue") is not True for _, said in self.messages[:-1])


@pytest.mark.parametrize("operation_id", WITH_CONTEXTS)
def test_what_is_said_in_a_context_arrives(world: World, operation_id: str) -> None:
    operation = sockets()[operation_id]
    closing = mapping(mapping(vocabulary(operation), "context"), "close")
    cancelling = mapping(mapping(vocabulary(operation), "context"), "cancel")
    world.recorder.says = []

    @settings(settings.get_profile("contract"))
    @given(st.data())
    def check(data: st.DataObject) -> None:
        said = data.draw(st.composite(lambda draw: Said(operation, draw))().filter(can_be_said))
        note(f"context({said.id!r}, {said.arguments}): {[each for each, _ in said.messages]}")
        opened = Open(world, operation)
        context = opened.do(opened.connection, "context", said.id, **said.arguments)
        for anew, _ in said.messages:
            opened.do(context, "send", **anew)
        wanted: list[Mapping[str, JSON]] = [message for _, message in said.messages]
        is_open = wanted[-1].get("continue") is True
        end = data.draw(st.sampled_from(["no_more_inputs", "cancel"]))
        opened.do(context, end)
        if end == "cancel":
            wanted.append({said.key: said.id, **cancelling})
        elif is_open:
            kept = {k: v for k, v in wanted[-1].items() if k not in said.per_message}
            wanted.append({**kept, **closing})
        got = [json.loads(message) for message in opened.heard()]
        figures.count("messages sent in contexts", len(got))
        assert [written(message) for message in got] == [written(message) for message in wanted]
        for message in got:
            pointer = text(mapping(vocabulary(operation), "client"), "$ref")[1:]
            assert faults(pointer, message) == []

    check()


def can_be_said(said: Said) -> bool:
    """A context that was told that nothing follows takes nothing more."""
    return not said.is_final


@pytest.mark.parametrize("operation_id", WITH_CONTEXTS)
def test_what_the_server_says_in_a_context_arrives_there(world: World, operation_id: str) -> None:
    operation = sockets()[operation_id]
    node = mapping(vocabulary(operation), "context")
    key, ends = text(node, "key"), set(strings(node, "ends"))
    pointers = messages(operation, "server")
    going_on = [p for p in pointers if tag(p) not in ends]
    ending = [p for p in pointers if tag(p) in ends]

    @settings(settings.get_profile("contract"))
    @given(
        st.lists(st.sampled_from(going_on).flatmap(event), max_size=4),
        st.sampled_from(ending).flatmap(event),
    )
    def check(before: list[JSONMap], last: JSONMap) -> None:
        made = [{**each, key: "mine"} for each in [*before, last]]
        figures.count("messages heard in contexts", len(made))
        world.recorder.says = list(map(json.dumps, made))
        world.recorder.listens_first = True
        opened = Open(world, operation)
        context = opened.do(opened.connection, "context", "mine", voice="any")
        opened.do(context, "send", transcript="Hello.", continue_=False)
        got = world.collect(getattr(context, "receive")())  # noqa: B009  # of either world
        opened.heard()
        world.recorder.listens_first = False
        assert written([as_dict(each) for each in got]) == written(made)

    check()


def tag(pointer: str) -> str:
    """Give the type that a message calls itself."""
    kinds = document().component_properties(pointer.rpartition("/")[2])["type"]
    return str(kinds.schema["const"])


def event(pointer: str) -> SearchStrategy[JSONMap]:
    return instances(reference(pointer), further=True).map(lambda made: mapping({"it": made}, "it"))
