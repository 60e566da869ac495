"""Speech recognition: by fingerprint for audio of this server, by pocketsphinx for other audio."""

from __future__ import annotations

from cartesia_mock.speech.recognition.fingerprint_index import FingerprintIndex
from cartesia_mock.speech.recognition.recognizer import PocketsphinxRecognizer
from cartesia_mock.speech.recognition.streaming_transcriber import StreamingTranscriber
from cartesia_mock.speech.recognition.transcriber import FIXED_SENTENCE, Transcriber, Transcription

__all__ = [
    "FIXED_SENTENCE",
    "FingerprintIndex",
    "PocketsphinxRecognizer",
    "StreamingTranscriber",
    "Transcriber",
    "Transcription",
]
