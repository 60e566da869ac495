"""The decisions behind the templates, one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.bundle import JSON, Bundle, DocumentError, JSONMap, bundle
from scripts.generate import TEMPLATES
from scripts.view import prose, shapes
from scripts.view.document import Document
from scripts.view.generator_output import Parsed, load_config, parse
from scripts.view.package import Package
from scripts.view.python_names import attribute, identifier, literal, pascal_case, snake_case
from scripts.view.shapes import Annotator, Named, SchemaKind
from tests.generated.support import body, document, obj, operation, ref, text, write


def parsed(folder: Path, whole: dict[str, object]) -> tuple[Document, Parsed]:
    """Read a document without asking for its conventions."""
    file = write(folder, whole)
    found = Document(bundle(file))
    return found, parse(found, load_config(TEMPLATES / "config.yml", file, folder))


@pytest.mark.parametrize(
    ("name", "snake", "own", "argument"),
    [
        ("TTSSSEEvent", "tts_sse_event", "TTSSSEEvent", "TTSSSEEvent"),
        ("MP3BitRate", "mp3_bit_rate", "mp3_bit_rate", "MP3BitRate"),
        ("STTTranscribeResponse", "stt_transcribe_response", None, "STTTranscribeResponse"),
        ("metricId", "metric_id", "metric_id", "metricId"),
        ("WebsocketURL", "websocket_url", "websocket_url", "WebsocketURL"),
        ("continue", "continue", "continue_", "continue_"),
        ("expand[]", "expand", "expand", "expand"),
        ("voice[id]", "voice_id", "voice_id", "voice_id"),
        ("voice-id", "voice_id", "voice_id", "voice_id"),
    ],
)
def test_names(name: str, snake: str, own: str | None, argument: str) -> None:
    assert snake_case(name) == snake
    assert identifier(name) == argument
    if own is not None:
        assert attribute(name) == own


def test_the_names_of_classes_keep_their_capitals() -> None:
    assert pascal_case("fine_tunes") == "FineTunes"
    assert pascal_case("agents.calls") == "AgentsCalls"


def test_values_are_written_as_python_with_double_quotes() -> None:
    value: JSON = {"a": ["it's", 'a "b"\n\\'], "c": True, "d": None, "e": 1.5}
    written = literal(value)
    assert written == '{"a": ["it\'s", "a \\"b\\"\\n\\\\"], "c": True, "d": None, "e": 1.5}'
    assert eval(written) == value  # noqa: S307 - our own text


@pytest.mark.parametrize(
    ("whole", "first", "rest"),
    [
        ("One. Two.", "One.", "Two."),
        ("One e.g. this. Two.", "One e.g. this.", "Two."),
        ("No end", "No end", ""),
        ("A line\nand more.\n\nA paragraph.", "A line and more.", "A paragraph."),
        ("No end\n\nBut more.", "No end", "But more."),
    ],
)
def test_the_first_sentence_is_the_summary(whole: str, first: str, rest: str) -> None:
    assert prose.first_sentence(whole) == (first, rest)


def test_docstrings_are_safe_whatever_the_document_says() -> None:
    lines = prose.docstring('It says """x""" and \\d, ends in "quotes"', [[], ["More."]])
    code = '"""' + "\n".join(lines) + '"""'
    assert eval(code).startswith('It says """x""" and \\d, ends in "quotes".')  # noqa: S307
    assert prose.docstring("Why?", [['It ends in "this"']])[-1] == 'It ends in "this" '


def test_paragraphs_are_wrapped_and_lists_keep_their_lines() -> None:
    found = prose.paragraphs("word " * 40 + "\n\n- one\n- " + "two " * 40 + "\n\n\n\nend", 8)
    assert max(len(line) for line in found) <= 92
    assert "- one" in found
    assert found[found.index("- one") + 2].startswith("  two")
    assert found[-2:] == ["", "end"]


@pytest.mark.parametrize("words", [1, 14, 15, 16, 17, 60])
def test_notes_stay_within_the_line_with_their_quotes(words: int) -> None:
    said = prose.note("five! " * words, 4)
    printed = [f'    """{said[0]}', *(f"    {line}" for line in said[1:])]
    printed[-1] += '"""' if len(said) == 1 else ""
    assert max(map(len, printed)) <= 100
    assert " ".join(said).count("five!") == words
    assert prose.note("", 4) == []
    assert prose.note('Said "so"', 4) == ['Said "so".']
    assert prose.note('Is it "so?', 4)[-1].endswith("?")


def test_a_class_is_described_by_a_sentence_and_what_more_there_is() -> None:
    assert prose.described("One.\nTwo\nthree.", 4) == ["One.", "", "Two three."]
    assert prose.described("One", 4) == ["One."]


STRING = shapes.Plain("str")
VOICE = Named("Voice", SchemaKind.MODEL, shorthand=shapes.Shorthand("id", (("mode", "id"),)))
IN = Annotator(models="_models.", params="_params.")
OUT = Annotator(models="_models.", params=None)


@pytest.mark.parametrize(
    ("shape", "comes_in", "goes_out"),
    [
        (VOICE, "_params.VoiceParam | _models.Voice | str", "_models.Voice"),
        (shapes.ListOf(STRING), "Sequence[str]", "list[str]"),
        (shapes.MapOf(shapes.OBJECT), "Mapping[str, object]", "dict[str, object]"),
        (shapes.DateTime(), "datetime | str", "datetime"),
        (shapes.Constant(("a", True, 1)), 'Literal["a", True, 1]', 'Literal["a", True, 1]'),
        (Named("E", SchemaKind.ENUM, open="str"), "_models.E | str", "_models.E | str"),
        (Named("U", SchemaKind.UNION), "_params.UParam", "_models.U"),
        (shapes.any_of(shapes.NONE, shapes.DateTime()), "datetime | str | None", "datetime | None"),
    ],
)
def test_annotations(shape: shapes.Shape, comes_in: str, goes_out: str) -> None:
    assert IN.annotate(shape) == comes_in
    assert OUT.annotate(shape) == goes_out


