"""The audio of agents' calls, synthesized at first use, with timestamps for their transcripts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue, as_list, as_object
from cartesia_mock.speech import (
    ENGINE_RATE,
    Samples,
    SpeechSynthesizer,
    TimedText,
    Utterance,
    VoiceTraits,
)
from cartesia_mock.speech.recognition import FingerprintIndex
from cartesia_mock.speech.sentences import split_sentences
from cartesia_mock.speech.utterance import silence
from cartesia_mock.storage.voice_catalogue import VoiceCatalogue

_CALLER = VoiceTraits("masculine", pitch=0.7, variant=3)
_OTHER_CALLER = VoiceTraits("feminine", pitch=0.8, variant=4)
_LEAD_SECONDS = 0.4
_PAUSE_SECONDS = 0.7
_MAX_RECORDINGS = 32
_ROLES = {"user", "assistant"}


@dataclass(frozen=True)
class CallRecording:
    """The recording of a call.

    Attributes:
        samples: The audio, at `ENGINE_RATE`.
        turns: The transcript as the API returns it, with timestamps in the audio.
    """

    samples: Samples
    turns: list[JSONObject]


class CallRecordings:
    """Synthesizes calls, and keeps the latest recordings.

    Args:
        synthesizer: Synthesizes the turns.
        fingerprints: Gets the audio, for exact transcription.
        catalogue: The voices of the agents.
    """

    def __init__(
        self,
        synthesizer: SpeechSynthesizer,
        fingerprints: FingerprintIndex,
        catalogue: VoiceCatalogue,
    ) -> None:
        self._synthesizer = synthesizer
        self._fingerprints = fingerprints
        self._catalogue = catalogue
        self._recordings: OrderedDict[str, CallRecording] = OrderedDict()

    def get(self, record: JSONObject) -> CallRecording:
        """Return the recording of a call; blocks while it is synthesized.

        Args:
            record: The call as it is stored.

        Returns:
            The recording.
        """
        call_id = JSONFields(record).object("call").text("id")
        recording = self._recordings.get(call_id)
        if recording is None:
            recording = self._recordings[call_id] = self._synthesize(record)
            if len(self._recordings) > _MAX_RECORDINGS:
                self._recordings.popitem(last=False)
        return recording

    def clear(self) -> None:
        """Remove all recordings."""
        self._recordings.clear()

    def _synthesize(self, record: JSONObject) -> CallRecording:
        agent = self._catalogue.synthesis_voice(JSONFields(record).text("voice"))[0]
        caller = _CALLER if agent.gender == "feminine" else _OTHER_CALLER
        sounds: list[Samples] = [silence(_LEAD_SECONDS)]
        words: list[TimedText] = []
        turns: list[JSONObject] = []
        at = _LEAD_SECONDS
        for turn in map(as_object, as_list(record["turns"])):
            role, text = JSONFields(turn).text("role"), JSONFields(turn).text("text")
            if role not in _ROLES:
                turns.append(_timed(turn, at, None))
                continue
            utterance = self._synthesizer.synthesize(
                text, voice=agent if role == "assistant" else caller
            )
            turns.append(_timed(turn, at, utterance))
            words += [word.shifted(at) for word in utterance.words]
            pause = silence(_PAUSE_SECONDS)
            sounds += [utterance.samples, pause]
            at += (len(utterance.samples) + len(pause)) / ENGINE_RATE
        samples = np.concatenate(sounds)
        transcript = " ".join(
            JSONFields(turn).text("text") for turn in turns if turn["role"] in _ROLES
        )
        self._fingerprints.add(samples, ENGINE_RATE, transcript, words)
        return CallRecording(samples, turns)


def _timed(turn: JSONObject, at: float, utterance: Utterance | None) -> JSONObject:
    """Return a turn with the timestamps of the turn, its log events and its metrics."""
    end = at + (utterance.duration if utterance is not None else 0.0)
    timed: JSONObject = {
        **turn,
        "start_timestamp": round(at, 3),
        "end_timestamp": round(end, 3),
        "text_chunks": _chunks(
            JSONFields(turn).text("text"), at, utterance.words if utterance else ()
        ),
    }
    for name in ("log_event", "log_metric"):
        if name in turn:
            timed[name] = as_object(turn[name]) | {"timestamp": round(end, 3)}
    return timed


def _chunks(text: str, at: float, words: Sequence[TimedText]) -> list[JSONValue]:
    """Split a turn into sentences, each with the timestamp of its first word."""
    chunks: list[JSONValue] = []
    position = 0
    for sentence in split_sentences(text):
        start = words[position].start if position < len(words) else 0.0
        chunks.append({"text": sentence, "start_timestamp": round(at + start, 3)})
        position += len(sentence.split())
    return chunks
