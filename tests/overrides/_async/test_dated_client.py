"""The client of 2026-08-14: voices as ids, locales, and accents, on the mock."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cartesia import APIStatusError
from cartesia.v2026_08_14 import AsyncCartesia, types
from tests.overrides.speaking import RAW, SENTENCE, VOICE, wav

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

MODEL = "sonic-3.6"
BOTH = "`language` and `locale` exclude each other: give one of them"


@pytest.fixture
async def dated(mock_url: str) -> AsyncIterator[AsyncCartesia]:
    async with AsyncCartesia(api_key="good", base_url=mock_url) as client:
        yield client


async def test_a_voice_has_the_fields_of_the_date(dated: AsyncCartesia) -> None:
    voice = await dated.voices.get(VOICE)
    assert isinstance(voice, types.Voice)
    assert (voice.access, voice.visibility, voice.tagline) == ("public", "all", "")
    assert voice.accent == "general-american"
    page = await dated.voices.list(limit=1)
    assert isinstance(page.data[0], types.Voice)


async def test_a_voice_is_given_as_text_as_an_object_or_as_itself(dated: AsyncCartesia) -> None:
    voice = await dated.voices.get(VOICE)
    heard = set[bytes]()
    ways: list[types.VoiceSpecifierParam | types.Voice] = [
        VOICE,
        {"id": VOICE},
        types.VoiceReference(id=VOICE),
        voice,
    ]
    for given in ways:
        speech = await dated.tts.generate(
            model_id=MODEL, transcript=SENTENCE, voice=given, output_format=RAW
        )
        heard.add(await speech.read())
    assert len(heard) == 1


async def test_a_text_has_a_locale_and_a_normalization(dated: AsyncCartesia) -> None:
    speech = await dated.tts.generate(
        model_id=MODEL,
        transcript=SENTENCE,
        voice=VOICE,
        output_format=RAW,
        locale="en-GB",
        normalization="off",
    )
    assert await speech.read()
    with pytest.raises(APIStatusError, match="'en-GB' needs sonic"):
        await dated.tts.generate(
            model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format=RAW, locale="en-GB"
        )


async def test_language_and_locale_exclude_each_other(dated: AsyncCartesia) -> None:
    with pytest.raises(ValueError, match=BOTH):
        await dated.tts.generate(
            model_id=MODEL,
            transcript="Hi.",
            voice=VOICE,
            output_format=RAW,
            locale="en-GB",
            language="en",
        )
    with pytest.raises(ValueError, match=BOTH):
        await dated.tts.generate_sse(
            model_id=MODEL,
            transcript="Hi.",
            voice=VOICE,
            output_format=RAW,
            locale="en-GB",
            extra_body={"language": "en"},
        )
    spoken = await dated.tts.generate(
        model_id=MODEL,
        transcript="Hi.",
        voice=VOICE,
        output_format=RAW,
        locale="en-GB",
        language=None,
    )
    assert await spoken.read()


async def test_contexts_take_the_settings_of_the_date(dated: AsyncCartesia) -> None:
    voice = await dated.voices.get(VOICE)
    async with dated.tts.websocket_connect() as connection:
        with pytest.raises(ValueError, match=BOTH):
            connection.context(locale="en-GB", language="en")
        context = connection.context(
            model_id=MODEL, voice=voice, output_format=RAW, locale="en-GB", normalization="auto"
        )
        with pytest.raises(ValueError, match=BOTH):
            await context.push("Hello ", language="en")
        await context.push("Hello ")
        await context.push("there.", locale="en-GB")
        await context.no_more_inputs()
        kinds = [event.type async for event in context.receive()]
    assert kinds[-1] == "done"
    assert "chunk" in kinds


async def test_a_whole_text_is_streamed_in_a_locale(dated: AsyncCartesia) -> None:
    audio = b""
    async with dated.tts.stream(
        transcript=SENTENCE, model_id=MODEL, voice=VOICE, output_format=RAW, locale="en-US"
    ) as stream:
        async for event in stream:
            if event.type == "chunk":
                audio += event.audio or b""
    heard = await dated.stt.transcribe(file=wav(audio), model="ink-whisper")
    assert heard.text.split() == SENTENCE.split()


async def test_accents_are_listed_added_and_deleted(dated: AsyncCartesia) -> None:
    listed = (await dated.voices.list_accents()).accents
    assert isinstance(listed[0], types.Accent)
    assert "british" in {accent.id for accent in listed}
    speech = await dated.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
    )
    clip = ("clip.wav", wav(await speech.read()))
    made = await dated.voices.clone(clip=clip, name="Mine", language="en", accent="irish")
    assert isinstance(made, types.VoiceMetadata)
    voice = await dated.voices.add_accents(made.id, accents=["british", "mexican"])
    assert [locale.locale for locale in voice.locales] == ["en-IE", "en-GB", "es-MX"]
    voice = await dated.voices.delete_accent("british", id=made.id)
    assert [locale.locale for locale in voice.locales] == ["en-IE", "es-MX"]
    raw = await dated.voices.with_raw_response.delete_accent("mexican", id=made.id)
    assert isinstance(await raw.parse(), types.Voice)
    await dated.voices.delete(made.id)


async def test_a_voice_is_localized_by_an_accent(dated: AsyncCartesia) -> None:
    made = await dated.voices.localize(
        voice_id=VOICE, name="Mina", accent="mexican", tagline="On the phone"
    )
    assert (made.language, made.tagline, made.visibility) == ("es", "On the phone", "owner")
    with pytest.raises(APIStatusError, match="is not an accent; GET /accents lists their ids"):
        await dated.voices.localize(voice_id=VOICE, name="Mina", accent="Mexican Spanish")
    await dated.voices.delete(made.id)


async def test_an_error_of_the_date_is_read(dated: AsyncCartesia) -> None:
    with pytest.raises(APIStatusError) as caught:
        await dated.voices.get("0" * 36)
    body = caught.value.body
    assert isinstance(body, dict)
    assert body["error_code"] == "voice_not_found"
