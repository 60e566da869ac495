"""What a RIFF header says about the length of a WAV, so that a file that ends early is noticed."""

from __future__ import annotations

HEADER_BYTES = 12
"""How much of a WAV must be there before it can be asked."""

# Writers that do not know the length yet put 0, 2**31 - 1 or 2**32 - 1 (less the header) there.
_NO_LENGTH_FROM = 0x7FFF_0000


def promised_length(head: bytes) -> int | None:
    """Read how long a WAV will be.

    Args:
        head: Its first bytes, 12 at least.

    Returns:
        The bytes of the whole file, None when it is no WAV or does not say.
    """
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    after_the_size = int.from_bytes(head[4:8], "little")
    if after_the_size == 0 or after_the_size >= _NO_LENGTH_FROM:
        return None
    return after_the_size + 8
