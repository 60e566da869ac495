"""What the type checkers must infer and refuse; `# rejected` marks the lines that both must refuse."""

from __future__ import annotations

from asyncio import create_task
from collections.abc import AsyncIterator, Iterator

from typing_extensions import assert_type

from cartesia import (
    APIResponse,
    AsyncBinaryAPIResponse,
    AsyncCartesia,
    AsyncStream,
    BinaryAPIResponse,
    Cartesia,
    ReconnectingEvent,
    ReconnectingOverrides,
    Stream,
)
from cartesia.types import (
    FileListResponse,
    GenerationConfig,
    PhoneNumber,
    RawOutputFormatParam,
    STTTranscribeResponse,
    TTSSSEEvent,
    Voice,
    VoiceSpecifier,
    WAVOutputFormatParam,
)
from cartesia.types.agents import DeploymentListResponse
from cartesia.types.agents.metrics import ResultExportResponse, ResultListResponse
from cartesia.types.stt import STTManualFinalizeWebsocketResponse

from cartesia import v2025_11_04, v2026_08_14
from cartesia.types import Dataset
from cartesia.v2026_08_14 import types as new_types

client = Cartesia()
async_client = AsyncCartesia()
new_client = v2026_08_14.Cartesia()
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


def whole_api() -> None:
    assert_type(client.agents.deployments.list("a1"), DeploymentListResponse)
    assert_type(client.agents.list_phone_numbers("a1"), "list[PhoneNumber]")
    assert_type(client.agents.metrics.results.export(), ResultExportResponse)
    for found in client.agents.metrics.results.list():
        assert_type(found, ResultListResponse)
    for file in client.datasets.files.list("d1"):
        assert_type(file, FileListResponse)
        assert_type(file.name, str)
    client.voices.update("v1", gender="male", accent=None)
    assert_type(client.get("/voices/v1", cast_to=Voice), Voice)
    assert_type(client.post("/x", cast_to=str, body={"a": 1}, options={"timeout": 3}), str)


def speaks(pieces: Iterator[str]) -> Iterator[bytes]:
    for event in client.tts.stream(transcript=pieces, voice=VOICE):
        if event.type == "chunk":
            yield event.audio or b""
        elif event.type == "error":
            assert_type(event.error, str)


def hears(audio: bytes) -> Iterator[str]:
    socket = client.stt.manual_finalize.websocket(model="ink-2", encoding="pcm_s16le", sample_rate=16000)
    with socket as connection:
        connection.send_raw(audio)
        connection.send("finalize")
        for event in connection:
            assert_type(event, STTManualFinalizeWebsocketResponse)
            if event.type == "transcript":
                yield event.text


def again(event: ReconnectingEvent) -> ReconnectingOverrides | None:
    return {"abort": event.attempt > 2}


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


def older_names(audio: bytes) -> Iterator[bytes]:
    raw: RawOutputFormatParam = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000}
    yield from client.tts.bytes(model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format=WAV)
    stream = client.tts.sse(model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format=raw)
    assert_type(stream, Stream[TTSSSEEvent])
    context = client.tts.websocket(max_retries=1).context()
    context.push("Hello", flush=True)
    changed = client.voice_changer.change_voice_bytes(clip=audio, voice_id=VOICE, output_format_container="mp3")
    assert_type(changed, BinaryAPIResponse)
    streamed = client.tts.with_raw_response.sse(
        model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format=raw
    )
    assert_type(streamed, APIResponse[Stream[TTSSSEEvent]])


async def older_names_async(audio: bytes) -> AsyncIterator[bytes]:
    raw: RawOutputFormatParam = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000}
    async for piece in async_client.tts.bytes(
        model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format=WAV
    ):
        yield piece
    stream = async_client.tts.sse(
        model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format=raw
    )
    assert_type(await create_task(stream), AsyncStream[TTSSSEEvent])
    socket = await async_client.tts.websocket(max_retries=1)
    await socket.context().push("Hello", flush=True)
    changed = await async_client.voice_changer.change_voice_bytes(
        clip=audio, voice_id=VOICE, output_format_container="mp3"
    )
    assert_type(changed, AsyncBinaryAPIResponse)


