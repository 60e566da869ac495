"""Every message of every socket arrives whole, in both directions, sync and async."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from typing import NamedTuple

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from cartesia import CartesiaError
from scripts.bundle import JSON, JSONMap
from scripts.view.document import mapping, mappings, sequence, strings, text
from scripts.view.python_names import identifier
from tests.contract import wire
from tests.contract.clients import KEY, OTHER_THREADS, ConnectedClient, connected
from tests.contract.figures import figures
from tests.contract.instances import document, excludes_itself, faults, instances
from tests.contract.operations import Called, sockets
from tests.contract.said import Call, calls, ways_to_write

pytestmark = pytest.mark.filterwarnings(OTHER_THREADS)

ENDS_WITHIN = 10


@pytest.fixture(scope="module", params=["sync", "async"])
def client(request: pytest.FixtureRequest) -> Iterator[ConnectedClient]:
    with connected(is_async=request.param == "async") as client:
        yield client


def vocabulary(operation: Called) -> JSONMap:
    return mapping(operation.raw.node, "x-websocket")


def messages(operation: Called, side: str) -> list[str]:
    """Return the pointers of the schemas of all messages of one side."""
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
    """Return the plainest call of the method that connects."""
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

    def __init__(
        self, client: ConnectedClient, operation: Called, call: Call | None = None
    ) -> None:
        self.client = client
        call = call or first_example(operation)
        client.recorder.forget()
        method = client.method(operation, operation.raw.name)
        # As in the product, sync or not: connecting is what waits.
        manager = client.run(method, *call.last, **call.named)
        self.connection = client.run(getattr(manager, "enter"))  # noqa: B009  # of either client

    def do(self, target: object, name: str, *arguments: object, **named: object) -> object:
        """Call a method of the connection or of one of its contexts."""
        return self.client.run(getattr(target, name), *arguments, **named)

    def heard(self) -> list[str | bytes]:
        """Close, and give what the server heard."""
        self.do(self.connection, "close")
        assert self.client.recorder.ended.wait(ENDS_WITHIN), "the socket did not end"
        return list(self.client.recorder.heard)


@pytest.mark.parametrize("operation_id", sorted(sockets()))
def test_what_is_said_at_the_handshake_arrives(client: ConnectedClient, operation_id: str) -> None:
    operation = sockets()[operation_id]
    client.recorder.says = []

    @settings(settings.get_profile("contract"))
    @given(calls(operation))
    def check(call: Call) -> None:
        figures.count("handshakes of sockets")
        note(f"{operation_id}{call.named}")
        Open(client, operation, call).heard()
        (arrived,) = client.recorder.arrived
        got = wire.read(operation, arrived)
        assert wire.problems(operation, got) == []
        assert written(got.query) == written(call.query)
        assert call.headers.items() <= arrived.headers.items()
        assert arrived.headers["authorization"] == f"Bearer {KEY}"

    check()


@pytest.mark.parametrize(("operation_id", "pointer"), each_message("client"))
def test_a_message_to_the_server_arrives(
    client: ConnectedClient, operation_id: str, pointer: str
) -> None:
    operation = sockets()[operation_id]
    is_word = vocabulary(operation).get("text") == "word"
    client.recorder.says = []
    figures.count("kinds of messages to the server, sync and async")

    @settings(settings.get_profile("contract"))
    @given(instances(reference(pointer)).flatmap(lambda made: pairs(pointer, made)))
    def check(message: tuple[JSON, object]) -> None:
        figures.count("messages sent by clients")
        made, said = message
        opened = Open(client, operation)
        opened.do(opened.connection, "send", said)
        (heard,) = opened.heard()
        assert isinstance(heard, str), "it is a text frame"
        got = heard if is_word else json.loads(heard)
        assert faults(text(mapping(vocabulary(operation), "client"), "$ref")[1:], got) == []
        assert written(got) == written(made)

    check()


def pairs(pointer: str, made: JSON) -> SearchStrategy[tuple[JSON, object]]:
    """Return a message beside the ways to write it."""
    return ways_to_write(reference(pointer), made).map(lambda said: (made, said))


@pytest.mark.parametrize(
    "operation_id", [id_ for id_ in sorted(sockets()) if "binary" in vocabulary(sockets()[id_])]
)
def test_audio_to_the_server_arrives(client: ConnectedClient, operation_id: str) -> None:
    client.recorder.says = []

    @settings(settings.get_profile("contract"))
    @given(st.lists(st.binary(min_size=1, max_size=2000), max_size=4))
    def check(pieces: list[bytes]) -> None:
        figures.count("pieces of audio sent by clients", len(pieces))
        opened = Open(client, sockets()[operation_id])
        for piece in pieces:
            opened.do(opened.connection, "send_raw", piece)
        assert opened.heard() == pieces

    check()


@pytest.mark.parametrize(("operation_id", "pointer"), each_message("server"))
def test_a_message_of_the_server_arrives(
    client: ConnectedClient, operation_id: str, pointer: str
) -> None:
    operation = sockets()[operation_id]
    figures.count("kinds of messages of the server, sync and async")

    @settings(settings.get_profile("contract"))
    @given(st.lists(instances(reference(pointer), further=True), min_size=1, max_size=3))
    def check(made: list[JSON]) -> None:
        figures.count("messages sent by servers", len(made))
        client.recorder.says = list(map(json.dumps, made))
        opened = Open(client, operation)
        is_conversation = "context" not in vocabulary(operation)
        got = collected(client, opened.connection, made[-1] if is_conversation else None)
        opened.heard()
        assert [type(event).__name__ for event in got] == [pointer.rpartition("/")[2]] * len(made)
        assert written([as_dict(event) for event in got]) == written(made)

    check()


def collected(client: ConnectedClient, events: object, last: JSON) -> list[object]:
    """Take all events; an error that is the last one is handed over, and raised past it."""
    got: list[object] = []
    is_error = isinstance(last, Mapping) and last["type"] == "error"
    with pytest.raises(CartesiaError) if is_error else nullcontext():
        client.collect(events, got)
    return got


def as_dict(event: object) -> object:
    return event.to_dict() if hasattr(event, "to_dict") else event


WITH_CONTEXTS = [id_ for id_ in sorted(sockets()) if "context" in vocabulary(sockets()[id_])]


class Message(NamedTuple):
    """A message of a context: how it is said, and what has to arrive."""

    method: str
    lead: list[object]
    arguments: dict[str, object]
    wanted: dict[str, JSON]


class Said:
    """What a caller says in one context: its settings, then its messages, then that it is enough."""

    def __init__(self, operation: Called, draw: DrawFn) -> None:
        self.draw = draw
        node = mapping(vocabulary(operation), "context")
        self.key, self.closing = text(node, "key"), mapping(node, "close")
        self.cancelling = mapping(node, "cancel")
        schema, pointer = document().resolve(mapping(node, "request"))
        self.fields = document().properties(schema, pointer)
        self.per_message = strings(node, "per_message")
        self.settings = [w for w in self.fields if w not in {*self.per_message, self.key}]
        self.id = draw(st.text(min_size=1, max_size=8))
        defaults = mapping(node, "defaults")
        needed = [w for w in self.settings if self.fields[w].required and w not in defaults]
        self.exclusive = document().exclusive_fields(schema)
        self.context_said: dict[str, JSON] = {}
        self.arguments, own = self._say(self.settings, needed)
        self.context_said = own
        current = {**defaults, **own}
        last = draw(st.integers(0, 2))
        self.messages: list[Message] = []
        for index in range(last + 1):
            message = self._message(current, is_last=index == last)
            self.messages.append(message)
            # The settings of the first message are those of the context.
            if index == 0:
                current = self.context_said = self._settings_of(message.wanted)

    def end(self, how: str) -> list[dict[str, JSON]]:
        """Return what has to arrive when the caller ends the context."""
        if how == "cancel":
            return [{self.key: self.id, **self.cancelling}]
        last = self.messages[-1].wanted
        is_open = all(last.get(wire) is on for wire, on in self._going_on().items())
        return [{**self._settings_of(last), **self.closing}] if is_open else []

    def _message(self, current: Mapping[str, JSON], *, is_last: bool) -> Message:
        """Choose a message: what it says anew, and at times settings and fields of its own."""
        required = [wire for wire in self.per_message if self.fields[wire].required]
        arguments, said = self._say(self.per_message, required)
        for wire_name, on in self._going_on().items():
            if not is_last or self._name(wire_name) not in arguments:
                arguments.pop(self._name(wire_name), None)
                said[wire_name] = on
        own, own_said = self._say(self.draw(st.lists(st.sampled_from(self.settings))), [])
        extra = self.draw(st.dictionaries(st.sampled_from(["new_a", "new_b"]), st.integers(0, 9)))
        wanted = {**current, **said, **own_said, **extra, self.key: self.id}
        if extra:
            own["extra_body"] = extra
        method = self.draw(st.sampled_from(["send", "push"]))
        lead = [arguments.pop(self._name(wire)) for wire in required] if method == "push" else []
        arrives: dict[str, JSON] = {
            wire: value for wire, value in wanted.items() if value is not None
        }
        return Message(method, lead, {**arguments, **own}, arrives)

    def _say(
        self, wires: list[str], required: list[str]
    ) -> tuple[dict[str, object], dict[str, JSON]]:
        """Choose arguments, and what they say; None says that a field is left out."""
        arguments: dict[str, object] = {}
        said: dict[str, JSON] = {}
        for wire_name in wires:
            if wire_name not in required and self.draw(st.booleans()):
                continue
            if self._is_excluded(wire_name, said):
                continue
            schema = self.fields[wire_name].schema
            said[wire_name] = self.draw(instances(schema))
            written_as = ways_to_write(schema, said[wire_name])
            arguments[self._name(wire_name)] = self.draw(written_as)
        return arguments, said

    def _is_excluded(self, wire_name: str, said: Mapping[str, JSON]) -> bool:
        """Whether another field that was said, here or for the context, excludes this one."""
        others = {**self.context_said, **said}
        return wire_name in self.exclusive and excludes_itself(
            self.exclusive, {**others, wire_name: 1}
        )

    def _going_on(self) -> dict[str, bool]:
        """Return the fields that say that more follows: the opposite of what closes."""
        return {wire: not off for wire, off in self.closing.items() if isinstance(off, bool)}

    def _settings_of(self, message: Mapping[str, JSON]) -> dict[str, JSON]:
        return {wire: said for wire, said in message.items() if wire not in self.per_message}

    def _name(self, wire_name: str) -> str:
        schema = self.fields[wire_name].schema
        return text(schema, "x-python-name") or identifier(wire_name)


@pytest.mark.parametrize("operation_id", WITH_CONTEXTS)
def test_what_is_said_in_a_context_arrives(client: ConnectedClient, operation_id: str) -> None:
    operation = sockets()[operation_id]
    schema = text(mapping(vocabulary(operation), "client"), "$ref")[1:]
    client.recorder.says = []

    @settings(settings.get_profile("contract"))
    @given(st.data())
    def check(data: st.DataObject) -> None:
        said = data.draw(st.composite(lambda draw: Said(operation, draw))())
        note(f"context({said.id!r}, {said.arguments}): {said.messages}")
        opened = Open(client, operation)
        context = opened.do(opened.connection, "context", said.id, **said.arguments)
        for message in said.messages:
            opened.do(context, message.method, *message.lead, **message.arguments)
        how = data.draw(st.sampled_from(["no_more_inputs", "cancel"]))
        opened.do(context, how)
        wanted = [*(message.wanted for message in said.messages), *said.end(how)]
        got = [json.loads(message) for message in opened.heard()]
        figures.count("messages sent in contexts", len(got))
        assert list(map(written, got)) == list(map(written, wanted))
        assert [fault for message in got for fault in faults(schema, message)] == []

    check()


@pytest.mark.parametrize("operation_id", WITH_CONTEXTS)
def test_what_the_server_says_in_a_context_arrives_there(
    client: ConnectedClient, operation_id: str
) -> None:
    operation = sockets()[operation_id]
    node = mapping(vocabulary(operation), "context")
    key, ends = text(node, "key"), set(strings(node, "ends"))
    arguments, said = example_of_a_context(node)
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
        client.recorder.says = list(map(json.dumps, made))
        client.recorder.listens_first = True
        opened = Open(client, operation)
        context = opened.do(opened.connection, "context", "mine", **arguments)
        opened.do(context, "send", **said)
        got = collected(client, getattr(context, "receive")(), last)  # noqa: B009  # of either client
        opened.heard()
        client.recorder.listens_first = False
        assert written([as_dict(each) for each in got]) == written(made)

    check()


def example_of_a_context(node: JSONMap) -> tuple[dict[str, JSON], dict[str, JSON]]:
    """Return the settings of a context and its one message, as the example of the request has them."""
    schema, pointer = document().resolve(mapping(node, "request"))
    fields = document().properties(schema, pointer)
    closing = {wire: value for wire, value in mapping(node, "close").items() if value != ""}
    shown = {**mapping({"it": sequence(schema, "examples")[0]}, "it"), **closing}
    settings_, message = dict[str, JSON](), dict[str, JSON]()
    for wire_name, value in shown.items():
        name = text(fields[wire_name].schema, "x-python-name") or identifier(wire_name)
        if wire_name in strings(node, "per_message"):
            message[name] = value
        elif wire_name != text(node, "key"):
            settings_[name] = value
    return settings_, message


def tag(pointer: str) -> str:
    """Return the type that a message calls itself."""
    kinds = document().component_properties(pointer.rpartition("/")[2])["type"]
    return str(kinds.schema["const"])


def event(pointer: str) -> SearchStrategy[JSONMap]:
    return instances(reference(pointer), further=True).map(lambda made: mapping({"it": made}, "it"))
