"""Runs pocketsphinx: samples on standard input, words as JSON on standard output.

This file runs as a separate process: pocketsphinx holds the GIL while it decodes, which would
block all other responses of the server. For the same reason it cannot watch its parent while it
decodes: the system ends it with the parent (Linux), or after its processor time (POSIX).
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Protocol

MAX_PROCESSOR_SECONDS = 60
"""Processor time after which the process is killed."""
_PR_SET_PDEATHSIG = 1


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


def limit_process(parent: int) -> None:
    """Have the system kill this process with its parent, and when it computes for too long.

    Args:
        parent: Process id of the parent, which may have ended already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (MAX_PROCESSOR_SECONDS, MAX_PROCESSOR_SECONDS))
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    limit_process(int(sys.argv[2]))
    json.dump(recognize(sys.stdin.buffer.read(), int(sys.argv[1])), sys.stdout)
