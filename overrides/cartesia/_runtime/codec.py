"""JSON and base64: through orjson and pybase64 where installed, with the same results without."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Callable

from cartesia._runtime.errors import CartesiaError


def _encode_unknown(value: object) -> object:
    """Return the JSON form of what ``json`` does not know: models, date-times, other mappings."""
    for name in ("to_dict", "isoformat", "tolist"):  # the last one is numpy's
        convert: Callable[[], object] | None = getattr(value, name, None)
        if convert is not None:
            return convert()
    if isinstance(value, Mapping):
        return dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    from decimal import Decimal
    from enum import Enum
    from uuid import UUID

    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        number = float(value)
        return int(value) if number.is_integer() else number
    raise TypeError(
        f"{value!r:.80} cannot be sent as JSON: its type is {type(value).__name__}; "
        "pass a dict, list, str, number, bool, None, model, UUID or datetime"
    )


_encoder = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_encode_unknown
)
_loads: Callable[[bytes | str], object] = json.loads
_dumps: Callable[[object], bytes] | None = None
_b64decode: Callable[[str], bytes] = partial(b64decode, validate=True)
with suppress(ImportError):  # where the extra "speedups" is installed
    import orjson

    _loads = orjson.loads
    _option = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
    _dumps = partial(orjson.dumps, default=_encode_unknown, option=_option)
with suppress(ImportError):
    import pybase64

    _b64decode = partial(pybase64.b64decode, validate=True)


def decode_json(text: bytes | str) -> object:
    """Read a JSON text.

    Args:
        text: The JSON text; bytes are UTF-8.

    Returns:
        What it says.

    Raises:
        ValueError: It is not JSON.
    """
    try:
        return _loads(text)
    except (ValueError, RecursionError):
        # orjson refuses what the standard library reads (NaN, lone surrogates): ask it too.
        pass
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply to be read") from error


def encode_json(value: object) -> bytes:
    """Write a JSON text.

    Args:
        value: What to say; models and date-times may be anywhere inside.

    Returns:
        The JSON text as UTF-8.

    Raises:
        TypeError: Something inside has no JSON form.
        ValueError: A number is NaN or infinite, or a text holds an unpaired surrogate.
    """
    # orjson refuses what the standard library writes or explains, but makes null of NaN.
    if _dumps is not None:
        with suppress(TypeError):
            written = _dumps(value)
            if b"null" not in written:
                return written
    try:
        text = _encoder.encode(value)
    except ValueError as error:
        what = "an object that contains itself" if "ircular" in str(error) else "NaN or infinity"
        raise ValueError(f"JSON cannot represent {what}") from error
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            "the text to send holds an unpaired surrogate: it was cut inside a character, after "
            f"{text[max(0, error.start - 20) : error.start]!r}"
        ) from error


def encode_text(name: str, text: str) -> bytes:
    """Encode a text as UTF-8.

    Args:
        name: The name of the argument, for the error.
        text: The text.

    Returns:
        The bytes.

    Raises:
        ValueError: It holds an unpaired surrogate.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"`{name}` holds an unpaired surrogate: {text!r:.80}") from error


# The audio that was decoded last, and its text. Kept with each event, that of many live calls would
# no longer fit into a processor's cache beside their texts.
_last_audio: list[tuple[str | None, bytes | None]] = [(None, None)]


def decode_audio(text: str | None) -> bytes | None:
    """Decode the base64 audio of an event, once if it is asked for again before that of another.

    Args:
        text: The base64 text.

    Returns:
        The audio; None where the server sent none.

    Raises:
        CartesiaError: It is not base64.
    """
    last, audio = _last_audio[0]
    if text is not last:
        audio = decode_base64(text) if text else None
        _last_audio[0] = (text, audio)
    return audio


def decode_base64(text: str) -> bytes:
    """Decode base64, as audio arrives in.

    Args:
        text: The base64 text.

    Returns:
        The bytes.

    Raises:
        CartesiaError: It is not base64.
    """
    try:
        return _b64decode(text)
    except (ValueError, TypeError):
        pass
    try:
        # Spaces and line breaks may be between; what else is no base64 would leave a gap.
        return _b64decode("".join(text.split()))
    except (AttributeError, ValueError) as error:
        raise CartesiaError(f"the audio sent by the server is not base64: {error}") from error
