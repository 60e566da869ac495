# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/test_pages.py
# Do not edit: change that file instead.
"""Lists in pages, walked through forwards, backwards, to the end and in a circle."""

from __future__ import annotations

import json

import pytest

import cartesia
from tests.runtime._sync.tiny import tiny
from tests.runtime.server import Step, answer, serve


def page(*ids: str, **envelope: object) -> Step:
    return answer(json.dumps({"data": [{"id": each} for each in ids], **envelope}).encode())


def targets(server: object) -> list[str]:
    return [request.target for request in server.requests]  # type: ignore[attr-defined]


def test_all_items_are_walked_through() -> None:
    steps = (page("a", "b", has_more=True), page("c", has_more=True), page("d", has_more=False))
    with serve(*steps) as server:
        with tiny(server.url) as client:
            found = [thing.to_dict()["id"] for thing in client.things.list(limit=2)]
    assert found == ["a", "b", "c", "d"]
    assert targets(server) == [
        "/things?limit=2",
        "/things?limit=2&starting_after=b",
        "/things?limit=2&starting_after=c",
    ]


def test_page_by_page() -> None:
    steps = (page("a", has_more=True, next_page="a"), page("b", has_more=False))
    with serve(*steps) as server:
        with tiny(server.url) as client:
            first = client.things.list()
            assert first.has_more is True
            assert first.next_page == "a"
            assert first.has_next_page()
            info = first.next_page_info()
            assert info is not None
            assert info.params == {"starting_after": "a"}
            assert "'a'" in repr(first)
            second = first.get_next_page()
            assert [thing.to_dict() for thing in second.data] == [{"id": "b"}]
            assert not second.has_next_page()
            with pytest.raises(RuntimeError, match="last page"):
                second.get_next_page()
            assert [len(each.data) for each in first.iter_pages()] == [1, 1]


def test_backwards() -> None:
    with serve(page("c", "d", has_more=True), page("a", "b", has_more=False)) as server:
        with tiny(server.url) as client:
            listed = client.things.list(ending_before="e")
            assert len([thing for thing in listed]) == 4
    assert targets(server) == ["/things?ending_before=e", "/things?ending_before=c"]


def test_without_has_more_an_empty_page_is_the_last() -> None:
    with serve(page("a"), page("b"), page()) as server:
        with tiny(server.url) as client:
            assert len([thing for thing in client.things.list()]) == 2
    assert len(server.requests) == 3


def test_items_without_an_id_need_the_servers_own_cursor() -> None:
    with_cursor = answer(b'{"data": [{"n": 1}], "has_more": true, "next_page": "p2"}')
    without = answer(b'{"data": [{"n": 2}], "has_more": true}')
    with serve(with_cursor, without) as server:
        with tiny(server.url) as client:
            items = (client.things.list()).__iter__()
            found = [items.__next__(), items.__next__()]
            with pytest.raises(cartesia.APIResponseValidationError, match="more items follow"):
                items.__next__()
    assert [item.to_dict() for item in found] == [{"n": 1}, {"n": 2}]
    assert targets(server) == ["/things", "/things?starting_after=p2"]


@pytest.mark.parametrize("tail", [[], ["x"], ["x", "y", "z"]])
@pytest.mark.parametrize("circle", [["a"], ["a", "b"], ["a", "b", "c", "d", "e"]])
def test_a_circle_is_an_error(tail: list[str], circle: list[str]) -> None:
    steps = [page(each, has_more=True) for each in tail + circle * 5]
    with serve(*steps) as server:
        with tiny(server.url) as client:
            with pytest.raises(cartesia.APIResponseValidationError, match="cycle"):
                for _ in client.things.list():
                    pass
    assert len(server.requests) == len(tail + circle) + 1


def test_a_list_that_is_walked_through_again_is_no_circle() -> None:
    steps = [page(each, has_more=each != "c") for each in ("a", "b", "c", "b", "c")]
    with serve(*steps) as server:
        with tiny(server.url) as client:
            first = client.things.list()
            for _ in range(2):
                assert [thing.to_dict()["id"] for thing in first] == ["a", "b", "c"]
    assert len(server.requests) == 5


def test_a_page_that_is_none() -> None:
    with serve(answer(b'{"data": null}')) as server:
        with tiny(server.url) as client:
            with pytest.raises(cartesia.APIResponseValidationError, match="a page of a list"):
                client.things.list()


def test_a_raw_page_leads_to_usual_ones() -> None:
    with serve(page("a", has_more=True), page("b", has_more=False)) as server:
        with tiny(server.url) as client:
            response = client.things.with_raw_response.list()
            assert response.status_code == 200
            listed = response.parse()
            assert len([thing for thing in listed]) == 2
