"""Values are made by every word of JSON Schema that the makers say they know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from scripts.bundle import JSONMap
from tests.contract.instances import instances


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 2, "maxLength": 3},
        {"type": "string", "minLength": 40},
        {"type": "string", "pattern": "^[a-c]+$", "minLength": 2, "maxLength": 4},
        {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
        {"type": "number", "minimum": 0, "exclusiveMaximum": 0.5},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 5},
        {"type": "array", "items": {"type": "null"}, "minItems": 1, "maxItems": 1},
        {"type": ["integer", "null"], "title": "Age", "minimum": 0},
    ],
)
@given(data=st.data())
def test_they_are_valid(schema: JSONMap, data: st.DataObject) -> None:
    value = data.draw(instances(schema))
    assert list(Draft202012Validator(schema).iter_errors(value)) == []


def test_a_word_that_is_not_known_is_named() -> None:
    with pytest.raises(NotImplementedError, match="multipleOf"):
        instances({"type": "number", "multipleOf": 3})
