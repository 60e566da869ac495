"""Pipecat's services: speak, stream, are interrupted, listen and are refused."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Any

import aiohttp
from checks import (
    EXAMPLES,
    KEY,
    LONG,
    TEXT,
    assert_part,
    assert_said,
    assert_same,
    check,
    heard,
    main,
    pieces,
    speech,
)
from loguru import logger
from pipecat.frames.frames import (
    EndTaskFrame,
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    StartFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSTextFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.pipeline.worker import PipelineParams
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.cartesia.stt import CartesiaSTTService
from pipecat.services.cartesia.tts import (
    CartesiaHttpTTSService,
    CartesiaTTSService,
    GenerationConfig,
)
from pipecat.services.cartesia.turns.stt import CartesiaTurnsSTTService
from pipecat.services.tts_service import TextAggregationMode
from pipecat.tests.utils import SleepFrame, run_test
from pipecat.transcriptions.language import Language
from pipecat.transports.base_transport import BaseTransport

RATE = 24000
LADY = "71a7ad14-091c-4e8e-a314-022ece01c121"
PARAMS = PipelineParams(audio_out_sample_rate=RATE, audio_in_sample_rate=16000)

logger.remove()


def settings(**changes: Any) -> CartesiaTTSService.Settings:
    return CartesiaTTSService.Settings(**{"voice": LADY, **changes})


def streaming(
    url: str, key: str = KEY, *, more: dict[str, Any] | None = None, **changes: Any
) -> CartesiaTTSService:
    return CartesiaTTSService(
        api_key=key,
        url=url.replace("http", "ws", 1) + "/tts/websocket",
        sample_rate=RATE,
        settings=settings(**changes),
        **(more or {}),
    )


async def run(service: FrameProcessor, *frames: Frame) -> tuple[Sequence[Frame], Sequence[Frame]]:
    return await run_test(service, frames_to_send=frames, pipeline_params=PARAMS, start_timeout=15)


def audio_of(frames: Sequence[Frame]) -> bytes:
    return b"".join(frame.audio for frame in frames if isinstance(frame, TTSAudioRawFrame))


def answer(text: str) -> list[Frame]:
    """Return a text as a language model sends it, token by token."""
    tokens = [LLMTextFrame(f"{token} ") for token in text.split(" ")]
    return [LLMFullResponseStartFrame(), *tokens, LLMFullResponseEndFrame()]


@check
async def speaks_over_http(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        service = CartesiaHttpTTSService(
            api_key=KEY,
            base_url=url,
            aiohttp_session=session,
            sample_rate=RATE,
            settings=CartesiaHttpTTSService.Settings(voice=LADY),
        )
        down, _ = await run(service, TTSSpeakFrame(TEXT), SleepFrame(2))
    assert_said(url, TEXT, audio_of(down), RATE)


@check
async def streams_sentences(url: str) -> None:
    down, up = await run(streaming(url), *answer(TEXT), SleepFrame(4))
    assert not [frame for frame in up if isinstance(frame, ErrorFrame)], up
    assert_said(url, TEXT, audio_of(down), RATE)
    timed = " ".join(frame.text for frame in down if isinstance(frame, TTSTextFrame))
    assert_same(TEXT, timed)


@check
async def streams_tokens(url: str) -> None:
    more = {"text_aggregation_mode": TextAggregationMode.TOKEN}
    down, _ = await run(streaming(url, more=more), *answer(TEXT), SleepFrame(4))
    assert_said(url, TEXT, audio_of(down), RATE)


@check
async def streams_with_a_region_and_an_emotion(url: str) -> None:
    config = GenerationConfig(speed=1.4, emotion="joking/comedic")
    service = streaming(url, language=Language.EN_GB, generation_config=config)
    down, _ = await run(service, TTSSpeakFrame(TEXT), SleepFrame(3))
    assert_said(url, TEXT, audio_of(down), RATE)


@check
async def speaks_inline_phonemes(url: str) -> None:
    word = CartesiaTTSService.format_pronunciation("test", "tˈɛst")
    down, up = await run(streaming(url), TTSSpeakFrame(f"This is a {word}."), SleepFrame(3))
    assert not [frame for frame in up if isinstance(frame, ErrorFrame)], up
    assert "this is a" in heard(url, audio_of(down), RATE).lower()


@check
async def an_interruption_leaves_the_next_utterance_whole(url: str) -> None:
    service = streaming(url)
    frames = [TTSSpeakFrame(LONG), SleepFrame(0.7), InterruptionFrame(), SleepFrame(0.5)]
    down, up = await run(service, *frames, TTSSpeakFrame(TEXT), SleepFrame(4))
    assert not [frame for frame in up if isinstance(frame, ErrorFrame)], up
    at = next(i for i, frame in enumerate(down) if isinstance(frame, InterruptionFrame))
    assert_said(url, TEXT, audio_of(down[at:]), RATE)
    # The audio may end within a word.
    assert_part(LONG, heard(url, audio_of(down[:at]), RATE).rpartition(" ")[0])


async def talk(service: FrameProcessor, audio: bytes, *after: Frame) -> str:
    frames: list[Frame] = [SleepFrame(0.5)]
    for piece in pieces(audio, 16000):
        frames += [InputAudioRawFrame(piece, 16000, 1), SleepFrame(0.02)]
    down, up = await run(service, *frames, *after, SleepFrame(1.5))
    assert not [frame for frame in up if isinstance(frame, ErrorFrame)], up
    return " ".join(frame.text for frame in down if isinstance(frame, TranscriptionFrame))


@check
async def listens_and_finalizes(url: str) -> None:
    service = CartesiaSTTService(
        api_key=KEY, base_url=url.replace("http", "ws", 1), sample_rate=16000
    )
    transcript = await talk(service, speech(url, TEXT, 16000), VADUserStoppedSpeakingFrame())
    assert_same(TEXT, transcript)


@check
async def listens_with_turns(url: str) -> None:
    service = CartesiaTurnsSTTService(
        api_key=KEY,
        url=url.replace("http", "ws", 1) + "/stt/turns/websocket",
        sample_rate=16000,
    )
    silence = bytes(16000 * 2)
    transcript = await talk(service, silence + speech(url, TEXT, 16000) + 2 * silence)
    assert_same(TEXT, transcript)


def errors(frames: Sequence[Frame]) -> str:
    return " ".join(frame.error for frame in frames if isinstance(frame, ErrorFrame))


@check
async def a_wrong_key_is_refused(url: str) -> None:
    down, up = await run(streaming(url, key="wrong"), TTSSpeakFrame(TEXT), SleepFrame(1))
    assert "401" in errors(up), up
    assert not audio_of(down)


@check
async def an_unknown_voice_is_refused_with_the_reason(url: str) -> None:
    down, up = await run(streaming(url, voice="0" * 8), TTSSpeakFrame(TEXT), SleepFrame(1))
    assert "Voice not found" in errors(up), up
    assert not audio_of(down)


@check
async def wrong_settings_of_turns_are_told_and_not_tried_for_ever(url: str) -> None:
    service = CartesiaTurnsSTTService(
        api_key=KEY,
        url=url.replace("http", "ws", 1) + "/stt/turns/websocket",
        sample_rate=16000,
        settings=CartesiaTurnsSTTService.Settings(
            turn_start_threshold=0.6, turn_eager_end_threshold=0.3, turn_end_threshold=0.5
        ),
    )
    _, up = await asyncio.wait_for(run(service, SleepFrame(1.5)), 20)
    assert "threshold" in errors(up), up
    assert errors(up).count("threshold must hold") <= 2, up


class Phone(BaseTransport):
    """A transport over which a recording is heard, and what is answered is kept."""

    def __init__(self, recording: bytes) -> None:
        super().__init__()
        self.caller, self.keeper = Caller(recording), Keeper()

    def input(self) -> FrameProcessor:
        return self.caller

    def output(self) -> FrameProcessor:
        return self.keeper


class Caller(FrameProcessor):
    """Talks once the pipeline has started, and hangs up some seconds later."""

    def __init__(self, recording: bytes) -> None:
        super().__init__()
        self.recording = recording

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self.create_task(self.talk())

    async def talk(self) -> None:
        for piece in pieces(self.recording, 16000):
            await self.push_frame(InputAudioRawFrame(piece, 16000, 1))
            await asyncio.sleep(0.02)
        await asyncio.sleep(4)
        await self.push_frame(EndTaskFrame(), FrameDirection.UPSTREAM)


class Keeper(FrameProcessor):
    """Keeps what is said."""

    def __init__(self) -> None:
        super().__init__()
        self.audio, self.rate = b"", 0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            self.audio, self.rate = self.audio + frame.audio, frame.sample_rate
        await self.push_frame(frame, direction)


@check
async def the_example_says_what_it_has_heard(url: str) -> None:
    os.environ.update(CARTESIA_API_KEY=KEY, CARTESIA_BASE_URL=url)
    sys.path.insert(0, str(EXAMPLES))
    from pipecat_bot import converse

    silence = bytes(16000 * 2)
    phone = Phone(silence + speech(url, "The weather is fine.", 16000) + 2 * silence)
    await asyncio.wait_for(converse(phone), 30)
    assert_said(url, "You said: The weather is fine.", phone.keeper.audio, phone.keeper.rate)


if __name__ == "__main__":
    main()
