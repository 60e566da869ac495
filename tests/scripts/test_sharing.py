"""Which parts of a further date are printed anew: those that differ, or refer to one that does."""

from __future__ import annotations

from collections.abc import Mapping

from scripts.view.sharing import Part, differing


def parts(**views: str) -> Mapping[str, Part]:
    """Make parts by name; ``__`` stands for the dot."""
    named = {name.replace("__", "."): view for name, view in views.items()}
    return {name: Part((name,), view) for name, view in named.items()}


BASE = parts(
    models__Leaf="leaf",
    models__Middle="x: list[_models.Leaf]",
    models__Other="nothing",
    resources__tree="-> _models.Middle",
    resources__else="-> _models.Other, _sockets.Reconnection",
    resources__client="_resources.tree.TreeResource _resources.else.ElseResource",
    models__OtherParam="x: int",
    models__MiddleParam="leaf: OtherParam",
)


def test_nothing_differs_where_nothing_is_printed_otherwise() -> None:
    assert differing(BASE, BASE) == frozenset()


def test_what_refers_to_a_difference_differs_however_far_away() -> None:
    other = {**BASE, **parts(models__Leaf="another leaf")}
    assert differing(BASE, other) == {
        "models.Leaf",
        "models.Middle",
        "resources.tree",
        "resources.client",
    }


def test_types_of_parameters_refer_to_each_other_without_a_prefix() -> None:
    other = {**BASE, **parts(models__OtherParam="x: str")}
    assert differing(BASE, other) == {"models.OtherParam", "models.MiddleParam"}


def test_what_is_new_differs_and_what_is_gone_does_not_matter() -> None:
    other = {**BASE, **parts(models__New="new")}
    del other["resources.else"]
    assert differing(BASE, other) == {"models.New"}


def test_a_part_of_several_names_is_one() -> None:
    union = {"models.Union": Part(("models.Union", "models.parse_union"), "old")}
    user = parts(models__User="read(_models.parse_union)")
    changed = {"models.Union": Part(("models.Union", "models.parse_union"), "new")}
    assert differing({**union, **user}, {**changed, **user}) == {"models.Union", "models.User"}


def test_parts_that_refer_to_each_other_end() -> None:
    ring = parts(models__A="_models.B", models__B="_models.A")
    assert differing(ring, {**ring, **parts(models__A="_models.B!")}) == {"models.A", "models.B"}
