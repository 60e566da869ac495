"""Calls really spoken: what each turn sounds like, and when it is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cartesia_mock.catalogue import Catalogue
from cartesia_mock.jsontypes import Fields, JSONObject, JSONValue, as_list, as_object
from cartesia_mock.speech import ENGINE_RATE, Samples, Speech, Timed, Utterance, VoiceTraits
from cartesia_mock.speech.hearing import Memory
from cartesia_mock.text import split_sentences

_CALLER = VoiceTraits("masculine", pitch=0.7, variant=3)
_OTHER_CALLER = VoiceTraits("feminine", pitch=0.8, variant=4)
_FIRST_WORD = 0.4
_PAUSE = 0.7
_ROLES = {"user", "assistant"}


@dataclass(frozen=True)
class Recording:
    """A call as it was heard.

    Attributes:
        samples: The sound, at `ENGINE_RATE`.
        turns: The transcript as the API gives it, with the times of the sound.
    """

    samples: Samples
    turns: list[JSONObject]


class Recordings:
    """Speaks calls, each once.

    Args:
        speech: What speaks.
        memory: Learns what was said.
        catalogue: The voices of the agents.
    """

    def __init__(self, speech: Speech, memory: Memory, catalogue: Catalogue) -> None:
        self._speech = speech
        self._memory = memory
        self._catalogue = catalogue
        self._made: dict[str, Recording] = {}

    def make(self, record: JSONObject) -> Recording:
        """Speak a call; blocks while it is made.

        Args:
            record: The call as it is kept.

        Returns:
            The recording.
        """
        call_id = Fields(record).object("call").text("id")
        if call_id not in self._made:
            self._made[call_id] = self._make(record)
        return self._made[call_id]

    def _make(self, record: JSONObject) -> Recording:
        agent = self._catalogue.speaker(Fields(record).text("voice"))[0]
        caller = _CALLER if agent.gender == "feminine" else _OTHER_CALLER
        sounds: list[Samples] = [np.zeros(round(_FIRST_WORD * ENGINE_RATE), dtype=np.float32)]
        words: list[Timed] = []
        turns: list[JSONObject] = []
        at = _FIRST_WORD
        for turn in map(as_object, as_list(record["turns"])):
            role, text = Fields(turn).text("role"), Fields(turn).text("text")
            if role not in _ROLES:
                turns.append(_timed(turn, at, None))
                continue
            said = self._speech.say(text, voice=agent if role == "assistant" else caller)
            turns.append(_timed(turn, at, said))
            words += [word.shifted(at) for word in said.words]
            pause = np.zeros(round(_PAUSE * ENGINE_RATE), dtype=np.float32)
            sounds += [said.samples, pause]
            at += (len(said.samples) + len(pause)) / ENGINE_RATE
        samples = np.concatenate(sounds)
        transcript = " ".join(Fields(turn).text("text") for turn in turns if turn["role"] in _ROLES)
        self._memory.remember(samples, ENGINE_RATE, transcript, words)
        return Recording(samples, turns)


def _timed(turn: JSONObject, at: float, said: Utterance | None) -> JSONObject:
    """Give a turn with the times at which it, and what was noted in it, happened."""
    end = at + (said.duration if said is not None else 0.0)
    timed: JSONObject = {
        **turn,
        "start_timestamp": round(at, 3),
        "end_timestamp": round(end, 3),
        "text_chunks": _chunks(Fields(turn).text("text"), at, said.words if said else ()),
    }
    for name in ("log_event", "log_metric"):
        if name in turn:
            timed[name] = as_object(turn[name]) | {"timestamp": round(end, 3)}
    return timed


def _chunks(text: str, at: float, words: Sequence[Timed]) -> list[JSONValue]:
    """Cut a turn into its sentences, each with the time of its first word."""
    chunks: list[JSONValue] = []
    before = 0
    for sentence in split_sentences(text):
        start = words[before].start if before < len(words) else 0.0
        chunks.append({"text": sentence, "start_timestamp": round(at + start, 3)})
        before += len(sentence.split())
    return chunks
