"""Calls made from the document by hypothesis: the arguments, and what they say on the wire."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from cartesia._runtime.model import fields_of
from scripts.bundle import JSON, JSONMap
from scripts.view.document import mapping, text
from tests.contract.dates import package
from tests.contract.instances import document, excludes_itself, instances
from tests.contract.operations import Argument, Called
from tests.contract.recorder import File

_MODELS = package("cartesia_rest.models")
_TOKEN = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
_FILE_NAMES = st.text("abcdefghijklmnopqrstuvwxyz ._-äß語", min_size=1, max_size=12)


@dataclass
class Call:
    """One call: what the caller writes, and what has to arrive."""

    last: list[object] = field(default_factory=list)
    """The positional argument, where there is one."""
    named: dict[str, object] = field(default_factory=dict)
    path: dict[str, JSON] = field(default_factory=dict)
    query: dict[str, JSON] = field(default_factory=dict)
    body: dict[str, JSON] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def place(self, name: str) -> dict[str, JSON]:
        """Return what is said in one place."""
        return {"path": self.path, "query": self.query}.get(name, self.body)


@st.composite
def calls(draw: DrawFn, operation: Called) -> Call:
    """Make a call of an operation: required arguments always, others at times."""
    call = Call()
    arguments = list(operation.arguments())
    exclusive = document().exclusive_fields(document().body_schema(operation.raw)[0])
    positional = [argument for argument in arguments if argument.place == "path"][-1:]
    for argument in arguments:
        if not argument.required and draw(st.booleans()):
            continue
        if argument.wire in exclusive and excludes_itself(
            exclusive, {**call.body, argument.wire: 1}
        ):
            continue
        value = _say(draw, argument, call)
        if argument in positional:
            call.last.append(value)
        else:
            call.named[argument.python] = value
    _say_more(draw, operation, call)
    return call


def _say(draw: DrawFn, argument: Argument, call: Call) -> object:
    """Choose a value for an argument, note what has to arrive, and give it as a caller writes it."""
    if argument.place == "file":
        return _file(draw, argument, call)
    is_text = argument.place != "json"
    if is_text and not argument.required and draw(st.integers(0, 4)) == 0:
        return None  # not sent
    value = draw(_values(argument))
    # What travels as text has no way to say an empty list.
    if not is_text or value != []:
        call.place(argument.place)[argument.wire] = value
    return draw(ways_to_write(argument.schema, value))


def _values(argument: Argument) -> SearchStrategy[JSON]:
    made = instances(argument.schema)
    # A client refuses a path that would be another one without asking the server.
    return made.filter(lambda it: str(it).strip(".") != "") if argument.place == "path" else made


def ways_to_write(schema: JSONMap, value: JSON) -> SearchStrategy[object]:
    """Return the ways in which a caller may write a value: as it is, as a model, as a shorthand."""
    ways: list[SearchStrategy[object]] = [st.just(value)]
    node, pointer = document().resolve(schema)
    name = pointer.rpartition("/")[2]
    if isinstance(value, str) and node.get("format") == "date-time":
        ways.append(st.builds(datetime.fromisoformat, st.just(value)))
    if isinstance(value, str) and node.get("format") == "date":
        ways.append(st.builds(date.fromisoformat, st.just(value)))
    if isinstance(value, Mapping) and "properties" in node:
        model = getattr(_MODELS, name)
        if set(value) <= {field.key for field in fields_of(model)}:
            ways.append(st.builds(model.from_dict, st.just(value)))
        if shorthand := text(node, "x-shorthand"):
            ways.append(st.just(value[shorthand]))
    if isinstance(value, list) and "items" in node:
        ways.append(st.tuples(*(ways_to_write(mapping(node, "items"), item) for item in value)))
    return st.one_of(ways)


def _file(draw: DrawFn, argument: Argument, call: Call) -> object:
    content = draw(st.binary(max_size=300))
    name, kind = draw(_FILE_NAMES), draw(st.sampled_from(["audio/wav", "audio/mpeg"]))
    ways: list[tuple[Callable[[], object], str, str]] = [
        (lambda: content, "upload", ""),
        (lambda: io.BytesIO(content), "upload", ""),
        (lambda: (name, content), name, ""),
        (lambda: (name, io.BytesIO(content), kind), name, kind),
    ]
    make, sent_name, sent_kind = draw(st.sampled_from(ways))
    call.files[argument.wire] = File(sent_name, content, sent_kind)
    return make()


def _say_more(draw: DrawFn, operation: Called, call: Call) -> None:
    """Say at times what the document does not know, as the `extra_` arguments allow."""
    if draw(st.booleans()):
        call.headers["x-said"] = draw(_TOKEN)
        call.named["extra_headers"] = dict(call.headers)
    if draw(st.booleans()):
        call.query["new_parameter"] = further = draw(_TOKEN)
        call.named["extra_query"] = {"new_parameter": further}
    if operation.media and draw(st.booleans()):
        call.body["new_field"] = further = draw(_TOKEN)
        call.named["extra_body"] = {"new_field": further}
