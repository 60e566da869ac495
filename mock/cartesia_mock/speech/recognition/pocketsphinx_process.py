"""Runs pocketsphinx: samples on standard input, words as JSON on standard output.

This file runs as a separate process: pocketsphinx holds the GIL while it decodes, which would
block all other responses of the server.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Protocol


class _Segment(Protocol):
    word: str
    start_frame: int
    end_frame: int


class _Decoder(Protocol):
    """The part of pocketsphinx's decoder that is used here; the package has no type hints."""

    def start_utt(self) -> None: ...
    def process_raw(self, data: bytes, *, full_utt: bool) -> object: ...
    def end_utt(self) -> None: ...
    def seg(self) -> Iterable[_Segment] | None: ...


def recognize(data: bytes, rate: int) -> list[tuple[str, int, int]]:
    """Recognize speech.

    Args:
        data: Samples, 16 bit, little-endian, one channel.
        rate: Their sample rate (Hz).

    Returns:
        Each word with its first and last frame, of 10 ms each; silence and noise in brackets.
    """
    # By default the decoder prints all its settings.
    decoder: _Decoder = import_module("pocketsphinx").Decoder(samprate=rate, loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw(data, full_utt=True)
    decoder.end_utt()
    return [(part.word, part.start_frame, part.end_frame) for part in decoder.seg() or ()]


if __name__ == "__main__":
    json.dump(recognize(sys.stdin.buffer.read(), int(sys.argv[1])), sys.stdout)
