"""When the document changes, the client and the mock follow, with no edit by hand."""

from __future__ import annotations

import json
import os
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
from scripts.spec_diff import OPENAPI_DOCUMENT, compare, read
from tests.contract.changed import change, copied
from tests.contract.figures import figures

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


def test_what_changed_is_told(changed: Changed) -> None:
    found = compare(read(OPENAPI_DOCUMENT), read(changed.document))
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
