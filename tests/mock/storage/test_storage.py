"""Stored objects: kept in a file over a restart, and not shared between servers."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.cli import main
from cartesia_mock.speech.audio import decode
from cartesia_mock.storage import Database, Records, Storage, StorageError
from cartesia_mock.testing import serve
from tests.mock.helpers import speech_wav
from tests.mock.response_checker import ResponseChecker

JSON = dict[str, Any]


def fill(api: httpx.Client) -> JSON:
    """Make one of everything; give what there is to see of it."""
    clip = speech_wav("This is how I speak.")
    api.post("/voices/clone", data={"name": "M", "language": "en"}, files={"clip": clip})
    dataset = api.post("/datasets/", json={"name": "D", "description": ""}).json()["id"]
    api.post(f"/datasets/{dataset}/files", files={"file": ("take.wav", clip)})
    body = {"name": "F", "description": "", "language": "en", "dataset": dataset}
    api.post("/fine-tunes/", json=body | {"model_id": "sonic-3-2026-01-12"})
    api.post("/pronunciation-dicts/", json={"name": "P", "items": [{"text": "a", "alias": "b"}]})
    api.post("/agents/metrics", json={"name": "m", "prompt": "?"})
    api.patch("/agents/agent_5Wx3JhVd", json={"name": "desk"})
    api.delete("/agents/agent_9Kd2LmQf")
    api.post("/_mock/clock", json={"advance": 40})
    return seen(api)


def seen(api: httpx.Client) -> JSON:
    paths = ["/voices?limit=3", "/datasets/", "/fine-tunes/", "/pronunciation-dicts/", "/agents"]
    paths += ["/agents/metrics", "/agents/metrics/results"]
    found = {path: api.get(path).json() for path in paths}
    dataset = found["/datasets/"]["data"][0]["id"] if found["/datasets/"]["data"] else "none"
    return found | {"files": api.get(f"/datasets/{dataset}/files").text}


def test_a_storage_file_survives_a_restart(checker: ResponseChecker, tmp_path: Path) -> None:
    data = tmp_path / "mock.sqlite"
    with serve(engine="tone", data=data) as url, checker.client(url) as api:
        before = fill(api)
        token = api.post("/access-token", json={"grants": {"agent": True}}).json()["token"]
        offset = api.get("/_mock/clock").json()["offset"]
    with serve(engine="tone", data=data) as url, checker.client(url) as api:
        assert seen(api) == before
        assert api.get("/_mock/clock").json()["offset"] == offset
        headers = {"authorization": f"Bearer {token}"}
        assert api.get("/agents/templates", headers=headers).status_code == 200
        voice = before["/voices?limit=3"]["data"][0]["id"]
        preview = api.get(f"/previews/{voice}.wav")
        assert len(decode(preview.content)[0]) == len(decode(speech_wav("This is how I speak."))[0])
    assert [path.name for path in tmp_path.iterdir()] == ["mock.sqlite"]


def test_two_servers_share_nothing(checker: ResponseChecker) -> None:
    with (
        serve(engine="tone") as one,
        serve(engine="tone") as other,
        checker.client(one) as first,
        checker.client(other) as second,
    ):
        before = seen(second)
        assert fill(first) != before
        assert seen(second) == before
        token = first.post("/access-token", json={"grants": {"agent": True}}).json()["token"]
        headers = {"authorization": f"Bearer {token}"}
        assert second.get("/agents/templates", headers=headers).status_code == 401


def test_concurrent_clients_lose_nothing(checker: ResponseChecker, tmp_path: Path) -> None:
    with serve(engine="tone", data=tmp_path / "mock.sqlite") as url:

        def work(number: int) -> None:
            with checker.client(url) as api:
                dataset = api.post("/datasets/", json={"name": f"{number}", "description": ""})
                path = f"/datasets/{dataset.json()['id']}/files"
                for content in range(5):
                    api.post(path, files={"file": str(content).encode()})
                assert len(api.get(path).json()["data"]) == 5

        threads = [threading.Thread(target=work, args=[number]) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with checker.client(url) as api:
            assert len(api.get("/datasets/").json()["data"]) == 6


def test_a_transaction_that_fails_changes_nothing() -> None:
    database = Database()
    records = Records(database, "thing")
    records.add("a", {"id": "a"})

    def add_both() -> None:
        with database.transaction():
            records.add("b", {"id": "b"})
            records.add("a", {"id": "a"})

    with pytest.raises(sqlite3.IntegrityError):
        add_both()
    assert records.list() == [{"id": "a"}]


def test_records_belong_to_their_parents() -> None:
    records = Records(Database(), "thing")
    records.add("a", {"id": "a"}, parent="one", content=b"x")
    records.add("b", {"id": "b"}, parent="two")
    assert records.list(parent="one") == [{"id": "a"}]
    assert records.list() == [{"id": "b"}, {"id": "a"}]
    assert records.find("a", parent="two") is None
    assert (records.content("a"), records.content("b"), records.content("c")) == (b"x", None, None)
    assert records.change("a", {"more": 1}) == {"id": "a", "more": 1}
    records.remove_all(parent="one")
    assert records.list() == [{"id": "b"}]
    for missing in (records.get, records.remove):
        with pytest.raises(HTTPError, match="Thing not found: no thing has the id 'a'"):
            missing("a")


@pytest.mark.parametrize("kind", ["no database", "another database", "a newer one", "a folder"])
def test_a_file_that_is_no_storage_is_not_changed(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    if kind == "a folder":
        path.mkdir()
    elif kind == "no database":
        path.write_text("This is not a database, whatever else it is. " * 30)
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE things (a)")
            if kind == "a newer one":
                connection.execute("PRAGMA user_version = 99")
        connection.close()
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StorageError, match=str(path)):
        Database(path)
    assert before == (path.read_bytes() if path.is_file() else b"")


def test_notes_are_replaced() -> None:
    state = Storage(Database())
    assert state.note("x") is None
    state.write_note("x", "1")
    state.write_note("x", "2")
    assert state.note("x") == "2"
    state.close()


def test_the_command_says_what_is_wrong_with_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--port", "0", "--engine", "tone", "--data", str(tmp_path)]) == 1
    assert f"cartesia-mock: {tmp_path} cannot hold the state" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--tts-concurrency", "--page-size", "--max-export-rows"])
def test_limits_are_numbers_from_one_up(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([option, "0"])
    assert "0 is not a whole number from 1 up" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="it is about permissions of POSIX")
@pytest.mark.parametrize("mode", [None, 0o644])
def test_only_the_owner_can_read_the_file(tmp_path: Path, mode: int | None) -> None:
    path = tmp_path / "mock.sqlite"
    if mode is not None:
        path.touch(mode)
    with serve(engine="tone", data=path):
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_storage_that_is_full_is_a_507_and_can_be_used_again() -> None:
    database = Database(max_bytes=200_000)
    records = Records(database, "thing")
    records.add("a", {"id": "a"})
    with pytest.raises(HTTPError, match="there is no room for more objects") as caught:
        records.add("b", {"id": "b"}, content=b"x" * 300_000)
    assert caught.value.status == 507
    records.add("c", {"id": "c"})
    assert records.list() == [{"id": "c"}, {"id": "a"}]
