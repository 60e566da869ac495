# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_lists.py
# Do not edit: change that file instead.
"""Lists in pages: circles, empty pages, long lists."""

from __future__ import annotations

import gc
import json
import tracemalloc

import pytest

import cartesia
from cartesia._runtime._sync.pages import Paginator
from cartesia.types import Voice
from tests.faults._sync.calls import connect
from tests.faults.page import Caller
from tests.runtime.server import Received, Step, Wire, answer, serve

GROUP = "Lists in pages"
PAGE = 100
ITEMS = 100_000
WHOLE = {
    "is_owner": False,
    "is_public": True,
    "name": "Nora",
    "description": "",
    "created_at": "2026-05-04T03:02:01Z",
    "language": "en",
}
"""What a voice has beside its id."""


def page(*ids: str, **envelope: object) -> Step:
    return answer(json.dumps({"data": [{"id": each} for each in ids], **envelope}).encode())


@pytest.mark.parametrize("length", [1, 2, 7])
@pytest.mark.fault(GROUP, "The server repeats a cursor")
def test_a_circle(length: int, caller: Caller) -> None:
    circle = [page(f"v{number}", has_more=True) for number in range(length)]
    with serve(*circle * 5) as server:
        with connect(server.url) as client:
            with pytest.raises(cartesia.APIResponseValidationError, match="form a cycle"):
                for _ in client.voices.list():
                    pass
    assert len(server.requests) <= 4 * length
    caller.sees(
        "`APIResponseValidationError`: the server's pages form a cycle: the cursor ... came twice"
    )


@pytest.mark.parametrize("envelope", [{"has_more": True}, {}])
@pytest.mark.fault(GROUP, "A page without items, whatever `has_more` says")
def test_an_empty_page(envelope: dict[str, object], caller: Caller) -> None:
    with serve(page("a", has_more=True), page(**envelope)) as server:
        with connect(server.url) as client:
            assert [voice.id for voice in client.voices.list()] == ["a"]
    assert len(server.requests) == 2
    caller.sees("the list ends")


@pytest.mark.fault(GROUP, "A page that is none")
def test_a_page_that_is_none(caller: Caller) -> None:
    with serve(answer(b'{"data": {"id": "v"}}')) as server:
        with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError):
                client.voices.list()


def collect(listed: Paginator[Voice], items: list[object]) -> None:
    for voice in listed:
        if len(items) < ITEMS:  # one by one, since what came before an error must be there
            items.append(voice)


@pytest.mark.fault(GROUP, "Items that are no objects")
def test_items_that_are_none(caller: Caller) -> None:
    with serve(answer(b'{"data": [1, null, "v", [], {"id": 5}], "has_more": true}')) as server:
        with connect(server.url) as client:
            items: list[object] = []
            with caller.raises(cartesia.APIResponseValidationError, match="no id"):
                collect(client.voices.list(), items)
    assert items[:4] == [1, None, "v", []]
    assert len(items) == 5
    assert len(server.requests) == 1, "an id that is no text leads nowhere"


A_PAGE = json.dumps({"data": [{"id": "v%d", **WHOLE}] * PAGE, "has_more": True}).encode()
"""Written once, since the memory that the server takes is traced as well, which is slow."""


def count_up(wire: Wire, request: Received) -> None:
    """Answer with the page behind the cursor."""
    last = int(request.target.rpartition("starting_after=v")[2]) if "v" in request.target[7:] else 0
    body = A_PAGE % tuple(range(last + 1, last + PAGE + 1))
    if last + PAGE == ITEMS:
        body = body.replace(b'"has_more": true', b'"has_more": false')
    answer(body)(wire, request)


@pytest.mark.untraced
@pytest.mark.timeout(300)
@pytest.mark.fault(GROUP, "A list of 100,000 items")
def test_a_long_list(caller: Caller) -> None:
    with serve(count_up) as server:
        with connect(server.url) as client:
            count = 0
            for _ in client.voices.list(limit=PAGE):
                count += 1
                if count == 10 * PAGE:
                    server.requests.clear()
                    gc.collect()
                    tracemalloc.start()
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            requests = len(server.requests)
    assert count == ITEMS
    assert requests == (ITEMS - 10 * PAGE) // PAGE
    # The server of this process notes each request, some 2 KB; a page is some 60 KB.
    assert peak < requests * 3_000 + 600_000
    caller.sees("the items, in the memory of a page")