def test_hidden_builtins_are_named_by_their_module() -> None:
    place = OUT.hiding(frozenset({"list", "str"}))
    assert place.annotate(shapes.ListOf(STRING)) == "_builtins.list[_builtins.str]"
    assert IN.annotate(STRING, "Omit", "None") == "str | Omit | None"


def test_a_shorthand_is_written_out() -> None:
    assert VOICE.shorthand is not None
    written = VOICE.shorthand.written_out("voice")
    assert written == 'write_out(voice, {"mode": "id"}, "id")'
    nullable = shapes.any_of(VOICE, shapes.NONE)
    assert shapes.shorthand_of(nullable) == VOICE.shorthand
    assert shapes.shorthand_of(STRING) is None


def test_fields_that_the_generator_loses_are_noticed(tmp_path: Path) -> None:
    lossy = {"description": "x", "allOf": [ref("Thing")], "properties": {"more": text()}}
    whole = document(schemas={"Thing": obj(id=text()), "More": lossy})
    with pytest.raises(DocumentError) as caught:
        parsed(tmp_path, whole)
    assert str(caught.value) == (
        "openapi/openapi.yaml#/components/schemas/More: openapi-python-client reads this differently, "
        "it drops more; see the conventions in openapi/README.md"
    )


def test_operations_that_the_generator_loses_are_noticed(tmp_path: Path) -> None:
    same = {
        f"/{name}": {"get": {**operation(f"things.{name}"), "operationId": "things.get"}}
        for name in ("one", "two")
    }
    with pytest.raises(
        DocumentError, match=r"~1two/get: openapi-python-client dropped the operation 'things"
    ):
        parsed(tmp_path, document(paths=same))


def test_parameters_that_the_generator_loses_are_noticed(tmp_path: Path) -> None:
    lost = [{"name": "limit", "in": "query", "content": {"a/b": {"schema": text()}}}]
    whole = document(paths={"/x": {"get": operation("things.get", parameters=lost)}})
    with pytest.raises(DocumentError, match=r"x/get: openapi-python-client .* it drops limit"):
        parsed(tmp_path, whole)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            operation("things.get", {"type": "string"}),
            "a JSON response is a named object, a named union, or an array of one",
        ),
        (
            operation("things.get", ref("Thing"), extensions={"x-pagination": "cursor"}),
            "'x-pagination: cursor' needs an object with an array 'data' of named objects",
        ),
        (
            operation(
                "things.get",
                status="101",
                extensions={
                    "x-websocket": {"name": "T", "client": ref("Thing"), "server": ref("Word")}
                },
            ),
            "the messages of the server must be a named object or union",
        ),
    ],
)
def test_what_the_runtime_has_no_verb_for_is_refused(
    tmp_path: Path, made: dict[str, object], said: str
) -> None:
    schemas = {"Thing": obj(id=text()), "Word": text(enum=["a"])}
    with pytest.raises(DocumentError, match=said):
        Package(*parsed(tmp_path, document(paths={"/x": {"get": made}}, schemas=schemas)))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"responses": {"400": {"description": "x"}}}, "0 successful responses"),
        (
            {"requestBody": body("Thing", "application/x-www-form-urlencoded")},
            "a body is either application/json or multipart/form-data",
        ),
    ],
)
def test_bodies_and_answers_that_nothing_can_read_are_refused(
    tmp_path: Path, made: dict[str, object], said: str
) -> None:
    whole = {**operation("things.get"), **made}
    schemas = {"Thing": obj(id=text())}
    with pytest.raises(DocumentError, match=said):
        parsed(tmp_path, document(paths={"/x": {"post": whole}}, schemas=schemas))


def test_an_operations_own_parameter_wins_over_the_paths() -> None:
    own: JSONMap = {"name": "id", "in": "path", "schema": {"type": "integer"}}
    shared: JSONMap = {"name": "id", "in": "path", "schema": {"type": "string"}}
    paths: JSONMap = {"/{id}": {"parameters": [shared], "get": {"parameters": [own]}}}
    found = Document(Bundle({"paths": paths}, {"": "here#"}))
    ((node, pointer),) = found.parameters(found.operations[0])
    assert node == own
    assert pointer == "/paths/~1{id}/get/parameters/0"


@pytest.mark.parametrize(
    ("media", "name", "said"),
    [
        ("audio/wav", "Sound", r"only a response in JSON or text can have a name"),
        ("application/json", "Thing", r"'Thing' is a schema; choose another name"),
    ],
)
def test_an_answer_that_cannot_have_a_name_is_named(
    tmp_path: Path, media: str, name: str, said: str
) -> None:
    schema = ref("Thing") if media == "application/json" else {"type": "string", "format": "binary"}
    get = operation("things.get", schema, media, extensions={"x-response-name": name})
    whole = document(paths={"/things": {"get": get}}, schemas={"Thing": obj(id=text())})
    with pytest.raises(
        DocumentError, match=rf"openapi\.yaml#/paths/~1things/get/x-response-name: {said}"
    ):
        Package(*parsed(tmp_path, whole))
