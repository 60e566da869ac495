"""The handler that speaks what fits between two clips."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
from starlette.responses import Response, StreamingResponse

from cartesia_mock.call import Call, Handler
from cartesia_mock.errors import APIError
from cartesia_mock.generation import check_model, check_transcript, read_format
from cartesia_mock.speaking import Audio, Manner, Speaker
from cartesia_mock.speech import Samples
from cartesia_mock.speech.audio import UnreadableAudio, decode
from cartesia_mock.tts import MEDIA_TYPES

_CLIPS = ("left_audio", "right_audio")
_USUAL_LEVEL = 0.12
_VOLUMES = (0.25, 4.0)
_SOUNDING = 0.02


async def infill(call: Call) -> Response:
    """Answer with the audio of a transcript, as loud as the clips beside it."""
    mock, body = call.mock, call.body
    check_model(body.text("model_id"), mock, call.field_schema("model_id"))
    voice, language = mock.catalogue.speaker(body.text("voice_id"))
    check_transcript(body.text("transcript"))
    clips = [name for name in _CLIPS if name in call.files]
    if not clips:
        raise APIError(
            400, "Invalid request", f"{' or '.join(_CLIPS)}: send at least one clip as a file"
        )
    levels = await asyncio.gather(*(asyncio.to_thread(_level, call, name) for name in clips))
    volume = sum(levels) / len(levels) / _USUAL_LEVEL
    manner = Manner(
        voice=voice,
        language=body.text("language") or language,
        volume=min(max(volume, _VOLUMES[0]), _VOLUMES[1]),
    )
    output = read_format(body)
    speaker = Speaker(mock, manner)

    async def audio() -> AsyncIterator[bytes]:
        async for frame in speaker.speak(body.text("transcript"), output.encoder()):
            if isinstance(frame, Audio):
                yield frame.data

    answer = StreamingResponse(audio(), media_type=MEDIA_TYPES[output.container])
    return mock.speaking.until_sent(answer)


def _level(call: Call, name: str) -> float:
    """Measure how loud a clip is where it sounds: the root of the mean square."""
    try:
        samples, _ = decode(call.file(name).content)
    except UnreadableAudio as error:
        raise APIError(400, "Invalid audio", f"{name}: {error}") from None
    sounding: Samples = samples[np.abs(samples) > _SOUNDING * float(np.abs(samples).max())]
    return float(np.sqrt(np.square(sounding).mean())) if len(sounding) else _USUAL_LEVEL


HANDLERS: dict[str, Handler] = {"tts.infill": infill}
"""What answers each operation, by operationId."""
