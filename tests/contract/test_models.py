"""Every schema of the document is a model that keeps all it reads, unknown fields included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast, get_args

import pytest
from hypothesis import given, settings

from cartesia._runtime.model import Model
from scripts.bundle import JSON, JSONMap
from scripts.view.document import mapping, mappings, sequence, text
from scripts.view.python_names import attribute, snake_case
from scripts.view.shapes import SchemaKind
from tests.contract.dates import package
from tests.contract.figures import figures
from tests.contract.instances import document, faults, instances

DOCUMENT = document()
MODELS = package("cartesia_rest.models")
SHOWN = DOCUMENT.schemas.keys() - (DOCUMENT.bodies - DOCUMENT.referred)
"""The named schemas that are more than the body of a request, whose fields become arguments."""


def of_kind(kind: SchemaKind) -> list[str]:
    return sorted(name for name in SHOWN if DOCUMENT.kind(name) is kind)


def reference(name: str) -> JSONMap:
    return {"$ref": f"#/components/schemas/{name}"}


def variants(name: str) -> list[str]:
    schema = DOCUMENT.schemas[name]
    members = mappings(schema, "oneOf") or mappings(schema, "anyOf")
    named = [ref for member in members if (ref := text(member, "$ref"))]
    return [ref.rpartition("/")[2] for ref in named]


def written(value: object) -> str:
    """Write a value so that no two different ones read the same: 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)


def attributes(name: str) -> Iterator[tuple[str, list[str]]]:
    """Return the attributes of each field, and the fields that they are read from."""
    properties = DOCUMENT.component_properties(name)
    for wire, item in properties.items():
        aliases = [str(alias) for alias in sequence(item.schema, "x-aliases")]
        wires = [wire, *(alias for alias in aliases if alias in properties)]
        yield text(item.schema, "x-python-name") or attribute(wire), wires
        for alias in aliases:
            if alias not in properties:
                yield alias, wires


@pytest.mark.parametrize("name", of_kind(SchemaKind.MODEL))
def test_a_model_gives_back_what_it_read(name: str) -> None:
    figures.count("models")
    model_class = cast("type[Model]", getattr(MODELS, name))
    named = list(attributes(name))

    @settings(settings.get_profile("contract"))
    @given(instances(reference(name), further=True))
    def check(made: JSON) -> None:
        figures.count("instances of models")
        assert isinstance(made, dict)
        assert faults(f"/components/schemas/{name}", made) == []
        model = model_class.from_dict(json.loads(json.dumps(made)))
        assert written(model.to_dict()) == written(made)
        assert written(json.loads(model.to_json())) == written(made)
        further = {key: value for key, value in made.items() if key.startswith("new_")}
        assert written(model.model_extra) == written(further)
        for key, value in further.items():
            assert getattr(model, key) == value
        for shown, wires in named:
            is_missing = all(made.get(wire) is None for wire in wires)
            assert (getattr(model, shown) is None) == is_missing, shown

    check()


@pytest.mark.parametrize(
    ("name", "variant"),
    [(name, variant) for name in of_kind(SchemaKind.UNION) for variant in variants(name)],
)
def test_a_union_reads_each_of_its_kinds(name: str, variant: str) -> None:
    figures.count("variants of unions")
    parse = getattr(MODELS, f"parse_{snake_case(name)}")

    @settings(settings.get_profile("contract"))
    @given(instances(reference(variant), further=True))
    def check(made: JSON) -> None:
        figures.count("instances of unions")
        event = parse(json.loads(json.dumps(made)))
        assert type(event).__name__ == variant
        assert written(event.to_dict()) == written(made)

    check()


@pytest.mark.parametrize(
    "name",
    [name for name in of_kind(SchemaKind.UNION) if "discriminator" in DOCUMENT.schemas[name]],
)
def test_a_union_hands_on_what_it_does_not_know(name: str) -> None:
    parse = getattr(MODELS, f"parse_{snake_case(name)}")
    tag = text(mapping(DOCUMENT.schemas[name], "discriminator"), "propertyName")
    for data in ({tag: "brand.new", "data": {"deep": [1]}}, {"data": 1}, {tag: None}, {}):
        event = parse(data)
        assert type(event) is Model
        assert event.to_dict() == data


@pytest.mark.parametrize("name", of_kind(SchemaKind.ENUM))
def test_an_enum_has_the_values_of_the_document(name: str) -> None:
    figures.count("enums")
    schema = DOCUMENT.schemas[name]
    listed = DOCUMENT.open_values(schema) or schema
    assert list(get_args(getattr(MODELS, name))) == list(sequence(listed, "enum"))


def test_nothing_is_left_out() -> None:
    """A schema that is not a model, union or enum, nor a choice of enums, names a plain type."""
    rest = {name for name in SHOWN if DOCUMENT.kind(name) is None}
    assert [name for name in sorted(rest) if "type" not in DOCUMENT.schemas[name]] == []
    for name in of_kind(SchemaKind.CHOICE):
        assert {DOCUMENT.kind(variant) for variant in variants(name)} == {SchemaKind.ENUM}
    assert sum(len(of_kind(kind)) for kind in SchemaKind) + len(rest) == len(SHOWN)
