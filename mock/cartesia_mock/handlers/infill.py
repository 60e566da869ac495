"""The handler of infill: speech that fits between two clips."""

from __future__ import annotations

import asyncio

import numpy as np
from starlette.responses import Response

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.handlers.tts import audio_response
from cartesia_mock.http.api_request import APIRequest, Handler
from cartesia_mock.http.request_validation import decode_audio
from cartesia_mock.speech import Samples
from cartesia_mock.tts.streaming import Prosody, SpeechStreamer, SynthesisOptions
from cartesia_mock.tts.tts_options import check_transcript, parse_output_format

_CLIPS = ("left_audio", "right_audio")
_DEFAULT_LEVEL = 0.12
_MIN_VOLUME, _MAX_VOLUME = 0.25, 4.0
_SILENCE = 0.02


async def infill(request: APIRequest) -> Response:
    """Respond with the audio of a transcript, as loud as the adjacent clips."""
    mock, body = request.mock, request.body
    voice, language = mock.catalogue.synthesis_voice(body.text("voice_id"))
    check_transcript(body.text("transcript"), mock)
    clips = [name for name in _CLIPS if name in request.files]
    if not clips:
        raise HTTPError(
            400, "Invalid request", f"{' or '.join(_CLIPS)}: send at least one clip as a file"
        )
    levels = await asyncio.gather(*(asyncio.to_thread(_level, request, name) for name in clips))
    volume = sum(levels) / len(levels) / _DEFAULT_LEVEL
    options = SynthesisOptions(
        voice=voice,
        language=body.text("language") or language,
        prosody=Prosody(volume=min(max(volume, _MIN_VOLUME), _MAX_VOLUME)),
    )
    return audio_response(request, SpeechStreamer(mock, options), parse_output_format(body))


def _level(request: APIRequest, name: str) -> float:
    """Measure the loudness of a clip without its silence (root mean square)."""
    samples, _ = decode_audio(request.file(name).content, name)
    audible: Samples = samples[np.abs(samples) > _SILENCE * float(np.abs(samples).max())]
    return float(np.sqrt(np.square(audible).mean())) if len(audible) else _DEFAULT_LEVEL


HANDLERS: dict[str, Handler] = {"tts.infill": infill}
"""Handlers by operationId."""
