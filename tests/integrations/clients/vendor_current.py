"""The vendor's package, 3.5.1 and 4.2.0, and ours in its place: as README and examples use it, sync and async.

`CARTESIA_PACKAGE` names another package in place of `cartesia`, such as `cartesia.v2026_08_14`.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks import (
    KEY,
    LONG,
    TEXT,
    VOICE,
    assert_part,
    assert_said,
    assert_same,
    check,
    heard,
    main,
    pieces,
    speech,
)

PACKAGE = os.environ.get("CARTESIA_PACKAGE", "cartesia")
if TYPE_CHECKING:
    import cartesia
    from cartesia import AsyncCartesia, Cartesia
else:
    cartesia = import_module(PACKAGE)
    AsyncCartesia, Cartesia = cartesia.AsyncCartesia, cartesia.Cartesia

IS_OURS = hasattr(cartesia, "ConnectionOptions")
IS_OF_2026 = cartesia.__version__.startswith("4.") or PACKAGE != "cartesia"
RATE = 44100
RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": RATE}
BY_ID = {"mode": "id", "id": VOICE}


@cache
def client(url: str, key: str = KEY) -> Cartesia:
    """Return a client that stays open, as examples have it."""
    sockets = url.replace("http", "ws", 1)
    return Cartesia(api_key=key, base_url=url, websocket_base_url=sockets, max_retries=0)


def async_client(url: str) -> AsyncCartesia:
    sockets = url.replace("http", "ws", 1)
    return AsyncCartesia(api_key=KEY, base_url=url, websocket_base_url=sockets, max_retries=0)


def of_2026(function: Any) -> Any:
    """Register a check of a shape of 2026-08-14, which 3.5.1 does not have."""
    return check(function) if IS_OF_2026 else function


def audio_of(events: Any) -> bytes:
    audio = b""
    for event in events:
        assert event.type != "error", event
        if event.type == "chunk" and event.audio:
            audio += event.audio
    return audio


async def async_audio_of(events: Any) -> bytes:
    return audio_of([event async for event in events])


@check
def generates_a_file(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        client(url).tts.generate(
            model_id="sonic-3",
            transcript=TEXT,
            voice=BY_ID,
            output_format={**RAW, "container": "wav"},
        ).write_to_file(path)
        assert_said(url, TEXT, path.read_bytes()[44:], RATE)


@check
async def generates_async(url: str) -> None:
    sdk = async_client(url)
    answer = await sdk.tts.generate(
        model_id="sonic-3", transcript=TEXT, voice=BY_ID, output_format=RAW
    )
    assert_said(url, TEXT, await answer.read(), RATE)
    await sdk.close()


@check
def gives_the_bytes_of_older_code(url: str) -> None:
    audio = b"".join(
        client(url).tts.bytes(model_id="sonic-3", transcript=TEXT, voice=BY_ID, output_format=RAW)
    )
    assert_said(url, TEXT, audio, RATE)


@check
def streams_events_with_times(url: str) -> None:
    events = list(
        client(url).tts.generate_sse(
            model_id="sonic-3",
            transcript=TEXT,
            voice=BY_ID,
            output_format=RAW,
            add_timestamps=True,
            add_phoneme_timestamps=True,
        )
    )
    assert_said(url, TEXT, audio_of(events), RATE)
    timed = [
        word for each in events if each.type == "timestamps" for word in each.word_timestamps.words
    ]
    assert_same(TEXT, " ".join(timed))
    assert events[-1].type == "done"


@check
def streams_pieces_over_a_socket(url: str) -> None:
    with client(url).tts.websocket_connect() as connection:
        context = connection.context(model_id="sonic-3", voice=BY_ID, output_format=RAW)
        for piece in ("The road ", "goes ever ", "on and ", "on."):
            context.push(piece)
        context.no_more_inputs()
        assert_said(url, "The road goes ever on and on.", audio_of(context.receive()), RATE)


@check
async def streams_pieces_over_an_async_socket(url: str) -> None:
    async with async_client(url).tts.websocket_connect() as connection:
        context = connection.context()
        for piece in ("The only thing we have to fear ", "is ", "fear itself."):
            await context.send(
                model_id="sonic-3", transcript=piece, voice=BY_ID, output_format=RAW, continue_=True
            )
        await context.send(
            model_id="sonic-3", transcript="", voice=BY_ID, output_format=RAW, continue_=False
        )
        audio = await async_audio_of(context.receive())
    assert_said(url, "The only thing we have to fear is fear itself.", audio, RATE)


@check
def flushes(url: str) -> None:
    with client(url).tts.websocket_connect() as connection:
        context = connection.context(model_id="sonic-3", voice=BY_ID, output_format=RAW)
        context.push("Stay hungry, ")
        context.push("", flush=True)
        context.push("stay foolish.")
        context.no_more_inputs()
        audio: dict[int, bytes] = {}
        flushed = []
        for event in context.receive():
            if event.type == "chunk" and event.audio:
                audio[event.flush_id] = audio.get(event.flush_id, b"") + event.audio
            elif event.type == "flush_done":
                flushed.append(event.flush_id)
    assert flushed == [1], flushed
    assert_said(url, "Stay hungry,", audio[1], RATE)
    assert_said(url, "stay foolish.", audio[2], RATE)


def pushed(url: str, config: dict[str, Any]) -> bytes:
    with client(url).tts.websocket_connect() as connection:
        context = connection.context(model_id="sonic-3", voice=BY_ID, output_format=RAW)
        context.push("Well maybe if you just ")
        context.push("loosen up a little!", generation_config=config)
        context.no_more_inputs()
        return audio_of(context.receive())


@check
def changes_emotion_and_speed_in_a_context(url: str) -> None:
    plain = pushed(url, {"emotion": "neutral"})
    for config in ({"emotion": "angry"}, {"speed": 1.5}):
        audio = pushed(url, config)
        assert_said(url, "Well maybe if you just loosen up a little!", audio, RATE)
        assert len(audio) < 0.97 * len(plain), f"{config} is not heard"


@check
async def three_contexts_share_a_socket(url: str) -> None:
    texts = [f"Context {number} is speaking now. {TEXT}" for number in ("one", "two", "three")]
    async with async_client(url).tts.websocket_connect() as connection:

        async def say(text: str) -> bytes:
            context = connection.context(model_id="sonic-3", voice=BY_ID, output_format=RAW)
            await context.push(text)
            await context.no_more_inputs()
            return await async_audio_of(context.receive())

        for text, audio in zip(texts, await asyncio.gather(*map(say, texts)), strict=True):
            assert_said(url, text, audio, RATE)


@check
async def an_interruption_leaves_the_next_utterance_whole(url: str) -> None:
    async with async_client(url).tts.websocket_connect() as connection:
        context = connection.context(model_id="sonic-3", voice=BY_ID, output_format=RAW)
        await context.push(LONG)
        audio = b""
        async for event in context.receive():
            audio += (event.type == "chunk" and event.audio) or b""
            if len(audio) > 2 * RATE:
                break
        await context.cancel()
        following = connection.context(model_id="sonic-3", voice=BY_ID, output_format=RAW)
        await following.push(TEXT)
        await following.no_more_inputs()
        after = await async_audio_of(following.receive())
    assert_part(LONG, heard(url, audio, RATE).rpartition(" ")[0])
    assert_said(url, TEXT, after, RATE)


@check
def a_message_without_a_context_is_refused_with_the_reason(url: str) -> None:
    message: Any = {"model_id": "sonic-3", "transcript": TEXT, "voice": BY_ID, "output_format": RAW}
    with client(url).tts.websocket_connect() as connection:
        connection.send(message)
        event = connection.recv()
    if IS_OURS:  # it makes an id for the context
        assert event.type == "chunk"
        return
    assert event.type == "error"
    assert "context_id: is required" in event.message


@check
def the_older_socket_speaks(url: str) -> None:
    socket = client(url).tts.websocket()
    audio = b"".join(
        answer.audio
        for answer in socket.send(
            model_id="sonic-3", transcript=TEXT, voice=BY_ID, output_format=RAW, context_id="c"
        )
        if answer.audio
    )
    socket.close()
    assert_said(url, TEXT, audio, RATE)


@check
def transcribes_a_file_with_words(url: str) -> None:
    audio = client(url).tts.generate(
        model_id="sonic-3", transcript=TEXT, voice=BY_ID, output_format={**RAW, "container": "wav"}
    )
    answer = client(url).stt.transcribe(
        file=("said.wav", audio.read()), model="ink-whisper", timestamp_granularities=["word"]
    )
    assert_same(TEXT, answer.text)
    assert_same(TEXT, " ".join(word.word for word in answer.words or []))


@check
async def listens_and_finalizes(url: str) -> None:
    audio = speech(url, TEXT, 16000)
    texts: list[str] = []
    socket = async_client(url).stt.manual_finalize.websocket(
        model="ink-2", encoding="pcm_s16le", sample_rate=16000, keyterm=["quick brown", "fox"]
    )
    async with socket as connection:
        for piece in pieces(audio, 16000):
            await connection.send_raw(piece)
        await connection.send("finalize")
        await connection.send("close")
        async for event in connection:
            if event.type == "transcript" and event.is_final:
                texts.append(event.text)
            elif event.type == "done":
                break
    assert_same(TEXT, "".join(texts))


@check
def listens_with_turns(url: str) -> None:
    silence = bytes(16000 * 2)
    audio = silence + speech(url, TEXT, 16000) + 2 * silence
    ended: list[str] = []
    kinds: list[str] = []
    socket = client(url).stt.auto_finalize.websocket(
        model="ink-2", encoding="pcm_s16le", sample_rate=16000
    )
    with socket as connection:
        for piece in pieces(audio, 16000):
            connection.send_raw(piece)
        connection.send({"type": "close"})
        for event in connection:
            kinds.append(event.type)
            if event.type == "turn.end":
                ended.append(event.transcript)
    assert_same(TEXT, "".join(ended))
    assert kinds[0] == "connected"
    assert "turn.start" in kinds


@check
def wrong_settings_of_turns_are_an_event(url: str) -> None:
    socket = client(url).stt.auto_finalize.websocket(
        model="ink-2",
        encoding="pcm_s16le",
        sample_rate=16000,
        turn_start_threshold=0.6,
        turn_eager_end_threshold=0.3,
        turn_end_threshold=0.5,
    )
    with socket as connection:
        event = next(iter(connection))
    assert event.type == "error"
    assert "threshold" in event.message


@check
def a_wrong_key_is_refused(url: str) -> None:
    wrong = client(url, "wrong")
    try:
        wrong.tts.generate(model_id="sonic-3", transcript=TEXT, voice=BY_ID, output_format=RAW)
    except cartesia.AuthenticationError as error:
        assert error.status_code == 401
    else:
        raise AssertionError("it spoke")
    try:
        with wrong.tts.websocket_connect():
            pass
    except Exception as error:  # of the websockets library
        assert "401" in str(error), error
    else:
        raise AssertionError("it connected")


@check
def an_unknown_voice_is_refused_with_the_reason(url: str) -> None:
    nobody = {"mode": "id", "id": str(uuid.uuid4())}
    try:
        client(url).tts.generate(
            model_id="sonic-3", transcript=TEXT, voice=nobody, output_format=RAW
        )
    except cartesia.NotFoundError as error:
        assert nobody["id"] in str(error)
    else:
        raise AssertionError("it spoke")
    with client(url).tts.websocket_connect() as connection:
        context = connection.context(model_id="sonic-3", voice=nobody, output_format=RAW)
        context.push(TEXT)
        event = next(iter(context.receive()))
    assert (event.type, event.status_code) == ("error", 404)
    assert "Voice not found" in f"{event.title} {event.message} {event.error}"


@check
def voices_are_listed_and_found(url: str) -> None:
    voices = list(client(url).voices.list(limit=10))
    assert len({voice.id for voice in voices}) == len(voices) > 40
    assert client(url).voices.get(VOICE).id == VOICE


@of_2026
def a_voice_is_its_id(url: str) -> None:
    audio = client(url).tts.generate(
        model_id="sonic-latest", transcript=TEXT, voice=VOICE, output_format=RAW
    )
    assert_said(url, TEXT, audio.read(), RATE)


@of_2026
def a_voice_is_an_object_with_its_id(url: str) -> None:
    audio = client(url).tts.generate(
        model_id="sonic-latest", transcript=TEXT, voice={"id": VOICE}, output_format=RAW
    )
    assert_said(url, TEXT, audio.read(), RATE)


@of_2026
def a_context_without_a_voice_is_closed_by_an_id(url: str) -> None:
    with client(url).tts.websocket_connect() as connection:
        context = connection.context()
        context.send(
            model_id="sonic-3", transcript=TEXT, voice=BY_ID, output_format=RAW, continue_=True
        )
        context.no_more_inputs()
        assert_said(url, TEXT, audio_of(context.receive()), RATE)


@of_2026
def voices_have_access_and_a_tagline(url: str) -> None:
    voice = client(url).voices.get(VOICE)
    assert voice.access in {"private", "public"}
    assert isinstance(voice.tagline, str)


@of_2026
def accents_are_listed(url: str) -> None:
    assert client(url).voices.list_accents().accents


@of_2026
def a_locale_is_checked_against_the_language(url: str) -> None:
    try:
        client(url).tts.generate(
            model_id="sonic-3.6",
            transcript=TEXT,
            voice=BY_ID,
            output_format=RAW,
            locale="en-GB",
            language="en",
        )
    except (cartesia.BadRequestError, ValueError):
        return  # ours says so before anything is sent
    raise AssertionError("both were taken")


if __name__ == "__main__":
    main()