def rejected() -> None:
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice={"mode": "id"}, output_format=WAV)  # rejected
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice={"mode": "id", "id": "x", "di": 1}, output_format=WAV)  # rejected
    client.tts.generate(model_id="sonic-3", transcript=1, voice=VOICE, output_format=WAV)  # rejected
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice=VOICE)  # rejected
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format=WAV, tempo=1)  # rejected
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format={"container": "wav", "encoding": "pcm_s12le", "sample_rate": 8000})  # rejected
    client.tts.generate(model_id="sonic-3", transcript="Hi.", voice=VOICE, output_format={"container": "wav", "encoding": "pcm_s16le", "sample_rate": 8001})  # rejected
    client.tts.bytes(model_id="sonic-3", transcript="Hi.", voice=VOICE)  # rejected
    client.tts.sse(model_id="sonic-3", transcript=1, voice=VOICE, output_format=WAV)  # rejected
    client.tts.websocket(max_retries="many")  # rejected
    client.tts.websocket().context().push(1)  # rejected
    client.voice_changer.change_voice_bytes(clip=b"", voice_id=1, output_format_container="mp3")  # rejected
    client.voices.get(1)  # rejected
    client.voices.list(limit="ten")  # rejected
    client.stt.transcribe(model="ink-whisper")  # rejected
    client.tts.stream(voice=VOICE)  # rejected
    client.tts.stream(transcript=[1], voice=VOICE)  # rejected
    client.voices.update("v1", gender="loud")  # rejected
    client.stt.auto_finalize.websocket(model="ink-2", encoding="mp3", sample_rate=8000)  # rejected
    client.stt.manual_finalize.websocket(model="ink-2", encoding="pcm_s16le", sample_rate=8000, on_reconnecting=5)  # rejected
    client.post("/x", cast_to=str, options={"retries": 3})  # rejected


async def rejected_asynchronously() -> None:
    connection = await async_client.tts.websocket_connect().enter()
    context = connection.context(model_id="sonic-3", voice=VOICE)
    await context.push(b"bytes")  # rejected
    await context.send(transcript="Hi.", flush="now")  # rejected
    await connection.send({"context_id": "1", "cancle": True})  # rejected


def dates() -> None:
    """Each date has its own arguments and types, and shares what is the same."""
    voice = new_client.voices.get(VOICE)
    assert_type(voice, new_types.Voice)
    assert_type(voice.access, new_types.VoiceAccess)
    assert_type(new_client.voices.list_accents(), new_types.ListAccentsResponse)
    assert_type(new_client.voices.add_accents("x", accents=["british"]), new_types.Voice)
    assert_type(new_client.voices.delete_accent("british", id="x"), new_types.Voice)
    assert_type(new_client.datasets.retrieve("x"), Dataset)
    assert_type(v2025_11_04.Cartesia().voices.get(VOICE), Voice)
    assert_type(v2026_08_14.Cartesia.api_version, str)
    for given in (VOICE, voice):
        new_client.tts.generate(
            model_id="sonic-3.6", transcript="Hi.", voice=given, output_format=WAV, locale="en-GB"
        )
    new_client.tts.generate(
        model_id="sonic-3.6", transcript="Hi.", voice={"id": VOICE}, output_format=WAV
    )
    voice.is_public  # rejected
    client.voices.list_accents()  # rejected
    client.voices.get(VOICE).access  # rejected
    new_client.voices.add_accents("x", accents=["martian"])  # rejected
    client.tts.generate(model_id="s", transcript="", voice=VOICE, output_format=WAV, locale="en")  # rejected
    new_client.voices.localize(voice_id="x", name="y")  # rejected
