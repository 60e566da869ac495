"""What the type checkers must infer and refuse; `# rejected` marks the lines that both must refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from typing_extensions import assert_type

from cartesia import (
    APIResponse,
    AsyncCartesia,
    AsyncStream,
    BinaryAPIResponse,
    Cartesia,
    Stream,
)
from cartesia.types import (
    GenerationConfig,
    STTTranscribeResponse,
    TTSSSEEvent,
    Voice,
    VoiceSpecifier,
    WAVOutputFormatParam,
)

client = Cartesia()
async_client = AsyncCartesia()
VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
WAV: WAVOutputFormatParam = {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 44100}


def accepted() -> None:
    speech = client.tts.generate(
        model_id="sonic-3", transcript="Hi.", voice={"mode": "id", "id": VOICE}, output_format=WAV
    )
    assert_type(speech, BinaryAPIResponse)
    client.tts.generate(
        model_id="a-model-of-tomorrow",
        transcript="Hi.",
        voice=VoiceSpecifier(id=VOICE),
        output_format={"container": "mp3", "sample_rate": 44100, "bit_rate": 128000},
        generation_config=GenerationConfig(speed=1.1),
        language=None,
        timeout=3.5,
        extra_headers={"X-Trace": "1"},
    )
    assert_type(client.voices.get("x"), Voice)
    raw = client.voices.with_raw_response.get("x")
    assert_type(raw, APIResponse[Voice])
    assert_type(raw.parse(), Voice)
    for voice in client.voices.list(limit=3):
        assert_type(voice, Voice)
        assert_type(voice.name, str)


def streams() -> Iterator[str]:
    stream = client.tts.generate_sse(
        model_id="sonic-3",
        transcript="Hi.",
        voice=VOICE,
        output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
    )
    assert_type(stream, Stream[TTSSSEEvent])
    for event in stream:
        if event.type == "chunk":
            yield event.data
        elif event.type == "timestamps":
            yield event.word_timestamps.words[0]


async def asynchronous() -> AsyncIterator[bytes]:
    stream = await async_client.tts.generate_sse(
        model_id="sonic-3",
        transcript="Hi.",
        voice=VOICE,
        output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
    )
    assert_type(stream, AsyncStream[TTSSSEEvent])
    async for voice in async_client.voices.list():
        assert_type(voice, Voice)
    page = await async_client.voices.list()
    assert_type(page.data, "list[Voice]")
    heard = await async_client.stt.transcribe(file=b"RIFF", model="ink-whisper")
    assert_type(heard, STTTranscribeResponse)
    async with async_client.tts.websocket_connect() as connection:
        context = connection.context(model_id="sonic-3", voice=VOICE)
        await context.push("Hello ", flush=True)
        async for event in context.receive():
            if event.type == "chunk":
                yield event.audio or b""


def rejected() -> None:
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice={"mode": "id"}, output_format=WAV)  # rejected
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice={"mode": "id", "id": "x", "di": 1}, output_format=WAV)  # rejected
    client.tts.generate(model_id="sonic-3", transcript=1, voice=VOICE, output_format=WAV)  # rejected
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice=VOICE)  # rejected
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format=WAV, tempo=1)  # rejected
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format={"container": "wav", "encoding": "pcm_s12le", "sample_rate": 8000})  # rejected
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format={"container": "wav", "encoding": "pcm_s16le", "sample_rate": 8001})  # rejected
    client.voices.get(1)  # rejected
    client.voices.list(limit="ten")  # rejected
    client.stt.transcribe(model="ink-whisper")  # rejected


async def rejected_asynchronously() -> None:
    connection = await async_client.tts.websocket_connect().enter()
    context = connection.context(model_id="sonic-3", voice=VOICE)
    await context.push(b"bytes")  # rejected
    await context.send(transcript="Hi.", flush="now")  # rejected
    await connection.send({"context_id": "1", "cancle": True})  # rejected
