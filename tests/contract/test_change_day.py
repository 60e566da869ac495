"""When the document changes, the client and the mock follow, with no edit by hand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from cartesia_mock.document import APIDocument
from cartesia_mock.testing import serve
from scripts.bundle import MAIN_FILE, bundle
from scripts.conventions import check_document
from scripts.spec_diff import compare, read
from scripts.view.document import Document
from tests.contract import described, written
from tests.contract.changed import change, copied, edited, grow
from tests.contract.facts import Aspect
from tests.contract.figures import figures
from tests.contract.meant import unexplained
from tests.contract.update_table import update

ROOT = Path(__file__).parents[2]
VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
HEADERS = {"authorization": "Bearer good", "cartesia-version": "2025-11-04"}


class Changed(NamedTuple):
    """What was generated from the changed document."""

    document: Path
    package: Path
    bundled: Path

    def run(self, program: str, *arguments: str) -> str:
        """Run a program that uses the client as it is now; give what it prints."""
        path = [str(self.package), str(ROOT / "overrides")]
        done = subprocess.run(  # noqa: S603  # of this environment
            [sys.executable, "-W", "error", "-c", textwrap.dedent(program), *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
            cwd=self.package,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        figures.count("programs run on changed documents")
        return done.stdout


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Changed:
    """Generate from the changed document, by the command that a person uses."""
    folder = tmp_path_factory.mktemp("changed")
    made = Changed(copied(folder, change), folder / "generated", folder / "openapi.json")
    done = subprocess.run(  # noqa: S603  # of this environment
        [
            *(sys.executable, "-m", "scripts.generate", "--document", str(made.document)),
            *("--output", str(made.package), "--bundled", str(made.bundled)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def url(changed: Changed) -> Iterator[str]:
    """A mock of the changed document."""
    document = APIDocument.load(changed.bundled)
    with serve(api_key="good", engine="tone", document=document) as url:
        yield url


def test_a_new_endpoint_is_a_method(changed: Changed, url: str) -> None:
    printed = changed.run(
        """
        import asyncio, inspect, sys
        from cartesia import AsyncCartesia, Cartesia
        from cartesia.types import Rating

        with Cartesia(api_key="good", base_url=sys.argv[1]) as client:
            rating = client.voices.rate(sys.argv[2], stars=4, remark="warm")
            assert isinstance(rating, Rating)
            raw = client.voices.with_raw_response.rate(sys.argv[2], stars=4)
            print(rating.stars, raw.status_code, raw.parse().ratings)
        assert "How good it is" in inspect.getdoc(client.voices.rate)

        async def main():
            async with AsyncCartesia(api_key="good", base_url=sys.argv[1]) as client:
                print((await client.voices.rate(sys.argv[2], stars=4)).ratings)

        asyncio.run(main())
        """,
        url,
        VOICE,
    )
    assert printed == "4.5 200 12\n12\n"


def test_a_new_endpoint_is_judged_by_the_mock(url: str) -> None:
    answer = httpx.post(f"{url}/voices/{VOICE}/rating", headers=HEADERS, json={"stars": 6})
    assert answer.status_code == 400
    assert "stars" in answer.text


def test_a_new_field_is_an_attribute_and_an_argument(changed: Changed) -> None:
    printed = changed.run(
        """
        import inspect
        from cartesia import Cartesia
        from cartesia.types import Voice

        voice = Voice.from_dict({"id": "a", "age": 40})
        print(voice.age, "age" in voice.model_extra, voice.to_dict())
        print("motto" in inspect.signature(Cartesia(api_key="a").voices.update).parameters)
        """
    )
    assert printed == "40 False {'id': 'a', 'age': 40}\nTrue\n"


def test_a_new_field_is_judged_by_the_mock(url: str) -> None:
    answer = httpx.patch(f"{url}/voices/{VOICE}", headers=HEADERS, json={"motto": "a" * 21})
    assert answer.status_code == 400
    assert "motto" in answer.text


def test_a_new_value_is_known(changed: Changed, url: str) -> None:
    program = """
        from typing import get_args
        from cartesia.types import ModelSpeed

        print("leisurely" in get_args(ModelSpeed))
        """
    assert changed.run(program) == "True\n"
    request = {
        "model_id": "sonic-3",
        "transcript": "Where is the soup?",
        "voice": {"mode": "id", "id": VOICE},
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
        "speed": "leisurely",
    }
    assert httpx.post(f"{url}/tts/bytes", headers=HEADERS, json=request).status_code == 200
    with serve(api_key="good", engine="tone") as before:
        answer = httpx.post(f"{before}/tts/bytes", headers=HEADERS, json=request)
    assert answer.status_code == 400


def test_a_new_event_and_a_new_message_have_types(changed: Changed) -> None:
    printed = changed.run(
        """
        import inspect
        from cartesia.types import TTSSSEMark, WebsocketMark
        from cartesia_rest.models import parse_tts_sse_event
        from cartesia_rest.sockets.tts import SPEC, AsyncTTSContext, TTSContext

        event = parse_tts_sse_event({"type": "mark", "mark": "a", "done": False, "status_code": 206})
        assert isinstance(event, TTSSSEMark)
        message = SPEC.parse({"type": "mark", "mark": "b", "context_id": "c"})
        assert isinstance(message, WebsocketMark)
        for context in (TTSContext, AsyncTTSContext):
            assert "mark" in inspect.signature(context.send).parameters
        print(event.mark, message.mark)
        """
    )
    assert printed == "a b\n"


def test_a_renamed_schema_has_its_new_name_alone(changed: Changed) -> None:
    printed = changed.run(
        """
        from cartesia import types
        from cartesia.types import Voice, VoiceRegion

        voice = Voice.from_dict({"locales": [{"locale": "en-GB", "is_native": True}]})
        print(type(voice.locales[0]) is VoiceRegion, hasattr(types, "VoiceLocale"))
        """
    )
    assert printed == "True False\n"


def test_a_dropped_operation_is_missed(changed: Changed, url: str) -> None:
    printed = changed.run(
        """
        from cartesia import AsyncCartesia, Cartesia

        for client in (Cartesia(api_key="a"), AsyncCartesia(api_key="a")):
            voices = client.voices
            for owner in (voices, voices.with_raw_response, voices.with_streaming_response):
                print(hasattr(owner, "localize"), hasattr(owner, "clone"))
        """
    )
    assert printed == "False True\n" * 6
    answer = httpx.post(f"{url}/voices/localize", headers=HEADERS, json={})
    assert answer.status_code in {404, 405}


def test_the_name_of_a_dropped_answer_is_missed_and_no_other(changed: Changed) -> None:
    printed = changed.run(
        """
        from cartesia import types
        from cartesia.types.agents import Deployment, DeploymentListResponse

        dropped = ("PhoneNumber", "AgentListPhoneNumbersResponse")
        print(DeploymentListResponse == list[Deployment], [hasattr(types, name) for name in dropped])
        """
    )
    assert printed == "True [False, False]\n"


def test_a_new_family_is_called_and_answered(changed: Changed, url: str) -> None:
    printed = changed.run(
        """
        import asyncio, sys
        from datetime import date
        from cartesia import AsyncCartesia, Cartesia
        from cartesia.types import Song, SongAboutWeather

        DAY = date(2026, 11, 28)

        def check(song):
            assert isinstance(song, Song) and isinstance(song.subject, SongAboutWeather)
            assert song.written == DAY

        with Cartesia(api_key="good", base_url=sys.argv[1]) as client:
            check(client.songs.create(title="Rain", written=DAY, premieres={"Oslo": DAY}))
            (song,) = client.songs.list(since=DAY, moods=["calm", "new"])
            check(song)
            assert song.performances == [date(2026, 12, 24)]
            assert song.premieres == {"Oslo": date(2026, 12, 31)}
            assert song.verses_by_language["en"][0].text == "It rains."
            assert [verse.number for verse in client.songs.verses.list(song.id)] == [1]
            print(client.songs.sing(song.id).read()[:4])
            token = client.access_token.create(grants={"tts": True}).token
        with Cartesia(token=token, base_url=sys.argv[1]) as client:
            check(client.songs.create(title="Rain"))

        async def main():
            async with AsyncCartesia(api_key="good", base_url=sys.argv[1]) as client:
                check(await client.songs.create(title="Rain", written="2026-11-28"))
                check([song async for song in client.songs.list(since=DAY)][0])
                print((await (await client.songs.sing("song_1")).read())[:4])

        asyncio.run(main())
        """,
        url,
    )
    assert printed == "b'OggS'\nb'OggS'\n"


def test_a_new_family_is_judged_by_the_mock(url: str) -> None:
    for body in ({"title": "Rain", "written": "yesterday"}, {"moods": ["calm"]}):
        assert httpx.post(f"{url}/songs", headers=HEADERS, json=body).status_code == 400


def test_new_websockets_converse(changed: Changed, url: str) -> None:
    printed = changed.run(
        """
        import asyncio, sys
        from cartesia import AsyncCartesia, Cartesia

        with Cartesia(api_key="good", base_url=sys.argv[1]) as client:
            with client.songs.listen() as listening:
                listening.send({"type": "hint", "titles": ["Rain"]})
                print(listening.recv().title)
                listening.send_raw(bytes(320))
                listening.send({"type": "close"})
                print([event.type for event in listening])
            with client.songs.rehearse() as choir:
                with choir.context("anna", mood="loud") as anna:
                    anna.push("It rains.")
                    anna.push("It pours.", last=True)
                    print([(event.type, event.singer) for event in anna.receive()])
            for text in ("It rains.", iter(["It ", "rains."])):
                with client.songs.sing_along(line=text) as song:
                    print([event.type for event in song if event.type == "sung" or event.audio])

        async def main():
            async with AsyncCartesia(api_key="good", base_url=sys.argv[1]) as client:
                async with client.songs.listen() as listening:
                    await listening.send({"type": "close"})
                    print([event.type async for event in listening])
                async with client.songs.sing_along(line="It rains.") as song:
                    print([event.type async for event in song])

        asyncio.run(main())
        """,
        url,
    )
    assert printed.splitlines() == [
        "Rain",
        "['heard', 'heard', 'done']",
        "[('audio', 'anna'), ('audio', 'anna'), ('sung', 'anna')]",
        "['audio', 'sung']",
        "['audio', 'audio', 'audio', 'sung']",
        "['heard', 'done']",
        "['audio', 'sung']",
    ]


def test_a_renamed_operation_keeps_its_old_name_and_its_handler(changed: Changed, url: str) -> None:
    printed = changed.run(
        """
        import sys, warnings
        from cartesia import Cartesia, NotFoundError

        def find(client):
            for agent in client.agents.list().summaries:
                for call in client.agents.calls.list(agent_id=agent.id):
                    try:
                        return call.id, client.agents.calls.get_recording(call.id).read()
                    except NotFoundError:
                        continue  # nothing of it was recorded

        with Cartesia(api_key="good", base_url=sys.argv[1]) as client:
            call, recording = find(client)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                assert client.agents.calls.download_audio(call).read() == recording
            print(recording[:4], len(recording) > 100_000, caught[0].message)
        """,
        url,
    )
    assert printed == (
        "b'RIFF' True `agents.calls.download_audio` is deprecated: use `agents.calls.get_recording`\n"
    )


def test_a_deprecated_operation_warns(changed: Changed, url: str) -> None:
    printed = changed.run(
        """
        import sys, warnings
        from cartesia import Cartesia

        with Cartesia(api_key="good", base_url=sys.argv[1]) as client:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                templates = client.agents.list_templates().templates
            print(len(templates) > 0, caught[0].message)
        """,
        url,
    )
    assert printed == "True `agents.list_templates` is deprecated: use `agents.list`\n"


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A changed document from which nothing was taken away."""
    return copied(tmp_path_factory.mktemp("grown"), grow)


