"""Datasets, their files, and fine-tunes that progress by the clock."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cartesia_mock.clock import Clock
from cartesia_mock.testing import serve
from tests.mock.helpers import speech_wav
from tests.mock.response_checker import ResponseChecker


def make_dataset(api: httpx.Client, name: str = "Takes") -> str:
    answer = api.post("/datasets/", json={"name": name, "description": "Of one script."})
    return str(answer.json()["id"])


def upload(api: httpx.Client, dataset: str, content: bytes, name: str = "take.wav") -> None:
    answer = api.post(
        f"/datasets/{dataset}/files",
        files={"file": (name, content)},
        data={"purpose": "fine_tune"},
    )
    assert (answer.status_code, answer.content) == (204, b"")


def train(api: httpx.Client, of: str, **changes: Any) -> httpx.Response:
    body = {
        "name": "Narrator",
        "description": "Read evenly.",
        "language": "en",
        "model_id": "sonic-3-2026-01-12",
        "dataset": of,
        "accent": "British English",
    }
    return api.post("/fine-tunes/", json=body | changes)


def test_a_dataset_is_made_changed_and_deleted(api: httpx.Client) -> None:
    dataset = make_dataset(api)
    path = f"/datasets/{dataset}"
    before = api.get(path).json()
    changed = api.patch(path, json={"name": "Cut", "description": "Shorter."})
    assert (changed.status_code, changed.content) == (204, b"")
    assert api.get(path).json() == before | {"name": "Cut", "description": "Shorter."}
    assert api.delete(path).status_code == 204
    for answer in (api.get(path), api.delete(path), api.get(f"{path}/files")):
        assert answer.status_code == 404
    assert api.patch(path, json={"name": "x", "description": "y"}).status_code == 404
    assert api.post(f"{path}/files", files={"file": b"x"}).status_code == 404


def test_a_dataset_holds_its_files_newest_first(api: httpx.Client) -> None:
    dataset, other = make_dataset(api), make_dataset(api)
    upload(api, dataset, b"first", "one.wav")
    upload(api, dataset, b"the second", "two.wav")
    upload(api, other, b"", "empty.wav")
    files = api.get(f"/datasets/{dataset}/files").json()["data"]
    assert [(file["filename"], file["size"]) for file in files] == [("two.wav", 10), ("one.wav", 5)]
    path = f"/datasets/{dataset}/files/{files[0]['id']}"
    assert api.delete(path.replace(dataset, other)).status_code == 404
    assert api.delete(path).status_code == 204
    assert api.delete(path).status_code == 404
    assert api.get(f"/datasets/{dataset}/files").json()["data"] == files[1:]


def test_pages_go_both_ways(api: httpx.Client) -> None:
    made = [make_dataset(api, f"Number {number}") for number in range(12)][::-1]
    first = api.get("/datasets/").json()
    assert [dataset["id"] for dataset in first["data"]] == made[:10]
    assert first["has_more"]
    assert first["next_page"] == made[9]
    rest = api.get(f"/datasets/?starting_after={made[9]}").json()
    assert [dataset["id"] for dataset in rest["data"]] == made[10:]
    assert (rest["has_more"], rest["next_page"]) == (False, None)
    back = api.get(f"/datasets/?ending_before={made[10]}&limit=4").json()
    assert [dataset["id"] for dataset in back["data"]] == made[6:10]
    assert api.get("/datasets/?limit=101").status_code == 400


def test_a_fine_tune_is_trained_and_gives_a_voice(checker: ResponseChecker) -> None:
    clock = Clock()
    with (
        serve(engine="tone", clock=clock, training_seconds=100) as url,
        checker.client(url) as api,
    ):
        dataset = make_dataset(api)
        upload(api, dataset, b"a text beside the takes", "notes.txt")
        upload(api, dataset, speech_wav("One of many takes."))
        made = train(api, dataset).json()
        path = f"/fine-tunes/{made['id']}"
        assert (made["status"], made["dataset"]) == ("created", dataset)
        assert api.get(f"{path}/voices").json()["data"] == []

        clock.advance(20)
        assert api.get(path).json() == made | {"status": "training"}
        assert "Narrator" not in api.get("/voices?is_owner=true").text

        clock.advance(80)
        assert api.get("/fine-tunes/").json()["data"] == [made | {"status": "completed"}]
        (voice,) = api.get(f"{path}/voices").json()["data"]
        assert (voice["name"], voice["is_owner"]) == ("Narrator", True)
        assert api.get(f"/voices/{voice['id']}").json() == voice
        assert api.get("/voices?limit=1").json()["data"] == [voice]

        assert api.delete(path).status_code == 204
        assert api.get(path).status_code == 404
        assert api.get(f"{path}/voices").status_code == 404
        assert api.delete(path).status_code == 404
        assert api.get(f"/voices/{voice['id']}").status_code == 404


@pytest.mark.parametrize("content", [None, b"no recording"])
def test_a_fine_tune_without_a_recording_fails(
    checker: ResponseChecker, content: bytes | None
) -> None:
    with serve(engine="tone", training_seconds=0) as url, checker.client(url) as api:
        dataset = make_dataset(api)
        if content is not None:
            upload(api, dataset, content)
        made = train(api, dataset).json()
        assert made["status"] == "failed"
        assert api.get(f"/fine-tunes/{made['id']}/voices").json()["data"] == []


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"dataset": "nothing"}, 404, "no dataset has the id 'nothing'"),
        ({"model_id": "tenor-1"}, 400, "Invalid model"),
        ({"language": "?"}, 400, "language: "),
        ({"name": None}, 400, "name: None is not of type string"),
    ],
)
def test_invalid_fine_tunes_are_refused(
    api: httpx.Client, changes: dict[str, Any], status: int, text: str
) -> None:
    answer = train(api, make_dataset(api), **changes)
    assert answer.status_code == status
    assert text in answer.text


def test_the_clock_is_advanced_over_http(api: httpx.Client) -> None:
    dataset = make_dataset(api)
    upload(api, dataset, speech_wav("One of many takes."))
    made = train(api, dataset).json()
    before = api.get("/_mock/clock").json()
    after = api.post("/_mock/clock", json={"advance": 3600}).json()
    assert after["offset"] == before["offset"] + 3600
    assert after["now"] > before["now"]
    assert api.get(f"/fine-tunes/{made['id']}").json()["status"] == "completed"


@pytest.mark.parametrize("body", [{}, {"advance": -1}, {"advance": "1"}, {"advance": 1e12}, []])
def test_the_clock_only_advances(api: httpx.Client, body: Any) -> None:
    answer = api.post("/_mock/clock", json=body)
    assert answer.status_code == 400
    assert answer.text.startswith("Invalid request: advance")
    headers = {"content-type": "application/json"}
    assert api.post("/_mock/clock", content="{", headers=headers).status_code == 400
