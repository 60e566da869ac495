"""Hearing: the memory of what was spoken, and recognition of what was not."""

from __future__ import annotations

from .hearing import FIXED_SENTENCE, Heard, Hearing
from .listener import Listener
from .memory import Memory
from .recogniser import Recogniser

__all__ = ["FIXED_SENTENCE", "Heard", "Hearing", "Listener", "Memory", "Recogniser"]
