"""The document is valid, silent about nothing, and keeps to its own conventions."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from scripts.bundle import JSON, Bundle, JSONMap, bundle, escape
from scripts.conventions.extensions import KNOWN
from scripts.dated_versions import read_versions

OPENAPI = Path(__file__).parents[2] / "openapi"
MAIN = OPENAPI / "openapi.yaml"
METHODS = ("get", "put", "post", "delete", "patch")
COMBINATIONS = ("anyOf", "oneOf", "allOf")
HEADERS = ("x-request-id", "x-should-retry", "x-has-more", "x-limit", "x-next-page")
DATA = ("examples", "example", "default", "const", "enum", "x-websocket")


@pytest.fixture(scope="module")
def bundled() -> Bundle:
    return bundle(MAIN)


class Operation(NamedTuple):
    path: str
    method: str
    item: JSONMap
    path_parameters: tuple[JSON, ...]

    @property
    def pointer(self) -> str:
        return f"/paths/{escape(self.path)}/{self.method}"


def mapping(node: JSON) -> JSONMap:
    return node if isinstance(node, Mapping) else {}


def items(node: JSON) -> list[JSON]:
    return list(node) if isinstance(node, list) else []


def resolve(document: JSONMap, node: JSON) -> JSONMap:
    """Follow a reference, if the node is one."""
    ref = mapping(node).get("$ref")
    while isinstance(ref, str):
        found: JSON = document
        for token in ref.removeprefix("#/").split("/"):
            found = mapping(found)[token.replace("~1", "/").replace("~0", "~")]
        node, ref = found, mapping(found).get("$ref")
    return mapping(node)


def operations(document: JSONMap) -> list[Operation]:
    return [
        Operation(
            path,
            method,
            mapping(mapping(item)[method]),
            tuple(items(mapping(item).get("parameters"))),
        )
        for path, item in mapping(document["paths"]).items()
        for method in METHODS
        if method in mapping(item)
    ]


def parameters(document: JSONMap, operation: Operation) -> list[JSONMap]:
    own = items(operation.item.get("parameters"))
    return [resolve(document, parameter) for parameter in (*operation.path_parameters, *own)]


def schemas(node: JSON, pointer: str) -> Iterator[tuple[str, JSONMap]]:
    """Return every schema at and below ``node``, with its place."""
    schema = mapping(node)
    yield pointer, schema
    for name, inner in mapping(schema.get("properties")).items():
        yield from schemas(inner, f"{pointer}/properties/{escape(name)}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from schemas(schema[key], f"{pointer}/{key}")
    for key in COMBINATIONS:
        for index, inner in enumerate(items(schema.get(key))):
            yield from schemas(inner, f"{pointer}/{key}/{index}")


def named_schemas(document: JSONMap) -> Iterator[tuple[str, JSONMap]]:
    for name, schema in mapping(mapping(document["components"])["schemas"]).items():
        yield f"/components/schemas/{name}", mapping(schema)


def all_schemas(document: JSONMap) -> Iterator[tuple[str, JSONMap]]:
    for pointer, named in named_schemas(document):
        yield from schemas(named, pointer)


def described(document: JSONMap, node: JSON) -> bool:
    text = resolve(document, node).get("description")
    return isinstance(text, str) and bool(text.strip())


def media_types(document: JSONMap, operation: Operation) -> Iterator[tuple[str, JSONMap]]:
    """Return the place and content of all that an operation takes and answers."""
    body = resolve(document, operation.item.get("requestBody"))
    for name, media in mapping(body.get("content")).items():
        yield f"{operation.pointer}/requestBody/content/{escape(name)}", mapping(media)
    for status, response in mapping(operation.item["responses"]).items():
        ref = mapping(response).get("$ref")
        place = str(ref).removeprefix("#") if ref else f"{operation.pointer}/responses/{status}"
        for name, media in mapping(resolve(document, response).get("content")).items():
            yield f"{place}/content/{escape(name)}", mapping(media)


def binary(document: JSONMap, media: JSONMap) -> bool:
    return resolve(document, media.get("schema")).get("format") == "binary"


def keys(node: JSON) -> Iterator[str]:
    """Return every key of the document but those of data."""
    for key, value in mapping(node).items():
        yield key
        if key not in DATA:
            yield from keys(value)
    for inner in items(node):
        yield from keys(inner)


def validator(document: JSONMap, pointer: str) -> Draft202012Validator:
    resource = DRAFT202012.create_resource(document)
    registry = Registry[JSONMap]().with_resource("urn:document", resource)
    return Draft202012Validator(
        {"$ref": f"urn:document#{pointer}"}, registry=registry, format_checker=FormatChecker()
    )


def test_the_files_are_valid_openapi() -> None:
    document = yaml.safe_load(MAIN.read_text("utf-8"))
    errors = OpenAPIV31SpecValidator(document, base_uri=MAIN.as_uri()).iter_errors()
    assert [error.message for error in errors] == []


def test_the_bundle_is_valid_openapi(bundled: Bundle) -> None:
    errors = OpenAPIV31SpecValidator(dict(bundled.document)).iter_errors()
    assert [error.message for error in errors] == []


def test_every_named_part_is_used(bundled: Bundle) -> None:
    used = set(bundled.origins.values())
    there = {
        f"openapi/{file.relative_to(OPENAPI).as_posix()}#/{name}"
        for file in sorted(OPENAPI.glob("*/*.yaml"))
        if file.parent.name != "overlays"
        for name in yaml.safe_load(file.read_text("utf-8"))
    }
    assert sorted(there - used) == []


def test_tags_and_operations_are_described(bundled: Bundle) -> None:
    document = bundled.document
    silent = [tag for tag in items(document["tags"]) if not described(document, tag)]
    assert silent == []
    for operation in operations(document):
        assert described(document, operation.item), operation.pointer
        assert operation.item.get("summary"), operation.pointer
        assert mapping(operation.item.get("externalDocs")).get("url"), operation.pointer


def test_answers_and_headers_are_described(bundled: Bundle) -> None:
    document = bundled.document
    silent = [
        f"{operation.pointer} answer {status}"
        for operation in operations(document)
        for status, response in mapping(operation.item["responses"]).items()
        if not described(document, response)
    ]
    headers = mapping(mapping(document["components"])["headers"])
    assert silent == []
    assert [name for name, header in headers.items() if not described(document, header)] == []


def test_parameters_are_described_in_their_schema_alone(bundled: Bundle) -> None:
    """The generator loses a description of the parameter itself."""
    document = bundled.document
    for operation in operations(document):
        for parameter in parameters(document, operation):
            place = f"{operation.pointer} parameter {parameter['name']}"
            assert described(document, parameter["schema"]), place
            assert "description" not in parameter, place


def test_schemas_and_fields_are_described(bundled: Bundle) -> None:
    document = bundled.document
    silent = [
        pointer for pointer, named in named_schemas(document) if not described(document, named)
    ]
    silent += [
        f"{place}/properties/{name}"
        for place, schema in all_schemas(document)
        for name, field in mapping(schema.get("properties")).items()
        if not described(document, field)
    ]
    assert silent == []


def test_nothing_is_said_beside_a_reference(bundled: Bundle) -> None:
    """The generator loses it."""
    lost = [
        place
        for place, schema in all_schemas(bundled.document)
        if "$ref" in schema and {"description", "default"} & set(schema)
    ]
    assert lost == []


def test_objects_are_open_and_enums_have_names(bundled: Bundle) -> None:
    for place, schema in all_schemas(bundled.document):
        assert schema.get("additionalProperties") is not False, place
        assert "allOf" not in schema, place
        if "properties" in schema or "enum" in schema:
            assert re.fullmatch(r"/components/schemas/\w+(/anyOf/0)?", place), (
                f"{place} has no name"
            )


def test_every_operation_has_an_example(bundled: Bundle) -> None:
    document = bundled.document
    bare = [
        place
        for operation in operations(document)
        for place, media in media_types(document, operation)
        if not media.get("examples") and not binary(document, media)
    ]
    bare += [
        f"{operation.pointer} parameter {parameter['name']}"
        for operation in operations(document)
        for parameter in parameters(document, operation)
        if parameter.get("required") and "example" not in parameter
    ]
    assert bare == []


def test_every_example_of_a_message_is_valid(bundled: Bundle) -> None:
    document = bundled.document
    wrong = [
        f"{place} {name}: {error.message}"
        for operation in operations(document)
        for place, media in media_types(document, operation)
        for name, example in mapping(media.get("examples")).items()
        for error in validator(document, f"{place}/schema").iter_errors(mapping(example)["value"])
    ]
    assert wrong == []


def test_every_example_of_a_part_is_valid(bundled: Bundle) -> None:
    document = bundled.document
    wrong: list[str] = []
    for name, parameter in mapping(mapping(document["components"])["parameters"]).items():
        if "example" in mapping(parameter):
            check = validator(document, f"/components/parameters/{name}/schema")
            found = check.iter_errors(mapping(parameter)["example"])
            wrong.extend(f"{name}: {error.message}" for error in found)
    for pointer, named in named_schemas(document):
        for value in items(named.get("examples")):
            found = validator(document, pointer).iter_errors(value)
            wrong.extend(f"{pointer}: {error.message}" for error in found)
    assert wrong == []


def test_an_operation_id_is_its_tag_and_its_method(bundled: Bundle) -> None:
    tags = [mapping(tag)["name"] for tag in items(bundled.document["tags"])]
    seen: set[str] = set()
    for operation in operations(bundled.document):
        name = str(operation.item["operationId"])
        tag, _, method = name.rpartition(".")
        assert operation.item["tags"] == [tag], f"{name} is not of its tag"
        assert tag in tags, f"the tag of {name} is not described"
        assert re.fullmatch(r"[a-z][a-z0-9_]*", method), f"{name} is no Python name"
        assert not keyword.iskeyword(method), f"{name} is a word of Python"
        assert name not in seen, f"{name} is there twice"
        seen.add(name)


def test_an_event_of_a_tagged_union_carries_its_tag(bundled: Bundle) -> None:
    document = bundled.document
    for pointer, named in named_schemas(document):
        tagged = mapping(named.get("discriminator"))
        if not tagged:
            continue
        variants = [mapping(variant)["$ref"] for variant in items(named.get("oneOf"))]
        assert sorted(map(str, variants)) == sorted(
            map(str, mapping(tagged["mapping"]).values())
        ), pointer
        for tag, ref in mapping(tagged["mapping"]).items():
            variant = resolve(document, {"$ref": ref})
            field = mapping(mapping(variant["properties"])[str(tagged["propertyName"])])
            assert field.get("const") == tag, f"{ref} does not say {tag!r}"
            assert tagged["propertyName"] in items(variant["required"]), (
                f"{ref} may leave its tag out"
            )


def test_a_socket_is_described_whole(bundled: Bundle) -> None:
    document = bundled.document
    sockets = [operation for operation in operations(document) if "x-websocket" in operation.item]
    assert sockets, "the document describes no socket"
    for operation in sockets:
        socket = mapping(operation.item["x-websocket"])
        assert "101" in mapping(operation.item["responses"]), operation.pointer
        for side in ("client", "server"):
            messages = resolve(document, socket[side])
            variants = items(messages.get("oneOf")) or items(messages.get("anyOf")) or [messages]
            for variant in variants:
                assert resolve(document, variant).get("examples"), f"{variant} has no example"
        context = mapping(socket.get("context"))
        if context:
            fields = mapping(resolve(document, context["request"])["properties"])
            named = {str(context["key"]), *map(str, items(context["per_message"]))}
            assert named | set(mapping(context["defaults"])) | set(
                mapping(context["close"])
            ) <= set(fields)


def test_a_link_leads_to_an_operation(bundled: Bundle) -> None:
    document = bundled.document
    known = {
        str(operation.item["operationId"]): {
            str(parameter["name"]) for parameter in parameters(document, operation)
        }
        for operation in operations(document)
    }
    for operation in operations(document):
        for status, response in mapping(operation.item["responses"]).items():
            for name, link in mapping(resolve(document, response).get("links")).items():
                place = f"{operation.pointer} {status} {name}"
                found = resolve(document, link)
                assert str(found["operationId"]) in known, place
                assert set(mapping(found.get("parameters"))) <= known[str(found["operationId"])], (
                    place
                )
                assert "parameters" in found or "requestBody" in found, place


def test_the_extensions_used_are_those_explained() -> None:
    readme = (OPENAPI / "README.md").read_text("utf-8")
    explained = set(re.findall(r"^### `(x-[a-z-]+)`$", readme, re.MULTILINE))
    documents = [version.bundle.document for version in read_versions()]
    used = {key for each in documents for key in keys(each) if key.startswith("x-")}
    assert used - {*HEADERS} <= explained
    assert explained == {name for known in KNOWN.values() for name in known}