def test_a_changed_document_passes_make_lint(grown: Path) -> None:
    for command in (
        ["scripts.dated_versions", "--document", str(grown)],
        ["openapi_spec_validator", "--subschema-errors", "all", str(grown)],
    ):
        done = subprocess.run(  # noqa: S603  # of this environment
            [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


USER = """
from datetime import date

from typing_extensions import assert_type

from cartesia import AsyncCartesia, BinaryAPIResponse, Cartesia, SyncCursorIDPage
from cartesia.types import ChoirEvent, Song, SongListeningEvent, SongVerse


def call(client: Cartesia, day: date) -> None:
    song = client.songs.create(title="Rain", written=day, moods=["calm", "any"], subject={"weather": "rain"})
    assert_type(song, Song)
    assert_type(song.written, date)
    assert_type(client.songs.list(since="2026-11-28"), SyncCursorIDPage[Song])
    assert_type(client.songs.verses.list("song_1"), "list[SongVerse]")
    assert_type(client.songs.sing("song_1"), BinaryAPIResponse)
    for verses in (song.verses_by_language or {}).values():
        assert_type(verses, "list[SongVerse]")
    with client.songs.listen() as listening:
        listening.send({"type": "close"})
        assert_type(listening.recv(), SongListeningEvent)
    with client.songs.rehearse() as choir:
        context = choir.context(mood="loud")
        context.push("It rains.", last=True)
        for event in context.receive():
            assert_type(event, ChoirEvent)


async def await_(client: AsyncCartesia) -> None:
    async with client.songs.rehearse() as choir:
        await choir.context().push("It rains.", last=False)
    async with client.songs.sing_along(line=["It ", "rains."]) as song:
        async for event in song:
            assert_type(event, ChoirEvent)
"""


@pytest.mark.timeout(300)  # both read the whole client
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_changed_client_and_its_users_pass_make_types(changed: Changed, checker: str) -> None:
    folder = changed.package.parent / checker
    shutil.copytree(changed.package / "cartesia_rest", folder / "cartesia_rest")
    (folder / "user.py").write_text(USER, "utf-8")
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.9",
        "extraPaths": [str(folder), str(ROOT / "overrides")],
        "venvPath": str(Path(sys.prefix).parent),
        "venv": Path(sys.prefix).name,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    command = {
        "mypy": ["mypy", "--strict", "--cache-dir", os.devnull, "cartesia_rest", "user.py"],
        "pyright": ["pyright", "--project", str(folder)],
    }[checker]
    path = os.pathsep.join([str(folder), str(ROOT / "overrides")])
    done = subprocess.run(  # noqa: S603  # of this environment
        [sys.executable, "-m", *command],
        env={**os.environ, "MYPYPATH": path},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_new_is_written_into_the_table_by_a_verb(grown: Path, tmp_path: Path) -> None:
    facts = described.facts(Document(bundle(grown)))
    table = Path(shutil.copytree(written.TABLE, tmp_path / "table"))
    assert update(table, facts) != []
    after = written.facts(table)
    assert unexplained(after, facts) == []
    assert after[Aspect("GET /songs query since", "type")] == "date"
    assert after[Aspect("GET /agents/templates", "deprecated")] == "yes"
    assert after[Aspect("GET /agents/calls/{call_id}/audio", "older")] == "download_audio"
    assert after[Aspect("GET /songs/{id}/audio", "answer")] == "200 audio/ogg"
    assert after[Aspect("GET /songs/live", "sends")] == "SongListeningCommand, binary audio"


def test_the_worked_example_of_the_readme_works(tmp_path: Path) -> None:
    readme = (ROOT / "openapi" / "README.md").read_text("utf-8")
    example = readme.partition("A whole operation, in `paths/voices.yaml`")[2]
    operation = example.partition("```yaml\n")[2].partition("```")[0]

    def add(folder: Path) -> None:
        paths = folder / "paths" / "voices.yaml"
        paths.write_text(f"{paths.read_text('utf-8')}\n{operation}", "utf-8")
        with edited(folder / "openapi.yaml") as document:
            document["paths"]["/voices/{id}/rating"] = {"$ref": "paths/voices.yaml#/rating"}
        with edited(folder / "schemas" / "voices.yaml") as schemas:
            stars = {"type": "number", "description": "How good it is."}
            since = {"type": "string", "format": "date", "description": "Since when."}
            properties = {"stars": stars, "since": since}
            described = "What callers think."
            schemas["Rating"] = {
                "type": "object",
                "description": described,
                "properties": properties,
            }

    check_document(Document(bundle(copied(tmp_path, add))))


def test_what_changed_is_told(changed: Changed) -> None:
    found = compare(read(MAIN_FILE), read(changed.document))
    assert {change.text for change in found if change.breaks} == {
        "`voices.localize`: POST /voices/localize.",
        "`VoiceLocale` is called `VoiceRegion` now.",
        "`agents.list_phone_numbers`: GET /agents/{agent_id}/phone-numbers.",
        "The type `PhoneNumber`.",
    } | {change.text for change in found if change.text.startswith("The type `Localize")}
    told = {change.text for change in found}
    assert {
        "`voices.rate`: POST /voices/{id}/rating.",
        "`age` of `Voice` in responses: integer.",
        "`motto` of `voices.update` in requests: string.",
        "The value `leisurely` of `ModelSpeed` in requests.",
        "The kind `TTSSSEMark` of `TTSSSEEvent` in responses.",
        "The kind `WebsocketMark` of `WebsocketResponse` in responses.",
        "`mark` of `GenerationRequest` in requests: string.",
    } <= told


def test_the_bundled_document_is_the_changed_one(changed: Changed) -> None:
    bundled = json.loads(changed.bundled.read_text("utf-8"))
    assert "/voices/{id}/rating" in bundled["paths"]
    assert "/voices/localize" not in bundled["paths"]
