"""What the query of a listening socket asks for, beyond what its schemas judge."""

from __future__ import annotations

from cartesia_mock.call import SocketCall
from cartesia_mock.document import Operation
from cartesia_mock.errors import APIError
from cartesia_mock.generation import check_language, check_model
from cartesia_mock.speech.audio import PCM_ENCODINGS, PCMEncoding

from .activity import Thresholds
from .manual import Silence, Stream
from .session import QUIET

_DEFAULT_LANGUAGE = "en"
_MOST_CHARACTERS = 1200
_RATES = range(1000, 384_001)
_BY_NAME: dict[str, PCMEncoding] = {name: name for name in PCM_ENCODINGS}
_SILENCE_SECONDS = 1.0


def read_stream(call: SocketCall) -> Stream:
    """Read what comes in.

    Args:
        call: The handshake, valid by the document.

    Returns:
        Its encoding, sample rate and language.

    Raises:
        APIError: The model or the language is unknown, the sample rate cannot be heard, or there
            are too many characters in the key terms (400).
    """
    query = call.query
    check_model(query.text("model"), call.mock, _schema(call.operation, "model"))
    language = query.text("language", _DEFAULT_LANGUAGE)
    if "language" in query.data:
        check_language(language, call.mock, _schema(call.operation, "language"))
    rate = query.integer("sample_rate") or 0
    if rate not in _RATES:
        raise APIError(
            400,
            "Invalid sample rate",
            f"sample_rate: {rate} is out of range: use 1000 to 384000 Hz",
        )
    characters = sum(map(len, query.texts("keyterm")))
    if characters > _MOST_CHARACTERS:
        raise APIError(
            400,
            "Too many key terms",
            f"keyterm: {characters} characters in all: send {_MOST_CHARACTERS} at most",
        )
    return Stream(call.request_id, _BY_NAME[query.text("encoding")], rate, language)


def read_silence(call: SocketCall) -> Silence:
    """Read when silence makes a text final: never, unless ink-whisper is asked to."""
    volume = call.query.number("min_volume")
    seconds = call.query.number("max_silence_duration_secs")
    if not call.query.text("model").startswith("ink-whisper") or volume is seconds is None:
        return Silence()
    return Silence(
        QUIET if volume is None else volume, _SILENCE_SECONDS if seconds is None else seconds
    )


def read_thresholds(call: SocketCall) -> Thresholds:
    """Read when turns begin and end; APIError (400) when the thresholds are in the wrong order."""
    return Thresholds().changed(call.query, "turn_")


def _schema(operation: Operation, name: str) -> str:
    """Give the JSON pointer to the schema of a parameter."""
    return next(each.schema for each in operation.parameters if each.name == name)
