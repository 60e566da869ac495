"""Finding a voice by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cartesia.cli.failures import NOT_FOUND, USAGE, CommandError

if TYPE_CHECKING:
    from cartesia import Cartesia
    from cartesia.types import Voice

DEFAULT_VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LISTED = 20


def find_voice(client: Cartesia, name_or_id: str, *, whole: bool = False) -> str:
    """Find a voice.

    Args:
        client: The client.
        name_or_id: Its id, or its name, in upper or lower case; a part of it, where only one voice
            has it.
        whole: Whether a part of the name is not enough, as for what cannot be taken back.

    Returns:
        Its id.

    Raises:
        CommandError: No voice, or more than one, has this name.
    """
    if not name_or_id.strip():
        raise CommandError("the name of the voice is empty", USAGE)
    if _UUID.fullmatch(name_or_id):
        return name_or_id
    wanted = name_or_id.casefold()
    found = [
        voice
        for voice in client.voices.list(q=name_or_id, limit=100)
        if wanted in voice.name.casefold()
    ]
    named = [voice for voice in found if voice.name.casefold() == wanted]
    voices = named or found
    if len(voices) == 1 and (named or not whole):
        return voices[0].id
    if not voices:
        raise CommandError(
            f"no voice is called {name_or_id!r}: `cartesia-voice voices --search TEXT` looks in "
            "descriptions too",
            NOT_FOUND,
        )
    raise CommandError(_list_matches(name_or_id, voices), NOT_FOUND)


def _list_matches(name: str, voices: list[Voice]) -> str:
    lines = [f"{len(voices)} voices match {name!r}; give the whole name, or the id, of one:"]
    lines += [f"  {voice.id}  {voice.name} ({voice.language})" for voice in voices[:_LISTED]]
    if len(voices) > _LISTED:
        lines.append(f"  and {len(voices) - _LISTED} more")
    return "\n".join(lines)
