"""Mistakes that people make in the document: each is told with its file, its place and the fix."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts.bundle import DocumentError, bundle
from scripts.conventions import check_document
from scripts.dated_versions import main
from scripts.view.document import Document

SMALL = Path(__file__).parent / "small"
PATHS, SCHEMAS = "paths/notes.yaml", "schemas/notes.yaml"


class Mistake(NamedTuple):
    """An edit of the small document, and what is said of it."""

    file: str
    old: str
    new: str
    place: str
    """The pointer in that file, or the line."""
    wrong: str
    fix: str
    told_in: str = ""
    """The file that is named, where it is another one."""


MISTAKES = {
    # YAML
    "a bracket is left open": Mistake(
        SCHEMAS, "enum: [red, blue]", "enum: [red, blue", "",
        "did not find expected ',' or ']', line", "correct the YAML there",
    ),
    "a line is indented too far": Mistake(
        SCHEMAS, "  required: [id, text]", "    required: [id, text]", "",
        "mapping values are not allowed in this context, line 4, column 13", "correct the YAML there: indentation",
    ),
    "a tab": Mistake(
        SCHEMAS, "  required: [id, text]", "\trequired: [id, text]", "",
        "found a tab character that violates indentation, line 4", "correct the YAML there",
    ),
    "a colon in a text": Mistake(
        SCHEMAS, "description: A note.", "description: A note: short.", "",
        "mapping values are not allowed", "a missing space, colon or quote",
    ),
    "a key twice": Mistake(
        SCHEMAS, "NoteColor:\n", "Note:\n", "", "the key 'Note' is given twice", "correct the YAML",
    ),
    # References
    "a reference to a name that is not there": Mistake(
        SCHEMAS, '$ref: "#/Note"', '$ref: "#/Notes"', "/NotePage/properties/data/items",
        "'#/Notes' points to nothing", "correct the file name or the name",
    ),
    "a reference to a file that is not there": Mistake(
        PATHS, "../schemas/notes.yaml#/NotePage", "../schemas/note.yaml#/NotePage",
        "/notes/get/responses/200/content/application~1json/schema",
        "points to nothing", "correct the file name",
    ),
    "a schema that nothing uses": Mistake(
        SCHEMAS, "NoteColor:\n", "Unused: {type: string, description: Nothing.}\nNoteColor:\n",
        "/Unused", "nothing refers to it", "refer to it, or remove it",
    ),
    "two schemas of one name": Mistake(
        "responses/errors.yaml",
        "Error:\n  description: A failure.\n  content:\n    text/plain:\n      schema:\n        type: string",
        "Note: {type: string, description: A text.}\nError:\n  description: A failure.\n  content:\n"
        '    text/plain:\n      schema:\n        $ref: "#/Note"',
        "/Note", "the name 'Note' is taken by openapi/schemas/notes.yaml#/Note", "rename one of the two",
    ),
    # Schemas
    "allOf": Mistake(
        SCHEMAS, "NoteCreateRequest:\n  type: object\n",
        'NoteCreateRequest:\n  allOf: [{$ref: "#/Note"}, {$ref: "#/LiveNote"}]\n',
        "/NoteCreateRequest", "'allOf' hides where a field comes from", "write the fields of all",
    ),
    "a text beside a reference": Mistake(
        SCHEMAS, '$ref: "#/NoteColor"', '$ref: "#/NoteColor"\n      description: Its color.',
        "/Note/properties/color", "'description' beside a $ref is lost",
        "move it to the referenced schema",
    ),
    "a typo in required": Mistake(
        SCHEMAS, "required: [id, text]", "required: [id, txt]", "/Note",
        "the required field 'txt' is not among the `properties`", "write 'text'",
    ),
    "a typo in a key of a schema": Mistake(
        SCHEMAS, "  required: [id, text]", "  requried: [id, text]", "/Note",
        "a schema has no 'requried'", "write 'required'",
    ),
    "no description of a field": Mistake(
        SCHEMAS, "      description: What it says.\n", "", "/Note/properties/text",
        "no description for the docstring", "add one",
    ),
    "an object inside an object": Mistake(
        SCHEMAS, '      $ref: "#/NoteColor"\n  examples',
        "      type: object\n      description: Its color.\n      properties:\n"
        "        red: {type: boolean, description: Red.}\n  examples",
        "/Note/properties/color", "a nested object gets a name from its location", "name it under schemas/",
    ),
    "nullable": Mistake(
        SCHEMAS, "      description: Its id.\n", "      description: Its id.\n      nullable: true\n",
        "/Note/properties/id", "'nullable' is OpenAPI 3.0", 'write `type: [..., "null"]`',
    ),
    "a type that there is not": Mistake(
        SCHEMAS, "    id:\n      type: string", "    id:\n      type: str", "/Note/properties/id",
        "there is no type 'str'", "use string, integer, number",
    ),
    "a format that nobody knows": Mistake(
        SCHEMAS, "      description: Its id.\n", "      description: Its id.\n      format: guid\n",
        "/Note/properties/id", "the format 'guid' is unknown", "use binary, date, date-time",
    ),
    "an array of anything": Mistake(
        SCHEMAS, '      items:\n        $ref: "#/Note"\n', "", "/NotePage/properties/data",
        "an array without `items`", "add `items`",
    ),
    "a closed object": Mistake(
        SCHEMAS, "  required: [id, text]", "  required: [id, text]\n  additionalProperties: false",
        "/Note", "makes clients drop fields", "leave it out",
    ),
    "a pattern that is none": Mistake(
        SCHEMAS, "pattern: ^[A-Z]", 'pattern: "[A-Z"', "/NoteCreateRequest/properties/text",
        "the pattern '[A-Z' is not a regular expression", "correct it",
    ),
    "a variant without its tag": Mistake(
        SCHEMAS, '      note: "#/LiveNote"\n', "", "/LiveEvent/discriminator",
        "`mapping` and variants differ in LiveNote", "give each variant its tag",
    ),
    "a date in a union": Mistake(
        SCHEMAS, "  type: string\n  description: The color of a note.\n  enum: [red, blue]",
        "  description: The color.\n  anyOf:\n    - {type: string, format: date}\n    - {type: integer}",
        "/NoteColor/anyOf/0", "a date in a union is handed on as a string", "make it a field of its own",
    ),
    # Examples
    "a wrong example of a response": Mistake(
        PATHS, "color: red\n                  has_more", "color: green\n                  has_more",
        "/notes/get/responses/200/content/application~1json/examples/one/value",
        "data[0].color: 'green' is not one of ['red', 'blue']", "correct one of the two",
    ),
    "a wrong example of a request": Mistake(
        PATHS, "              value:\n                text: Milk\n    responses",
        "              value:\n                txt: Milk\n    responses",
        "/notes/post/requestBody/content/application~1json/examples/one/value",
        "'text' is a required property", "correct one of the two",
    ),
    "no example of a response": Mistake(
        "responses/errors.yaml",
        "      examples:\n        failure:\n          summary: A failure\n          value: not found\n",
        "", "/Error/content/text~1plain", "no example of text/plain", "add `examples: {name:",
    ),
    "a wrong default": Mistake(
        "parameters/notes.yaml", "default: 10", "default: ten", "/Limit/schema",
        "'ten' is not of type 'integer'", "correct one of the two",
    ),
    "no example of a required parameter": Mistake(
        "parameters/notes.yaml", "  example: n1\n", "", "/NoteID",
        "the required parameter 'id' has no `example`", "add one",
    ),
    "no example of a message": Mistake(
        SCHEMAS, "  examples:\n    - type: close\n", "", "/LiveCommand",
        "no example of this message", "add `examples: [...]` to the schema",
    ),
    # Operations
    "no summary": Mistake(
        PATHS, "    summary: List notes\n", "", "/notes/get", "no summary", "add one",
    ),
    "no answer for errors": Mistake(
        PATHS, '    responses:\n      "204":\n        description: It is deleted.\n      default:\n'
        "        $ref: ../responses/errors.yaml#/Error\n",
        '    responses:\n      "204":\n        description: It is deleted.\n',
        "/note/delete/responses", "no `default` response", "add `default: {$ref: ../responses/errors.yaml#/Error}`",
    ),
    "no parameter for a part of the path": Mistake(
        PATHS, "  parameters:\n    - $ref: ../parameters/notes.yaml#/NoteID\n", "",
        "/note/delete", "the path /notes/{id} has {id}, and no parameter describes it",
        "add `{name: id, in: path, required: true",
    ),
    "another name in the path": Mistake(
        "openapi.yaml", "/notes/{id}:", "/notes/{note}:", "/NoteID",
        "the path /notes/{note} has no {id}", "correct the name of the parameter", "parameters/notes.yaml",
    ),
    "a typo in a key of an operation": Mistake(
        PATHS, '    responses:\n      "204"', '    respones:\n      "204"',
        "/note/delete/respones", "an operation has no 'respones'", "write 'responses'",
    ),
    "the description of a parameter outside of its schema": Mistake(
        "parameters/notes.yaml", "  in: query\n", "  in: query\n  description: How many.\n",
        "/Limit", "the description of parameter 'limit' is lost", "move it inside the `schema`",
    ),
    "a tag that is not declared": Mistake(
        "openapi.yaml", "  - name: notes\n    description: Notes.\n", "", "/notes/get/tags",
        "the tag 'notes' is not declared", "add it to `tags` of the main file", PATHS,
    ),
    "two operations of one name": Mistake(
        PATHS, "operationId: notes.create", "operationId: notes.list", "/notes/post",
        "is the same as that of openapi/paths/notes.yaml#/notes/get", "rename one of the two",
    ),
    "a status as a number with a typo": Mistake(
        PATHS, '"204":', '"20":', "/note/delete/responses/20", "'20' is not a status",
        "write 200, 4XX or default",
    ),
    "a link to an operation that is not there": Mistake(
        "links/notes.yaml", "operationId: notes.delete", "operationId: notes.get", "/Get",
        "the link leads to 'notes.get', which is not an operationId", "name one",
    ),
    "a scheme of credentials that is not there": Mistake(
        "openapi.yaml", "  - apiKey: []", "  - token: []", "/security",
        "there is no security scheme 'token'", "use apiKey",
    ),
    # Extensions
    "an extension that there is not": Mistake(
        PATHS, "x-pagination: cursor", "x-paginated: cursor", "/notes/get/x-paginated",
        "x-paginated is ignored on an operation", "only x-aliases",
    ),
    "a successor that there is not": Mistake(
        PATHS, "x-replaced-by: notes.create", "x-replaced-by: notes.erase", "/note/delete/x-replaced-by",
        "there is no other operation 'notes.erase'", "name its operationId",
    ),
    "a successor of what is not deprecated": Mistake(
        PATHS, "    deprecated: true\n", "", "/note/delete/x-replaced-by",
        "only a deprecated operation is replaced", "add `deprecated: true`",
    ),
    "a conversation that ends with a message that there is not": Mistake(
        PATHS, "      finish: {type: close}\n      ends: [done]", "      finish: {type: close}\n      ends: [end]",
        "/live/get/x-websocket/ends", "the server has no message of type 'end'", "name one of note, done",
    ),
    "a context that ends with a message that there is not": Mistake(
        PATHS, "        ends: [done]", "        ends: [end]", "/talk/get/x-websocket/context/ends",
        "the server has no message of type 'end'", "name one of note, done",
    ),
    "a command that there is not": Mistake(
        PATHS, "finish: {type: close}", "finish: {type: end}", "/live/get/x-websocket/finish",
        "{'type': 'end'} is not a message of the client", "write one of LiveCommand",
    ),
    "a command that is not an object": Mistake(
        PATHS, "finish: {type: close}", "finish: close", "/live/get/x-websocket/finish",
        "'close' is not a JSON object", "`{type: close}`, or add `text: word`",
    ),
    "words where commands are objects": Mistake(
        PATHS, "finish: {type: close}", "finish: close\n      text: word", "/live/get/x-websocket/client",
        "with `text: word` the commands are an enum", "name one",
    ),
    "a wrong default of a context": Mistake(
        PATHS, "defaults: {mood: calm}", "defaults: {mood: 1}", "/talk/get/x-websocket/context/defaults/mood",
        "1 is not of type 'string'", "give a value that the field takes",
    ),
    "a cancellation that the server does not take": Mistake(
        PATHS, "cancel: {cancel: true}", "cancel: {cancel: 1}", "/talk/get/x-websocket/context/cancel",
        "is not a message of the client", "write one of TalkRequest, TalkCancel",
    ),
    "two sockets of one name": Mistake(
        PATHS, "name: Talk", "name: Live", "/talk/get/x-websocket/name",
        "the name 'Live' is already used by the socket of notes.live", "choose another",
    ),
}  # fmt: skip


def faults(main_file: Path) -> list[str]:
    try:
        check_document(Document(bundle(main_file)))
    except DocumentError as error:
        return error.faults
    return []


def copied(folder: Path, mistake: Mistake | None = None) -> Path:
    """Copy the small document, make one mistake in it, and give its main file."""
    copy = folder / "openapi"
    shutil.copytree(SMALL, copy)
    if mistake is not None:
        text = (copy / mistake.file).read_text("utf-8")
        assert mistake.old in text
        (copy / mistake.file).write_text(text.replace(mistake.old, mistake.new, 1), "utf-8")
    return copy / "openapi.yaml"


def test_the_small_document_is_right(tmp_path: Path) -> None:
    assert faults(copied(tmp_path)) == []


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_file_place_and_fix(tmp_path: Path, mistake: Mistake) -> None:
    told = faults(copied(tmp_path, mistake))
    place = f"#{mistake.place}" if mistake.place else ""
    wanted = f"openapi/{mistake.told_in or mistake.file}{place}: "
    mine = [fault for fault in told if fault.startswith(wanted) and mistake.wrong in fault]
    assert mine, told
    assert any(mistake.fix in fault for fault in mine), mine


def test_the_command_of_make_lint_tells_each_fault_on_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([f"--document={copied(tmp_path, MISTAKES['no summary'])}"]) == 1
    assert capsys.readouterr().err == (
        "versions: openapi/paths/notes.yaml#/notes/get: no summary; "
        "add one, it becomes the docstring\n"
    )


@pytest.mark.untraced
def test_the_command_of_make_lint_is_silent_about_the_projects_own_document() -> None:
    assert main([]) == 0
