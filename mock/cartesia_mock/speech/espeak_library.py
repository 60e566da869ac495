"""The espeak-ng library through ctypes: text in, samples with word and phoneme events out."""

from __future__ import annotations

import ctypes
import threading
from ctypes import POINTER, c_char, c_char_p, c_int, c_short, c_size_t, c_uint, c_void_p
from dataclasses import dataclass
from importlib import import_module
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ctypes import _Pointer

_SYNCHRONOUS = 2
_PHONEME_EVENTS_IPA_NO_EXIT = 0x0001 | 0x0002 | 0x8000
_UTF8 = 1
_BY_CHARACTER = 1
_RATE_PARAMETER, _PITCH_PARAMETER, _RANGE_PARAMETER = 1, 3, 4
_LAST, _WORD, _PHONEME = 0, 1, 7
_WORDS_A_MINUTE = range(80, 451)


class _Event(ctypes.Structure):
    """`espeak_EVENT` of speak_lib.h; the eight bytes of `id` are a union there."""

    type: int
    text_position: int
    sample: int
    id: bytes

    _fields_ = [
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position", c_int),
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", c_char * 8),
    ]


class _Voice(ctypes.Structure):
    """`espeak_VOICE` of speak_lib.h: as a request for voices, and as what is listed."""

    languages: bytes

    _fields_ = [
        ("name", c_char_p),
        ("languages", c_char_p),
        ("identifier", c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", c_int),
        ("spare", c_void_p),
    ]


_Callback = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


@dataclass(frozen=True)
class Event:
    """Something that begins in the sound.

    Attributes:
        kind: A word, or a phoneme.
        sample: Where it begins.
        position: For a word: the character of the text where it begins.
        text: For a phoneme: its IPA; empty for a pause.
    """

    kind: Literal["word", "phoneme"]
    sample: int
    position: int
    text: str


@dataclass(frozen=True)
class Reading:
    """What the library made of a text.

    Attributes:
        pcm: 16-bit samples in the byte order of this machine.
        events: In the order of their samples.
    """

    pcm: bytes
    events: list[Event]


class EspeakLibrary:
    """The loaded library. There is one a process and it is not thread-safe: a lock guards it."""

    def __init__(self) -> None:
        loader = import_module("espeakng_loader")
        self._library = ctypes.CDLL(str(loader.get_library_path()))
        self._library.espeak_Synth.argtypes = [
            c_char_p,
            c_size_t,
            c_uint,
            c_int,
            c_uint,
            c_uint,
            c_void_p,
            c_void_p,
        ]
        self._library.espeak_ListVoices.restype = POINTER(POINTER(_Voice))
        self._lock = threading.Lock()
        self._pcm = bytearray()
        self._events: list[Event] = []
        data = str(loader.get_data_path()).encode()
        self.sample_rate = int(
            self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _PHONEME_EVENTS_IPA_NO_EXIT)
        )
        if self.sample_rate <= 0:
            raise RuntimeError(
                "espeak-ng found no voices beside it: reinstall the package espeakng-loader"
            )
        # Kept here because the library does not keep it from being collected.
        self._callback = _Callback(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def languages(self) -> frozenset[str]:
        """List the language codes that there are voices for."""
        with self._lock:
            voices = self._library.espeak_ListVoices(None)
            codes: set[str] = set()
            for voice in takewhile(bool, voices):
                # The first byte is a priority; the code ends at the first zero.
                codes.add(voice.contents.languages[1:].decode("ascii").lower())
        return frozenset(codes)

    def read(self, text: str, *, voice: str, words_a_minute: int, pitch: int) -> Reading:
        """Read a text.

        Args:
            text: The text; nothing in it is markup.
            voice: Language code with a variant, such as `en-us+f3`.
            words_a_minute: How fast, 80 to 450.
            pitch: 0 to 100.

        Returns:
            The sound at `sample_rate` and what happens in it.

        Raises:
            RuntimeError: The library refused.
        """
        data = text.replace("\0", " ").encode()
        rate = min(max(words_a_minute, _WORDS_A_MINUTE[0]), _WORDS_A_MINUTE[-1])
        with self._lock:
            self._pcm = bytearray()
            self._events = []
            self._check(self._library.espeak_SetVoiceByName(voice.encode()), f"voice {voice!r}")
            for parameter, value in (
                (_RATE_PARAMETER, rate),
                (_PITCH_PARAMETER, pitch),
                (_RANGE_PARAMETER, 50),
            ):
                self._check(self._library.espeak_SetParameter(parameter, value, 0), "a setting")
            status = self._library.espeak_Synth(
                data, len(data) + 1, 0, _BY_CHARACTER, 0, _UTF8, None, None
            )
            self._check(status, "the text")
            return Reading(bytes(self._pcm), self._events)

    def _collect(self, wave: _Pointer[c_short], count: int, events: _Pointer[_Event]) -> int:
        """Take a stretch of sound; called by the library while it reads."""
        if count > 0:
            self._pcm += ctypes.string_at(wave, count * 2)
        number = 0
        while (event := events[number]).type != _LAST:
            number += 1
            if event.type == _WORD:
                self._events.append(Event("word", event.sample, event.text_position - 1, ""))
            elif event.type == _PHONEME:
                phoneme = event.id.decode("utf-8", "ignore")  # a long one is cut after 8 bytes
                self._events.append(Event("phoneme", event.sample, -1, phoneme))
        return 0

    @staticmethod
    def _check(status: int, what: str) -> None:
        if status != 0:
            raise RuntimeError(f"espeak-ng refused {what} (status {status})")
