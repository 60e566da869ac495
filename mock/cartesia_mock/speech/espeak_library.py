"""The espeak-ng library through ctypes: text in, samples with word and phoneme events out."""

from __future__ import annotations

import _ctypes
import ctypes
import re
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from ctypes import c_char, c_char_p, c_int, c_long, c_size_t, c_uint, c_void_p
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from cartesia_mock.speech.utterance import ENGINE_RATE, MAX_SPEECH_SECONDS, SpeechTooLongError

_SYNCHRONOUS = 2
_PHONEME_EVENTS_IPA_NO_EXIT = 0x0001 | 0x0002 | 0x8000
_UTF8 = 1
_PHONEME_INPUT = 0x100
_BY_CHARACTER = 1
_RATE_PARAMETER, _PITCH_PARAMETER = 1, 3
_LAST, _WORD, _PHONEME = 0, 1, 7
_WORDS_A_MINUTE = range(80, 451)
_MAX_BYTES = MAX_SPEECH_SECONDS * ENGINE_RATE * 2
# Control characters begin commands, which would change the voice or play a file.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_LOCK = threading.Lock()


class _EventStruct(ctypes.Structure):
    """`espeak_EVENT` of speak_lib.h, where the eight bytes of `id` are a union."""

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


class _VoiceStruct(ctypes.Structure):
    """`espeak_VOICE` of speak_lib.h."""

    languages: bytes
    identifier: bytes

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


_Callback = ctypes.CFUNCTYPE(c_int, c_void_p, c_int, c_void_p)


@dataclass(frozen=True)
class EspeakEvent:
    """The start of a word or a phoneme.

    Attributes:
        kind: A word, or a phoneme.
        sample: Sample at which it begins.
        position: Character of the text at which a word begins.
        text: IPA symbol of a phoneme; empty for a pause.
    """

    kind: Literal["word", "phoneme"]
    sample: int
    position: int
    text: str


@dataclass(frozen=True)
class EspeakOutput:
    """The audio of a text.

    Attributes:
        pcm: 16-bit samples in the byte order of this machine.
        events: In the order of their samples.
    """

    pcm: bytes
    events: list[EspeakEvent]


class EspeakLibrary:
    """Synthesizes texts with the library, which is not thread-safe and hence locked.

    The library is loaded anew for every text (in under a millisecond): its wave generator keeps
    state between texts, so that the same text would differ each time.
    """

    def __init__(self) -> None:
        loader = import_module("espeakng_loader")
        self._path = str(loader.get_library_path())
        self._data = str(loader.get_data_path()).encode()

    def voices(self) -> dict[str, str]:
        """List the voices by their language codes, which are in lower case."""
        names: dict[str, str] = {}
        with self._loaded() as library:
            library.espeak_ListVoices.restype = c_void_p
            pointer: int = library.espeak_ListVoices(None)
            while address := c_void_p.from_address(pointer).value:
                voice = _VoiceStruct.from_address(address)
                # The first byte is a priority; the code ends at the first zero.
                names.setdefault(voice.languages[1:].decode().lower(), voice.identifier.decode())
                pointer += ctypes.sizeof(c_void_p)
        return names

    def synthesize(
        self,
        text: str,
        *,
        voice: str,
        words_a_minute: int,
        pitch: int,
        has_phonemes: bool = False,
    ) -> EspeakOutput:
        """Synthesize a text.

        Args:
            text: The text, without markup.
            voice: One of `voices()` with a variant, such as `gmw/en-US+f3`.
            words_a_minute: Speaking rate, 80 to 450.
            pitch: 0 to 100.
            has_phonemes: Whether `[[...]]` in the text are phonemes in the library's notation.

        Returns:
            The audio at `ENGINE_RATE` and its events.

        Raises:
            RuntimeError: The library returned an error.
            SpeechTooLongError: The audio would be longer than `MAX_SPEECH_SECONDS`.
        """
        data = _CONTROL.sub(" ", text).encode("utf-8", "replace")
        rate = min(max(words_a_minute, _WORDS_A_MINUTE[0]), _WORDS_A_MINUTE[-1])
        collector = _SynthesisCollector()
        callback = _Callback(collector.collect)
        with self._loaded() as library:
            library.espeak_SetSynthCallback(callback)
            _check(library.espeak_SetVoiceByName(voice.encode()), f"the voice {voice!r}")
            _check(library.espeak_SetParameter(_RATE_PARAMETER, rate, 0), "the rate")
            _check(library.espeak_SetParameter(_PITCH_PARAMETER, pitch, 0), "the pitch")
            size = c_size_t(len(data) + 1)
            flags = _UTF8 | (_PHONEME_INPUT if has_phonemes else 0)
            status = library.espeak_Synth(data, size, 0, _BY_CHARACTER, 0, flags, None, None)
            if len(collector.pcm) > _MAX_BYTES:
                raise SpeechTooLongError
            _check(status, "the text")
        return EspeakOutput(bytes(collector.pcm), collector.events)

    @contextmanager
    def _loaded(self) -> Generator[ctypes.CDLL, None, None]:
        with _LOCK:
            library = ctypes.CDLL(self._path)
            try:
                rate = library.espeak_Initialize(
                    _SYNCHRONOUS, 0, self._data, _PHONEME_EVENTS_IPA_NO_EXIT
                )
                if rate != ENGINE_RATE:
                    raise RuntimeError(
                        f"espeak-ng did not start (it answered {rate}): reinstall espeakng-loader"
                    )
                library.espeak_ng_SetRandSeed(c_long(1))
                yield library
                library.espeak_Terminate()
            finally:
                _unload(library)


class _SynthesisCollector:
    """Collects audio and events from the library's callback."""

    def __init__(self) -> None:
        self.pcm = bytearray()
        self.events: list[EspeakEvent] = []

    def collect(self, wave: int | None, count: int, events: int) -> int:
        """Collect a part of the audio; the library continues while 0 is returned."""
        if len(self.pcm) > _MAX_BYTES:
            return 1
        if wave is not None and count > 0:
            self.pcm += ctypes.string_at(wave, count * 2)
        while (event := _EventStruct.from_address(events)).type != _LAST:
            events += ctypes.sizeof(_EventStruct)
            if event.type == _WORD:
                self.events.append(EspeakEvent("word", event.sample, event.text_position - 1, ""))
            elif event.type == _PHONEME:
                phoneme = event.id.decode("utf-8", "ignore")  # truncated to 8 bytes by the library
                self.events.append(EspeakEvent("phoneme", event.sample, -1, phoneme))
        return 0


def _unload(library: ctypes.CDLL) -> None:
    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)  # noqa: SLF001  ctypes has no public way
    else:
        _ctypes.dlclose(library._handle)  # noqa: SLF001  ctypes has no public way


def _check(status: int, what: str) -> None:
    if status != 0:
        raise RuntimeError(f"espeak-ng refused {what} (status {status})")
