# Derived by `make generate` (scripts/unasync.py) from
# tests/overrides/_async/test_stream_call.py
# Do not edit: change that file instead.
"""One call from a text, finished or not, to its speech: on the mock."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextvars import ContextVar
from uuid import UUID

import pytest

from cartesia import BadRequestError, Cartesia, CartesiaError, NotFoundError
from cartesia.types import Voice
from cartesia_mock.testing import serve
from tests.overrides._sync.primitives import pause
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, WAV, wav

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


def words(text: str = SENTENCE) -> Iterator[str]:
    for word in text.split(" "):
        yield word + " "


def test_a_whole_text_is_spoken_and_can_be_understood(client: Cartesia) -> None:
    audio, kinds = b"", list[str]()
    for event in client.tts.stream(
        transcript=SENTENCE, voice=VOICE, model_id=MODEL, output_format=RAW
    ):
        kinds.append(event.type)
        if event.type == "chunk":
            audio += event.audio or b""
    assert kinds[-1] == "done"
    heard = client.stt.transcribe(file=wav(audio), model="ink-whisper")
    assert heard.text.split() == SENTENCE.split()


def test_a_text_that_is_being_written_is_spoken_with_its_settings(
    client: Cartesia,
) -> None:
    spoken = list[str]()
    with client.tts.stream(
        transcript=words(), voice=VOICE, add_timestamps=True, context_id="mine", timeout=20
    ) as stream:
        for event in stream:
            assert event.context_id == "mine"
            if event.type == "timestamps" and event.word_timestamps:
                spoken += event.word_timestamps.words
    assert spoken == SENTENCE.split()


REQUEST_ID: ContextVar[str] = ContextVar("request_id")


def test_a_text_is_generated_with_the_context_variables_of_its_caller(
    client: Cartesia,
) -> None:
    seen = list[str]()

    def generate() -> Iterator[str]:
        for word in SENTENCE.split():
            seen.append(REQUEST_ID.get("lost"))
            yield word + " "

    token = REQUEST_ID.set("mine")
    try:
        for _ in client.tts.stream(transcript=generate(), voice=VOICE):
            pass
    finally:
        REQUEST_ID.reset(token)
    assert set(seen) == {"mine"}


def test_many_texts_share_a_connection_that_stays_open(client: Cartesia) -> None:
    with client.tts.websocket_connect() as connection:
        for text in (SENTENCE, words("Another one follows.")):
            kinds = [
                event.type
                for event in client.tts.stream(transcript=text, voice=VOICE, connection=connection)
            ]
            assert kinds[-1] == "done"
        with client.tts.stream(transcript=words(), voice=VOICE, connection=connection) as stream:
            for event in stream:
                assert event.type == "chunk"
                break
        context = connection.context(voice=VOICE)
        context.send(transcript="Still here.", continue_=False)
        assert [event.type for event in context.receive()][-1] == "done"


def test_what_cannot_be_said_is_refused_at_once(client: Cartesia) -> None:
    with pytest.raises(TypeError, match="transcript must be"):
        client.tts.stream(transcript=5, voice=VOICE)  # type: ignore[arg-type]  # wrong
    with pytest.raises(ValueError, match="empty"):
        client.tts.stream(transcript=" ", voice=VOICE)


@pytest.fixture(scope="module")
def hasty_url() -> Iterator[str]:
    """The base URL of a mock whose contexts expire soon."""
    with serve(api_key="good", context_expiry=0.2) as url:
        yield url


def test_what_comes_after_a_pause_is_spoken_too(client: Cartesia, hasty_url: str) -> None:
    def pausing() -> Iterator[str]:
        yield "The report is ready. "
        pause(1.5)
        yield "Profits have risen."

    spoken, kinds = list[str](), list[str]()
    with client.with_options(base_url=hasty_url).tts.stream(
        transcript=pausing(),
        voice=VOICE,
        model_id=MODEL,
        output_format=RAW,
        add_timestamps=True,
        max_buffer_delay_ms=0,
    ) as stream:
        for event in stream:
            kinds.append(event.type)
            if event.type == "timestamps" and event.word_timestamps:
                spoken += event.word_timestamps.words
        assert stream.stats is not None
        assert stream.stats.renewed == 1
    assert spoken == ["The", "report", "is", "ready.", "Profits", "have", "risen."]
    assert kinds.count("done") == 1
    assert kinds[-1] == "done"


def test_a_context_that_expired_says_so(client: Cartesia, hasty_url: str) -> None:
    with client.with_options(base_url=hasty_url).tts.websocket_connect() as connection:
        context = connection.context(voice=VOICE, model_id=MODEL, max_buffer_delay_ms=0)
        context.push("The report is ready.")
        assert [event.type for event in context.receive()][-1] == "done"
        with pytest.raises(CartesiaError, match="has expired"):
            context.push("Profits have risen.")


def test_an_unknown_voice_is_raised_at_once(client: Cartesia) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    stream = client.tts.stream(transcript=SENTENCE, voice=unknown)
    with pytest.raises(NotFoundError, match=r"[Vv]oice") as caught:
        stream.__next__()
    assert caught.value.status_code == 404


def test_a_format_that_a_socket_cannot_have_is_raised_at_once(client: Cartesia) -> None:
    stream = client.tts.stream(
        transcript=SENTENCE,
        voice=VOICE,
        output_format=WAV,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )
    with pytest.raises(BadRequestError, match="output_format"):
        stream.__next__()


def test_a_stream_outlives_its_client(mock_url: str) -> None:
    stream = Cartesia(api_key="good", base_url=mock_url).tts.stream(
        transcript=SENTENCE, voice=VOICE, output_format=RAW
    )
    gc.collect()
    assert [event.type for event in stream][-1] == "done"


@pytest.mark.parametrize("voice", [UUID(VOICE), Voice.from_dict({"id": VOICE, "name": "Ada"})])
def test_a_voice_may_be_a_uuid_or_a_model(client: Cartesia, voice: UUID | Voice) -> None:
    stream = client.tts.stream(transcript=SENTENCE, voice=voice, output_format=RAW)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert [event.type for event in stream][-1] == "done"
