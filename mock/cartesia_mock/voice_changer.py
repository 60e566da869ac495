"""The handlers that say a clip again in another voice."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from cartesia_mock.call import Call, Handler, Mock
from cartesia_mock.errors import APIError
from cartesia_mock.generation import Format, make_format
from cartesia_mock.jsontypes import Fields, JSONObject
from cartesia_mock.pace import Pace
from cartesia_mock.speaking import CHUNK_BYTES
from cartesia_mock.speech import Samples, VoiceTraits
from cartesia_mock.speech.audio import UnreadableAudio, decode, encode
from cartesia_mock.speech.conversion import change_pitch
from cartesia_mock.tts import MEDIA_TYPES, NO_CACHE

_PARTS = ("container", "encoding", "sample_rate", "bit_rate")
_SPEEDS = (0.6, 1.5)
_PITCHES = {"masculine": (78, 116), "gender_neutral": (140, 180), "feminine": (186, 276)}
"""The lowest and the highest pitch (Hz) of the voices of each gender."""


async def generate(call: Call) -> Response:
    """Answer with the audio of a clip in another voice."""
    data, output = await _change(call)
    pace = _pace(call)

    async def body() -> AsyncIterator[bytes]:
        for seconds, piece in _pieces(data, output):
            await pace.wait(seconds)
            yield piece

    answer = StreamingResponse(body(), media_type=MEDIA_TYPES[output.container])
    return call.mock.speaking.until_sent(answer)


async def generate_sse(call: Call) -> Response:
    """Answer with events: the audio piece by piece, and the end."""
    data, output = await _change(call)
    pace = _pace(call)

    async def events() -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        before = clock()
        for seconds, piece in _pieces(data, output):
            await pace.wait(seconds)
            yield _event(
                {
                    "status_code": 206,
                    "done": False,
                    "data": base64.b64encode(piece).decode(),
                    "sample_rate": output.sample_rate,
                    "step_time": round((clock() - before) * 1000, 3),
                }
            )
            before = clock()
        yield _event({"status_code": 200, "done": True})

    answer = StreamingResponse(events(), media_type="text/event-stream", headers=NO_CACHE)
    return call.mock.speaking.until_sent(answer)


def read_flat_format(fields: Fields) -> Format:
    """Read the output format of a form whose fields are its parts: `output_format[container]`."""
    wanted: JSONObject = {name: fields.data.get(f"output_format[{name}]") for name in _PARTS}
    return make_format(Fields(wanted))


async def _change(call: Call) -> tuple[bytes, Format]:
    body = call.body
    output = read_flat_format(body)
    voice, language = call.mock.catalogue.speaker(body.text("voice[id]"))
    clip = call.file("clip").content
    return await asyncio.to_thread(_say_again, call.mock, clip, voice, language, output), output


def _say_again(mock: Mock, clip: bytes, voice: VoiceTraits, language: str, output: Format) -> bytes:
    try:
        samples, rate = decode(clip)
    except UnreadableAudio as error:
        raise APIError(400, "Invalid audio", f"clip: {error}") from None
    changed, rate = _in_voice(mock, samples, rate, voice, language)
    return encode(
        changed,
        rate,
        output.container,
        encoding=output.encoding,
        sample_rate=output.sample_rate,
        bit_rate=output.bit_rate,
    )


def _in_voice(
    mock: Mock, samples: Samples, rate: int, voice: VoiceTraits, language: str
) -> tuple[Samples, int]:
    """Say the words of a clip in a voice, in the same time; other sound is brought to its pitch."""
    heard = mock.hearing.recall(samples, rate, language)
    if heard is None or not heard.words:
        low, high = _PITCHES[voice.gender]
        return change_pitch(samples, rate, low + (high - low) * voice.pitch), rate
    usual = mock.speech.say(heard.text, language=language, voice=voice)
    seconds = max(heard.words[-1].end - heard.words[0].start, 0.1)
    said = mock.speech.say(
        heard.text,
        language=language,
        voice=voice,
        speed=min(max(usual.duration / seconds, _SPEEDS[0]), _SPEEDS[1]),
    )
    mock.memory.remember(said.samples, said.sample_rate, said.text, said.words)
    return said.samples, said.sample_rate


def _pace(call: Call) -> Pace:
    settings = call.mock.settings
    now = asyncio.get_running_loop().time()
    return Pace(now, settings.first_chunk_ms / 1000, settings.realtime_factor)


def _pieces(data: bytes, output: Format) -> list[tuple[float, bytes]]:
    """Cut audio into chunks, each with the time at which it begins (seconds)."""
    rate = output.bytes_a_second
    return [(at / rate, data[at : at + CHUNK_BYTES]) for at in range(0, len(data), CHUNK_BYTES)]


def _event(event: JSONObject) -> bytes:
    return f"data: {json.dumps(event, separators=(',', ':'))}\n\n".encode()


HANDLERS: dict[str, Handler] = {
    "voice_changer.generate": generate,
    "voice_changer.generate_sse": generate_sse,
}
"""What answers each operation, by operationId."""
