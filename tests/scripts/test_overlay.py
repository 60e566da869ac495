"""Overlays: what each action does, and where its faults are said to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.bundle import JSON, Bundle, DocumentError
from scripts.overlay import apply_overlay, read_overlay

HEAD = "overlay: 1.1.0\ninfo: {title: A test, version: 1.0.0}\nactions:\n"
"""Three lines, so that the first action is on line 4."""


def patched(tmp_path: Path, document: dict[str, JSON], actions: str) -> Bundle:
    """Apply an overlay with these actions to a document."""
    file = tmp_path / "a.yaml"
    file.write_text(HEAD + actions, "utf-8")
    bundle = Bundle(document, {"": "openapi/openapi.yaml#"})
    return apply_overlay(bundle, read_overlay(file, "overlays/a.yaml"))


def faults(tmp_path: Path, document: dict[str, JSON], actions: str) -> list[str]:
    """Return the faults of an overlay with these actions."""
    with pytest.raises(DocumentError) as caught:
        patched(tmp_path, document, actions)
    return caught.value.faults


def test_an_update_merges_objects_joins_lists_and_replaces_the_rest(tmp_path: Path) -> None:
    document: dict[str, JSON] = {"a": {"kept": 1, "list": [1], "inner": {"x": 1}, "plain": "old"}}
    update = "- target: $.a\n  update: {list: [2, 3], inner: {y: 2}, plain: new, more: {z: null}}\n"
    assert patched(tmp_path, document, update).document == {
        "a": {
            "kept": 1,
            "list": [1, 2, 3],
            "inner": {"x": 1, "y": 2},
            "plain": "new",
            "more": {"z": None},
        }
    }
    assert document == {"a": {"kept": 1, "list": [1], "inner": {"x": 1}, "plain": "old"}}


def test_an_update_of_a_list_appends_and_of_a_plain_value_replaces(tmp_path: Path) -> None:
    actions = "- target: $.a\n  update: {x: 1}\n- target: $.b[1]\n  update: new\n"
    found = patched(tmp_path, {"a": [0], "b": [1, 2]}, actions)
    assert found.document == {"a": [0, {"x": 1}], "b": [1, "new"]}


def test_every_selected_node_is_removed(tmp_path: Path) -> None:
    document: dict[str, JSON] = {"a": [1, 2, 1, 3], "b": {"gone": 1, "kept": {"gone": 2}}}
    actions = "- target: $.a[?@ == 1]\n  remove: true\n- target: $..gone\n  remove: true\n"
    assert patched(tmp_path, document, actions).document == {"a": [2, 3], "b": {"kept": {}}}


def test_a_copy_merges_another_node(tmp_path: Path) -> None:
    document: dict[str, JSON] = {"from": {"x": [1]}, "to": {"y": 2}}
    found = patched(tmp_path, document, "- target: $.to\n  copy: $.from\n")
    assert found.document == {"from": {"x": [1]}, "to": {"y": 2, "x": [1]}}
    (fault,) = faults(tmp_path, document, "- target: $.to\n  copy: $.*\n")
    assert fault == "overlays/a.yaml:4: `copy` $.* must select one node, not 2"


def test_a_target_that_selects_nothing_is_a_fault_with_its_line(tmp_path: Path) -> None:
    actions = "- target: $.a\n  update: {x: 1}\n- target: $.misspelt\n  remove: true\n"
    (fault,) = faults(tmp_path, {"a": {}}, actions)
    assert fault == (
        "overlays/a.yaml:6: the target $.misspelt selects nothing; correct or remove it"
    )


def test_kinds_that_cannot_be_merged_are_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, {"a": "text"}, "- target: $.a\n  update: {x: 1}\n")
    assert "overlays/a.yaml:4: $.a selects a plain value, which cannot be merged with an" in fault


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ("- target: $.a\n", "4: an action has exactly one of update, copy and remove"),
        ("- target: $.a\n  remove: true\n  update: 1\n", "4: an action has exactly one"),
        ("- target: $.a\n  replace: 1\n  update: 1\n", "4: 'replace' is not a key of an action"),
        ("- target: a.b\n  remove: true\n", "4: target 'a.b' is not a JSONPath of RFC 9535"),
        ("- update: 1\n", "4: target None is not a JSONPath of RFC 9535"),
    ],
)
def test_what_is_no_action_is_told_with_its_line(tmp_path: Path, actions: str, said: str) -> None:
    assert f"overlays/a.yaml:{said}" in faults(tmp_path, {"a": 1}, actions)[0]


def test_what_is_no_overlay_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("overlays: 1\nactions: []\n")
    with pytest.raises(DocumentError) as caught:
        read_overlay(file, "a.yaml")
    assert caught.value.faults == [
        "a.yaml:1: 'overlays' is not a key of an overlay",
        "a.yaml:1: `overlay` is the version of the specification, such as 1.1.0",
        "a.yaml:1: `info` needs a title and a version",
        "a.yaml:2: `actions` is a list of at least one action",
    ]


def test_each_change_has_the_line_of_the_overlay(tmp_path: Path) -> None:
    document: dict[str, JSON] = {"a": {"list": [{"x": 1}, {"x": 2}], "old": 1}}
    actions = (
        "- target: $.a\n  update:\n    new:\n      inner:\n      - 1\n    list:\n    - {y: 3}\n"
        "- target: $.a.list[0]\n  remove: true\n"
    )
    found = patched(tmp_path, document, actions)
    assert found.place("/a/new") == "overlays/a.yaml:6"
    assert found.place("/a/new/inner/0") == "overlays/a.yaml:8"
    assert found.place("/a/new/missing") == "overlays/a.yaml:6#/missing"
    # The third item of the list is its second one, since the first is removed.
    assert found.place("/a/list/1/y") == "overlays/a.yaml:10"
    assert found.place("/a") == "openapi/openapi.yaml#/a (changed by overlays/a.yaml:6)"
    assert found.source("/a") == "openapi/openapi.yaml#/a and overlays/a.yaml"
    assert found.source("/a/new/inner") == "overlays/a.yaml"
    assert found.place("/a/old") == "openapi/openapi.yaml#/a/old"
