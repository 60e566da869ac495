"""LiveKit's plugin: speaks, streams, is interrupted, listens and is refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator

import aiohttp
from checks import (
    EXAMPLES,
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
    words,
)
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, APIStatusError, stt
from livekit.agents.utils import http_context
from livekit.agents.voice import io
from livekit.plugins import cartesia

RATE = 24000
ONCE = APIConnectOptions(max_retry=0, timeout=10)


@contextlib.asynccontextmanager
async def speaking(url: str, **options: object) -> AsyncIterator[cartesia.TTS]:
    async with aiohttp.ClientSession() as session:
        tts = cartesia.TTS(**{"api_key": KEY, "base_url": url, "http_session": session, **options})
        try:
            yield tts
        finally:
            await tts.aclose()


async def say(tts: cartesia.TTS, text: str) -> tuple[bytes, list[str]]:
    """Stream a text as tokens, and collect the audio and the timed words."""
    stream = tts.stream(conn_options=ONCE)
    for token in text.split(" "):
        stream.push_text(token + " ")
    stream.end_input()
    audio, timed = b"", []
    async for event in stream:
        audio += bytes(event.frame.data)
        timed += event.frame.userdata.get("lk.timed_transcripts", [])
    await stream.aclose()
    return audio, [str(word) for word in timed]


@check
async def speaks_over_http(url: str) -> None:
    async with speaking(url) as tts:
        frame = await tts.synthesize(TEXT, conn_options=ONCE).collect()
    assert_said(url, TEXT, bytes(frame.data), RATE)


@check
async def streams_with_its_default_voice_and_language_none(url: str) -> None:
    async with speaking(url, language=None) as tts:
        audio, timed = await say(tts, TEXT)
    assert_said(url, TEXT, audio, RATE)
    assert_same(TEXT, "".join(timed))


@check
async def streams_with_speed_volume_and_emotion(url: str) -> None:
    async with speaking(url) as tts:
        plain, _ = await say(tts, TEXT)
    async with speaking(url, speed=1.5, volume=0.6, emotion="Joking/Comedic") as tts:
        audio, _ = await say(tts, TEXT)
    assert_said(url, TEXT, audio, RATE)
    assert len(audio) < 0.8 * len(plain), "it is no faster"


@check
async def speaks_by_an_embedding_in_an_earlier_version(url: str) -> None:
    embedding = [number / 192 for number in range(192)]
    async with speaking(
        url, voice=embedding, api_version="2024-11-13", model="sonic-2-2025-03-07", speed="fast"
    ) as tts:
        audio, _ = await say(tts, TEXT)
    assert_said(url, TEXT, audio, RATE)


@check
async def uses_one_socket_for_utterances_in_turn(url: str) -> None:
    async with speaking(url) as tts:
        tts.prewarm()
        for text in ("One little fish.", "Two little birds.", "Three little words."):
            audio, _ = await say(tts, text)
            assert_said(url, text, audio, RATE)


@check
async def an_interruption_leaves_the_next_utterance_whole(url: str) -> None:
    async with speaking(url) as tts:
        stream = tts.stream(conn_options=ONCE)
        stream.push_text(LONG)
        stream.flush()
        stream.end_input()
        audio = b""
        async for event in stream:
            audio += bytes(event.frame.data)
            if len(audio) > 2 * RATE:  # a second of speech
                break
        await stream.aclose()
        following, _ = await say(tts, TEXT)
    assert_part(LONG, heard(url, audio, RATE).rsplit(" ", 1)[0])
    assert_said(url, TEXT, following, RATE)


async def listen(url: str, audio: bytes, rate: int, **options: object) -> list[stt.SpeechEvent]:
    async with aiohttp.ClientSession() as session:
        listener = cartesia.STT(
            api_key=KEY,
            base_url=url,
            http_session=session,
            sample_rate=rate,
            **options,
        )
        stream = listener.stream(conn_options=ONCE)

        async def talk() -> None:
            # A stream whose input has ended before it has connected does nothing.
            for piece in pieces(audio, rate):
                stream.push_frame(rtc.AudioFrame(piece, rate, 1, len(piece) // 2))
                await asyncio.sleep(0.02)
            stream.end_input()

        talking = asyncio.create_task(talk())
        events = [event async for event in stream]
        await talking
        await stream.aclose()
        await listener.aclose()
        return events


def finals(events: list[stt.SpeechEvent]) -> str:
    return " ".join(
        event.alternatives[0].text
        for event in events
        if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT
    )


@check
async def listens_with_turns(url: str) -> None:
    silence = bytes(16000 * 2)
    events = await listen(url, silence + speech(url, TEXT, 16000) + 2 * silence, 16000)
    assert_same(TEXT, finals(events))
    kinds = [event.type for event in events]
    assert stt.SpeechEventType.START_OF_SPEECH in kinds
    assert stt.SpeechEventType.END_OF_SPEECH in kinds


@check
async def listens_with_ink_whisper(url: str) -> None:
    audio = speech(url, TEXT, 16000) + bytes(16000 * 4)
    events = await listen(url, audio, 16000, model="ink-whisper", language="en")
    assert_same(TEXT, finals(events))


@check
async def a_wrong_key_is_refused(url: str) -> None:
    async with speaking(url, api_key="wrong") as tts:
        for attempt in (say(tts, TEXT), tts.synthesize(TEXT, conn_options=ONCE).collect()):
            try:
                await attempt
            except APIStatusError as error:
                assert error.status_code == 401, error
            else:
                raise AssertionError("it spoke with a wrong key")


@check
async def an_unknown_voice_is_refused(url: str) -> None:
    async with speaking(url, voice="0" * 8) as tts:
        try:
            await tts.synthesize(TEXT, conn_options=ONCE).collect()
        except APIStatusError as error:
            assert error.status_code == 404, error
        else:
            raise AssertionError("it spoke with an unknown voice")
        # The plugin takes an event with `done` for the end, before it looks for an error.
        with contextlib.suppress(APIError):
            audio, _ = await asyncio.wait_for(say(tts, TEXT), 20)
            assert not words(heard(url, audio, RATE)) if audio else True
        tts.update_options(voice=VOICE)
        audio, _ = await say(tts, TEXT)
    assert_said(url, TEXT, audio, RATE)


class Speaker(io.AudioOutput):
    """Keeps what is said, and has played it at once."""

    def __init__(self) -> None:
        super().__init__(label="kept", capabilities=io.AudioOutputCapabilities(pause=False))
        self.audio, self.rate, self.seconds = b"", 0, 0.0

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self.audio, self.rate = self.audio + bytes(frame.data), frame.sample_rate
        self.seconds += frame.duration

    def flush(self) -> None:
        super().flush()
        self.on_playback_finished(playback_position=self.seconds, interrupted=False)
        self.seconds = 0.0

    def clear_buffer(self) -> None:
        """There is nothing to clear."""


class Ear(io.AudioInput):
    """Hears what is put into its queue."""

    def __init__(self) -> None:
        super().__init__(label="given")
        self.frames: asyncio.Queue[rtc.AudioFrame] = asyncio.Queue()

    async def __anext__(self) -> rtc.AudioFrame:
        return await self.frames.get()


@check
async def the_example_says_what_it_has_heard(url: str) -> None:
    os.environ.update(CARTESIA_API_KEY=KEY, CARTESIA_BASE_URL=url)
    sys.path.insert(0, str(EXAMPLES))
    from livekit_agent import Echo, make_session

    async with http_context.open():
        session, speaker, ear = make_session(), Speaker(), Ear()
        session.output.audio, session.input.audio = speaker, ear
        await session.start(Echo(instructions=""), record=False)
        silence = bytes(16000 * 2)
        audio = 3 * silence + speech(url, "The weather is fine.", 16000) + 2 * silence
        for piece in pieces(audio, 16000):
            ear.frames.put_nowait(rtc.AudioFrame(piece, 16000, 1, len(piece) // 2))
            await asyncio.sleep(0.05)
        await asyncio.sleep(4)
        await session.aclose()
    said = "Hello! Please say something. You said: The weather is fine."
    assert_said(url, said, speaker.audio, speaker.rate)


class Records(logging.Handler):
    """Keeps what the plugin logs: errors below 500 go nowhere else."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(record)


@check
async def wrong_settings_of_turns_are_an_error(url: str) -> None:
    logger, records = logging.getLogger("livekit.plugins.cartesia"), Records()
    logger.addHandler(records)
    with contextlib.suppress(APIError):  # the server closes the connection after the error
        await listen(
            url,
            bytes(32000),
            16000,
            turn_start_threshold=0.6,
            turn_eager_end_threshold=0.3,
            turn_end_threshold=0.5,
        )
    events = [vars(record).get("lk.pii.data") or {} for record in records.kept]
    assert any("threshold" in event.get("message", "") for event in events), records.kept


if __name__ == "__main__":
    main()
