"""What schemathesis has to be told beside the document: hooks and a check of our own.

A request can be valid by its schema and make no sense all the same: a text of punctuation, a file
that is not audio, a dialect of another language. The document says such things in words, so the hook
below mends them in requests that are meant to be good. Requests that are meant to be bad stay as
they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, MutableMapping
from typing import Any

import schemathesis
from schemathesis import Case, GenerationMode, HookContext, Response
from schemathesis.checks import CheckContext
from schemathesis.transport.serialization import Binary

from cartesia_mock.storage.accents import accents
from scripts.bundle import JSON, JSONMap
from scripts.view.document import mapping, sequence, text
from tests.contract.instances import document, faults
from tests.contract.operations import Called, operations
from tests.contract.recorder import audio

STREAM = "text/event-stream"
DIALECTS = {
    "en": {"au", "in", "so", "uk", "us"},
    "es": {"mx", "pe"},
    "pt": {"br", "eu"},
    "fr": {"eu", "ca"},
}
"""The dialects that each language has; the schema lists them all together."""

VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
"""A voice of the catalogue, as in the examples of the document."""

NEWEST = "sonic-3.6"
"""A model that speaks the locales of regions."""

ACCENTS = frozenset(accents())
"""The ids of accents, which dates before 2026-08-14 do not have."""

# A body or a query of schemathesis: a mapping of anything.
Fields = MutableMapping[str, Any]


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Keep to what HTTP can ask, and to what schemathesis reads of event streams.

    Its event is the frame of a stream, that of the document what `data` holds: the check below
    holds streams to the document.
    """
    for path, item in list(raw_schema["paths"].items()):
        for method, operation in list(item.items()):
            if "x-websocket" in operation:
                del item[method]
            elif method != "parameters":
                for response in operation["responses"].values():
                    response.get("content", {}).get(STREAM, {}).pop("schema", None)
        if not item.keys() - {"parameters"}:
            del raw_schema["paths"][path]


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Make sense of a request that is meant to be good."""
    meta = case.meta
    if meta is None or meta.generation.mode is not GenerationMode.POSITIVE:
        return
    operation = operations()[str(case.operation.definition.raw["operationId"])]
    if isinstance(case.body, dict):
        mend_body(operation, case.body)
    for argument in operation.arguments():
        if argument.place == "query" and argument.wire in case.query:
            case.query[argument.wire] = known(argument.schema, case.query[argument.wire])
    # Cursors are ids of items of the list, which no schema can know.
    for cursor in ("starting_after", "ending_before"):
        case.query.pop(cursor, None)
    # It stays meant to be good. Judged anew it would not be: a file is not text to schemathesis.
    case._sync_validated_hashes()


@schemathesis.hook
def filter_case(context: HookContext, case: Case[Any]) -> bool:
    """Leave out forms that are meant to be bad because a text is none: in a form, all is text."""
    operation = operations().get(str(case.operation.definition.raw["operationId"]))
    meta = case.meta
    if operation is None or meta is None or not isinstance(case.body, dict):
        return True
    if meta.generation.mode is GenerationMode.POSITIVE:
        return True
    texts = {
        argument.wire
        for argument in operation.arguments()
        if argument.place == "form"
        and document().resolve(argument.schema)[0].get("type") == "string"
    }
    # A null is an empty text in a form.
    return not any(isinstance(case.body.get(name, ""), bool | int | float | None) for name in texts)


def mend_body(operation: Called, body: Fields) -> None:
    """Make sense of the body of a request."""
    for argument in operation.arguments():
        if argument.wire in body and argument.place == "file":
            body[argument.wire] = Binary(audio())
        elif argument.wire in body and argument.place in {"json", "form"}:
            body[argument.wire] = known(argument.schema, body[argument.wire])
    for mend in (uses_a_voice, *MENDS.get(operation.id, [])):
        mend(body)


def known(schema: JSONMap, value: Any) -> Any:
    """Keep to the values that are known today, where more may come."""
    node, _ = document().resolve(schema)
    for member in [node, *sequence(node, "anyOf")]:
        listed = document().open_values(document().resolve(mapping({"it": member}, "it"))[0])
        if listed is not None and value is not None and value not in sequence(listed, "enum"):
            return sequence(listed, "enum")[0]
    return value


def says_something(body: Fields) -> None:
    """Have a letter to speak."""
    if not any(character.isalnum() for character in str(body.get("transcript"))):
        body["transcript"] = "Hello."


def uses_a_voice(body: Fields) -> None:
    """Name a voice that there is, in place of one that might be."""
    voice = body.get("voice")
    if isinstance(voice, dict):
        voice["id"] = VOICE
    elif isinstance(voice, str):
        body["voice"] = VOICE
    for name in {"voice_id", "voice[id]", "base_voice_id", "tts_voice"} & body.keys():
        body[name] = VOICE


def has_a_clip(body: Fields) -> None:
    """Have one clip at least."""
    if not {"left_audio", "right_audio"} & body.keys():
        body["left_audio"] = Binary(audio())


def speaks_its_own_dialect(body: Fields) -> None:
    """Have no dialect of another language."""
    if body.get("dialect") not in DIALECTS.get(str(body.get("language")), set()):
        body.pop("dialect", None)


def speaks_with_a_new_model(body: Fields) -> None:
    """Have a model that speaks the locale, and a normalization that there is."""
    if body.get("locale") is not None:
        body["model_id"] = NEWEST
    if body.get("normalization") is not None:
        body["normalization"] = "off"


def is_localizable(body: Fields) -> None:
    """Have an accent, where the date has ids of them, that a voice can be localized to."""
    if body.get("accent") in ACCENTS:
        body["accent"] = "mexican"


MENDS: dict[str, list[Callable[[Fields], None]]] = {
    "tts.generate": [says_something, speaks_with_a_new_model],
    "tts.generate_sse": [says_something, speaks_with_a_new_model],
    "tts.infill": [says_something, has_a_clip],
    "voices.localize": [speaks_its_own_dialect, is_localizable],
}
"""What is mended, by operation: each is said in the document, in words."""


@schemathesis.check
def events_conformance(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Hold each event of a stream to the document: its data, and the name in front of it."""
    if STREAM not in (response.headers.get("content-type") or [""])[0]:
        return
    operation = operations()[str(case.operation.definition.raw["operationId"])]
    problems = wrong_events(operation, response.content.decode())
    if problems:
        raise AssertionError("\n".join(problems))


def wrong_events(operation: Called, stream: str) -> list[str]:
    """Say what is wrong with a stream of events.

    Args:
        operation: What it answers.
        stream: The whole text.
    """
    _, content = operation.answer
    pointer = text(mapping(mapping(content, STREAM), "schema"), "$ref").removeprefix("#")
    problems: list[str] = []
    frames = [frame for frame in stream.split("\n\n") if frame.strip()]
    for frame in frames:
        lines = dict(line.split(": ", 1) for line in frame.splitlines() if ": " in line)
        data: JSON = json.loads(lines.get("data", "null"))
        problems += faults(pointer, data)
        kind = text(data, "type")
        if kind and lines.get("event", kind) != kind:
            problems.append(f"the event {lines['event']!r} holds one of type {kind!r}")
    if not frames:
        problems.append("there is no event")
    elif text(data, "type") != "error" and mapping({"it": data}, "it").get("done") is not True:
        problems.append(f"the last event does not end the stream: {frames[-1][:200]}")
    return problems
