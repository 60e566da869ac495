# Derived by `make generate` (scripts/unasync.py) from
# tests/overrides/_async/test_dated_client.py
# Do not edit: change that file instead.
"""The client of 2026-08-14: voices as ids, locales, and accents, on the mock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cartesia import APIStatusError
from cartesia.v2026_08_14 import Cartesia, types
from tests.overrides.speaking import RAW, SENTENCE, VOICE, wav

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

MODEL = "sonic-3.6"
BOTH = "`language` and `locale` exclude each other: give one of them"


@pytest.fixture
def dated(mock_url: str) -> Iterator[Cartesia]:
    with Cartesia(api_key="good", base_url=mock_url) as client:
        yield client


def test_a_voice_has_the_fields_of_the_date(dated: Cartesia) -> None:
    voice = dated.voices.get(VOICE)
    assert isinstance(voice, types.Voice)
    assert (voice.access, voice.visibility, voice.tagline) == ("public", "all", "")
    assert voice.accent == "general-american"
    page = dated.voices.list(limit=1)
    assert isinstance(page.data[0], types.Voice)


def test_a_voice_is_given_as_text_as_an_object_or_as_itself(dated: Cartesia) -> None:
    voice = dated.voices.get(VOICE)
    heard = set[bytes]()
    ways: list[types.VoiceSpecifierParam | types.Voice] = [
        VOICE,
        {"id": VOICE},
        types.VoiceReference(id=VOICE),
        voice,
    ]
    for given in ways:
        speech = dated.tts.generate(
            model_id=MODEL, transcript=SENTENCE, voice=given, output_format=RAW
        )
        heard.add(speech.read())
    assert len(heard) == 1


def test_a_text_has_a_locale_and_a_normalization(dated: Cartesia) -> None:
    speech = dated.tts.generate(
        model_id=MODEL,
        transcript=SENTENCE,
        voice=VOICE,
        output_format=RAW,
        locale="en-GB",
        normalization="off",
    )
    assert speech.read()
    with pytest.raises(APIStatusError, match="'en-GB' needs sonic"):
        dated.tts.generate(
            model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format=RAW, locale="en-GB"
        )


def test_language_and_locale_exclude_each_other(dated: Cartesia) -> None:
    with pytest.raises(ValueError, match=BOTH):
        dated.tts.generate(
            model_id=MODEL,
            transcript="Hi.",
            voice=VOICE,
            output_format=RAW,
            locale="en-GB",
            language="en",
        )
    with pytest.raises(ValueError, match=BOTH):
        dated.tts.generate_sse(
            model_id=MODEL,
            transcript="Hi.",
            voice=VOICE,
            output_format=RAW,
            locale="en-GB",
            extra_body={"language": "en"},
        )
    spoken = dated.tts.generate(
        model_id=MODEL,
        transcript="Hi.",
        voice=VOICE,
        output_format=RAW,
        locale="en-GB",
        language=None,
    )
    assert spoken.read()


def test_contexts_take_the_settings_of_the_date(dated: Cartesia) -> None:
    voice = dated.voices.get(VOICE)
    with dated.tts.websocket_connect() as connection:
        with pytest.raises(ValueError, match=BOTH):
            connection.context(locale="en-GB", language="en")
        context = connection.context(
            model_id=MODEL, voice=voice, output_format=RAW, locale="en-GB", normalization="auto"
        )
        with pytest.raises(ValueError, match=BOTH):
            context.push("Hello ", language="en")
        context.push("Hello ")
        context.push("there.", locale="en-GB")
        context.no_more_inputs()
        kinds = [event.type for event in context.receive()]
    assert kinds[-1] == "done"
    assert "chunk" in kinds


def test_a_whole_text_is_streamed_in_a_locale(dated: Cartesia) -> None:
    audio = b""
    with dated.tts.stream(
        transcript=SENTENCE, model_id=MODEL, voice=VOICE, output_format=RAW, locale="en-US"
    ) as stream:
        for event in stream:
            if event.type == "chunk":
                audio += event.audio or b""
    heard = dated.stt.transcribe(file=wav(audio), model="ink-whisper")
    assert heard.text.split() == SENTENCE.split()


def test_accents_are_listed_added_and_deleted(dated: Cartesia) -> None:
    listed = (dated.voices.list_accents()).accents
    assert isinstance(listed[0], types.Accent)
    assert "british" in {accent.id for accent in listed}
    speech = dated.tts.generate(model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW)
    clip = ("clip.wav", wav(speech.read()))
    made = dated.voices.clone(clip=clip, name="Mine", language="en", accent="irish")
    assert isinstance(made, types.VoiceMetadata)
    voice = dated.voices.add_accents(made.id, accents=["british", "mexican"])
    assert [locale.locale for locale in voice.locales] == ["en-IE", "en-GB", "es-MX"]
    voice = dated.voices.delete_accent("british", id=made.id)
    assert [locale.locale for locale in voice.locales] == ["en-IE", "es-MX"]
    raw = dated.voices.with_raw_response.delete_accent("mexican", id=made.id)
    assert isinstance(raw.parse(), types.Voice)
    dated.voices.delete(made.id)


def test_a_voice_is_localized_by_an_accent(dated: Cartesia) -> None:
    made = dated.voices.localize(
        voice_id=VOICE, name="Mina", accent="mexican", tagline="On the phone"
    )
    assert (made.language, made.tagline, made.visibility) == ("es", "On the phone", "owner")
    with pytest.raises(APIStatusError, match="is not an accent; GET /accents lists their ids"):
        dated.voices.localize(voice_id=VOICE, name="Mina", accent="Mexican Spanish")
    dated.voices.delete(made.id)


def test_an_error_of_the_date_is_read(dated: Cartesia) -> None:
    with pytest.raises(APIStatusError) as caught:
        dated.voices.get("0" * 36)
    body = caught.value.body
    assert isinstance(body, dict)
    assert body["error_code"] == "voice_not_found"
