"""Several files become one document, and the bundle knows where everything came from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.bundle import Bundle, DocumentError, bundle, read_yaml

MAIN = """
openapi: 3.1.0
paths:
  /voices: {$ref: "paths/voices.yaml#/voices"}
"""

VOICES = """
voices:
  parameters:
    - $ref: ../parameters/common.yaml#/Limit
  get:
    operationId: voices.list
    x-websocket:
      server: {$ref: "../schemas/voices.yaml#/Event"}
      context: {defaults: {$ref: data}}
    responses:
      "200":
        content:
          application/json:
            schema: {$ref: "../schemas/voices.yaml#/Voice"}
            examples:
              one: {value: {$ref: data}}
        headers: {x-id: {$ref: "../headers.yaml#/ID"}}
      default: {$ref: "../responses/errors.yaml#/Error"}
"""

SCHEMAS = """
Voice:
  type: object
  properties:
    language: {$ref: languages.yaml#/Language}
    default: {$ref: "#/Accent"}
Accent: {type: string, enum: [no, yes, on], example: {$ref: data}}
Event:
  oneOf: [{$ref: "#/Voice"}]
  discriminator: {propertyName: type, mapping: {voice: "#/Voice"}}
Unused: {type: string}
"""


def files(folder: Path, **changed: str) -> Path:
    """Write the document into a folder; give its main file."""
    contents = {
        "openapi.yaml": MAIN,
        "paths/voices.yaml": VOICES,
        "schemas/voices.yaml": SCHEMAS,
        "schemas/languages.yaml": "Language: {type: string}",
        "parameters/common.yaml": "Limit: {name: limit, in: query, schema: {type: integer}}",
        "responses/errors.yaml": "Error: {description: A failure.}",
        "headers.yaml": "ID: {schema: {type: string}}",
        **changed,
    }
    for name, content in contents.items():
        file = folder / "openapi" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    return folder / "openapi" / "openapi.yaml"


def at(found: Bundle, pointer: str) -> object:
    """Return what stands at a pointer of the bundle."""
    node: object = found.document
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/")
        if isinstance(node, Mapping):
            node = node[key]
        else:
            assert isinstance(node, list)
            node = node[int(key)]
    return node


def faults(file: Path) -> str:
    """Return what is wrong with a document."""
    with pytest.raises(DocumentError) as caught:
        bundle(file)
    return str(caught.value)


def test_each_reference_becomes_one_to_a_component_of_its_section(tmp_path: Path) -> None:
    found = bundle(files(tmp_path))
    get = "/paths/~1voices/get"
    assert at(found, "/paths/~1voices/parameters/0/$ref") == "#/components/parameters/Limit"
    answer = f"{get}/responses/200"
    assert at(found, f"{answer}/headers/x-id/$ref") == "#/components/headers/ID"
    assert at(found, f"{get}/responses/default/$ref") == "#/components/responses/Error"
    schema = f"{answer}/content/application~1json/schema/$ref"
    assert at(found, schema) == "#/components/schemas/Voice"
    voice = at(found, "/components/schemas/Voice/properties")
    assert voice == {
        "language": {"$ref": "#/components/schemas/Language"},
        "default": {"$ref": "#/components/schemas/Accent"},
    }


def test_references_in_extensions_and_mappings_are_followed(tmp_path: Path) -> None:
    found = bundle(files(tmp_path))
    server = at(found, "/paths/~1voices/get/x-websocket/server")
    assert server == {"$ref": "#/components/schemas/Event"}
    event = at(found, "/components/schemas/Event/discriminator/mapping")
    assert event == {"voice": "#/components/schemas/Voice"}


def test_data_is_left_alone(tmp_path: Path) -> None:
    found = bundle(files(tmp_path))
    get = "/paths/~1voices/get"
    example = f"{get}/responses/200/content/application~1json/examples/one/value"
    assert at(found, example) == {"$ref": "data"}
    assert at(found, f"{get}/x-websocket/context/defaults") == {"$ref": "data"}
    assert at(found, "/components/schemas/Accent") == {
        "type": "string",
        "enum": ["no", "yes", "on"],
        "example": {"$ref": "data"},
    }


def test_only_what_is_referred_to_is_taken_in_and_sorted(tmp_path: Path) -> None:
    found = bundle(files(tmp_path))
    schemas = at(found, "/components/schemas")
    assert isinstance(schemas, dict)
    assert list(schemas) == ["Accent", "Event", "Language", "Voice"]


def test_the_main_file_may_have_components_of_its_own(tmp_path: Path) -> None:
    main = """
openapi: 3.1.0
paths: {}
components:
  schemas:
    Here: {type: object, properties: {voice: {$ref: "#/components/schemas/Voice"}}}
    Voice: {$ref: schemas/voices.yaml#/Voice}
"""
    found = bundle(files(tmp_path, **{"openapi.yaml": main}))
    here = at(found, "/components/schemas/Here/properties/voice")
    assert here == {"$ref": "#/components/schemas/Voice"}
    assert found.place("/components/schemas/Voice") == "openapi/schemas/voices.yaml#/Voice"


def test_a_reference_in_a_circle_is_an_error(tmp_path: Path) -> None:
    circle = SCHEMAS.replace("Unused: {type: string}", 'A: {$ref: "#/B"}\nB: {$ref: "#/A"}')
    circle = circle.replace('default: {$ref: "#/Accent"}', 'default: {$ref: "#/A"}')
    assert "'#/A' points to nothing" in faults(files(tmp_path, **{"schemas/voices.yaml": circle}))


def test_places_are_named_by_file_and_pointer(tmp_path: Path) -> None:
    found = bundle(files(tmp_path))
    assert found.place("/info/title") == "openapi/openapi.yaml#/info/title"
    assert found.place("/paths/~1voices/get") == "openapi/paths/voices.yaml#/voices/get"
    schema = "/components/schemas/Voice/properties/language"
    assert found.place(schema) == "openapi/schemas/voices.yaml#/Voice/properties/language"


def test_two_things_of_one_name_are_an_error(tmp_path: Path) -> None:
    schemas = SCHEMAS.replace("languages.yaml#/Language", "languages.yaml#/Accent")
    languages = "Accent: {type: integer}"
    changed = {"schemas/voices.yaml": schemas, "schemas/languages.yaml": languages}
    assert faults(files(tmp_path, **changed)) == (
        "openapi/schemas/voices.yaml#/Accent: the name 'Accent' is taken by "
        "openapi/schemas/languages.yaml#/Accent; rename one of the two"
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (
            "schemas/voices.yaml",
            "languages.yaml#/Language",
            "languages.yaml#/Lang",
            "'languages.yaml#/Lang' points to nothing; correct the file name or the name after '#/'",
        ),
        (
            "schemas/voices.yaml",
            "languages.yaml#/Language",
            "languages.yaml#/Lang",
            "openapi/schemas/voices.yaml#/Voice/properties/language: ",
        ),
        (
            "schemas/voices.yaml",
            "languages.yaml#/Language",
            "tongues.yaml#/Language",
            "'tongues.yaml#/Language' points to nothing",
        ),
        (
            "openapi.yaml",
            "voices.yaml#/voices",
            "voices.yaml#/voice",
            "openapi/openapi.yaml#/paths/~1voices: 'paths/voices.yaml#/voice' points to nothing",
        ),
        (
            "schemas/voices.yaml",
            "languages.yaml#/Language",
            "languages.yaml",
            "'languages.yaml' names a whole file; name one object in it",
        ),
        (
            "schemas/voices.yaml",
            "Unused: {type: string}",
            "Voice: {type: string}",
            "openapi/schemas/voices.yaml: the key 'Voice' is given twice",
        ),
        ("openapi.yaml", "openapi: 3.1.0", "openapi: [", "openapi/openapi.yaml: while parsing"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    tmp_path: Path, name: str, old: str, new: str, expected: str
) -> None:
    whole = {"openapi.yaml": MAIN, "schemas/voices.yaml": SCHEMAS}[name]
    assert old in whole
    assert expected in faults(files(tmp_path, **{name: whole.replace(old, new)}))


def test_a_main_file_that_is_missing_or_no_mapping_is_an_error(tmp_path: Path) -> None:
    assert "No such file" in faults(tmp_path / "openapi.yaml")
    (tmp_path / "openapi.yaml").write_text("[]")
    assert faults(tmp_path / "openapi.yaml").endswith("openapi.yaml: not a mapping")


def test_yaml_is_read_as_version_1_2(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("[no, on, true, False, 2025-11-04, 1, 1.5, ~]")
    assert read_yaml(file) == ["no", "on", True, "False", "2025-11-04", 1, 1.5, None]


@pytest.mark.parametrize(
    "text",
    [
        "&loop {again: *loop}",
        "a: &a [&b [*a]]",
        "[" * 500 + "]" * 500,
        "\n".join(
            ["a0: &a0 [x]"]
            + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
        ),
    ],
    ids=["circle", "list in itself", "deep", "aliases of aliases"],
)
def test_yaml_without_an_end_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "endless.yaml"
    file.write_text(text)
    with pytest.raises(DocumentError, match=r"endless\.yaml: this is more than 100 levels or"):
        read_yaml(file)


def test_aliases_are_read(tmp_path: Path) -> None:
    file = tmp_path / "aliases.yaml"
    file.write_text("one: &one {a: [1]}\ntwo: [*one, *one]\n")
    assert read_yaml(file) == {"one": {"a": [1]}, "two": [{"a": [1]}, {"a": [1]}]}
