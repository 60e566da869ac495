"""Handlers of the voice changer: a clip in another voice."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from cartesia_mock.api.event_stream import encode_event, event_stream_response
from cartesia_mock.http.api_request import APIRequest, Handler, Mock
from cartesia_mock.http.request_validation import decode_audio
from cartesia_mock.speech import Samples, VoiceTraits
from cartesia_mock.speech.pitch_shift import change_pitch
from cartesia_mock.tts.streaming import CHUNK_BYTES, Pacer
from cartesia_mock.tts.tts_options import OutputFormat, parse_output_format

_MIN_SPEED, _MAX_SPEED = 0.6, 1.5
_PITCH_RANGES = {"masculine": (78, 116), "gender_neutral": (140, 180), "feminine": (186, 276)}
"""The lowest and the highest pitch (Hz) of the voices of each gender."""


async def generate(request: APIRequest) -> Response:
    """Respond with the audio of a clip in another voice."""
    data, output = await _convert(request)
    pacer = Pacer(request.mock.settings)

    async def body() -> AsyncIterator[bytes]:
        for seconds, chunk in _split_chunks(data, output):
            await pacer.wait(seconds)
            yield chunk

    response = StreamingResponse(body(), media_type=output.media_type)
    return request.mock.generation_limit.hold_until_sent(response)


async def generate_sse(request: APIRequest) -> Response:
    """Respond with events: the audio in chunks, and the end."""
    data, output = await _convert(request)
    pacer = Pacer(request.mock.settings)

    async def events() -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        sent_at = clock()
        for seconds, chunk in _split_chunks(data, output):
            await pacer.wait(seconds)
            yield encode_event(
                {
                    "status_code": 206,
                    "done": False,
                    "data": base64.b64encode(chunk).decode(),
                    "sample_rate": output.sample_rate,
                    "step_time": round((clock() - sent_at) * 1000, 3),
                }
            )
            sent_at = clock()
        yield encode_event({"status_code": 200, "done": True})

    return request.mock.generation_limit.hold_until_sent(event_stream_response(events()))


async def _convert(request: APIRequest) -> tuple[bytes, OutputFormat]:
    body = request.body
    output = parse_output_format(body)
    voice, language = request.mock.catalogue.synthesis_voice(body.text("voice[id]"))
    clip = request.file("clip").content

    def convert() -> bytes:
        samples, rate = decode_audio(clip, "clip")
        return output.encode(*_in_voice(request.mock, samples, rate, voice, language))

    return await asyncio.to_thread(convert), output


def _in_voice(
    mock: Mock, samples: Samples, rate: int, voice: VoiceTraits, language: str
) -> tuple[Samples, int]:
    """Speak the words of a known clip in the same time; shift the pitch of any other sound."""
    known = mock.transcriber.transcribe_known(samples, rate, language)
    if known is None or not known.words:
        low, high = _PITCH_RANGES[voice.gender]
        return change_pitch(samples, rate, low + (high - low) * voice.pitch), rate
    at_normal_speed = mock.synthesizer.synthesize(known.text, language=language, voice=voice)
    seconds = max(known.words[-1].end - known.words[0].start, 0.1)
    utterance = mock.synthesizer.synthesize(
        known.text,
        language=language,
        voice=voice,
        speed=min(max(at_normal_speed.duration / seconds, _MIN_SPEED), _MAX_SPEED),
    )
    samples, rate = utterance.samples, utterance.sample_rate
    mock.fingerprints.add(samples, rate, utterance.text, utterance.words)
    return samples, rate


def _split_chunks(data: bytes, output: OutputFormat) -> list[tuple[float, bytes]]:
    """Split audio into chunks, each with the time at which it begins (seconds)."""
    rate = output.bytes_a_second
    return [(at / rate, data[at : at + CHUNK_BYTES]) for at in range(0, len(data), CHUNK_BYTES)]


HANDLERS: dict[str, Handler] = {
    "voice_changer.generate": generate,
    "voice_changer.generate_sse": generate_sse,
}
"""Handlers by operationId."""
