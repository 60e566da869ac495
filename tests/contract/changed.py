"""A day on which the API changes: a copy of the document with everything in it that can happen.

The edits are those that a person would make, in the files where a person would make them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

Node = dict[str, Any]

FAMILY = Path(__file__).parent / "family"
"""The files of a new family of operations."""


def change(folder: Path) -> None:
    """Change a copy of the document.

    Args:
        folder: The copy of ``openapi/``.
    """
    for edit in (
        add_endpoint,
        add_fields,
        add_enum_value,
        add_sse_event,
        add_socket_message,
        rename_schema,
        add_family,
        rename_operation,
        deprecate_operation,
        drop_operation,
    ):
        edit(folder)


def grow(folder: Path) -> None:
    """Change a copy of the document as by `change`, without taking anything away.

    Args:
        folder: The copy of ``openapi/``.
    """
    for edit in (
        add_endpoint,
        add_fields,
        add_enum_value,
        add_sse_event,
        add_socket_message,
        add_family,
        rename_operation,
        deprecate_operation,
    ):
        edit(folder)


def add_endpoint(folder: Path) -> None:
    """Let voices be rated."""
    with edited(folder / "openapi.yaml") as document:
        document["paths"]["/voices/{id}/rating"] = {"$ref": "paths/ratings.yaml#/rating"}
    (folder / "schemas" / "ratings.yaml").write_text(
        """
RatingRequest:
  type: object
  description: What a caller thinks of a voice.
  required: [stars]
  properties:
    stars: {type: integer, minimum: 1, maximum: 5, description: "How good it is, 1 to 5."}
    remark: {type: [string, "null"], description: Anything else.}
Rating:
  type: object
  description: What all callers think of a voice.
  required: [stars, ratings]
  properties:
    stars: {type: number, description: The mean of all stars.}
    ratings: {type: integer, description: How many there are.}
""",
        "utf-8",
    )
    (folder / "paths" / "ratings.yaml").write_text(
        """
rating:
  parameters:
    - $ref: ../parameters/voices.yaml#/VoiceID
  post:
    operationId: voices.rate
    tags: [voices]
    externalDocs: {url: https://docs.cartesia.ai/api-reference/voices/rate}
    summary: Rate a voice
    description: Says how good a voice is.
    requestBody:
      required: true
      content:
        application/json:
          schema: {$ref: ../schemas/ratings.yaml#/RatingRequest}
          examples: {good: {summary: A good one, value: {stars: 5}}}
    responses:
      "200":
        description: The rating, this one included.
        content:
          application/json:
            schema: {$ref: ../schemas/ratings.yaml#/Rating}
            examples: {mean: {summary: A mean, value: {stars: 4.5, ratings: 12}}}
      default:
        $ref: ../responses/errors.yaml#/Error
""",
        "utf-8",
    )


def add_fields(folder: Path) -> None:
    """Return voices an age, and let a change of a voice say a motto."""
    with edited(folder / "schemas" / "voices.yaml") as schemas:
        schemas["Voice"]["properties"]["age"] = {
            "type": ["integer", "null"],
            "description": "How old the voice sounds, in years.",
        }
        schemas["VoiceUpdateRequest"]["properties"]["motto"] = {
            "type": "string",
            "maxLength": 20,
            "description": "A motto of the voice.",
        }


def add_enum_value(folder: Path) -> None:
    """Let speech be leisurely."""
    with edited(folder / "schemas" / "tts.yaml") as schemas:
        schemas["ModelSpeed"]["enum"].append("leisurely")


def add_sse_event(folder: Path) -> None:
    """Let event streams tell of viseme times."""
    with edited(folder / "schemas" / "tts_sse.yaml") as schemas:
        add_kind(schemas, "TTSSSEEvent", "TTSSSEMark", ["done", "status_code"])


def add_socket_message(folder: Path) -> None:
    """Let sockets tell of marks, and take one more field with each message."""
    with edited(folder / "schemas" / "tts_websocket.yaml") as schemas:
        add_kind(schemas, "WebsocketResponse", "WebsocketMark", ["context_id"])
        schemas["GenerationRequest"]["properties"]["mark"] = {
            "type": "string",
            "description": "A name to be told when this text is said.",
        }


def add_kind(schemas: Node, union: str, name: str, common: list[str]) -> None:
    """Add an event called ``mark`` to a union.

    Args:
        schemas: The file of the union.
        union: Its name.
        name: The name of the event.
        common: Fields that it shares with the first kind of event.
    """
    values = {"done": False, "status_code": 206, "context_id": "greeting"}
    first = schemas[union]["oneOf"][0]["$ref"].removeprefix("#/")
    shared = {field: schemas[first]["properties"][field] for field in common}
    schemas[name] = {
        "type": "object",
        "description": "A mark is reached.",
        "required": ["type", "mark", *common],
        "properties": {
            "type": {"type": "string", "const": "mark", "description": "Always `mark`."},
            "mark": {"type": "string", "description": "The name of the mark."},
            **shared,
        },
        "examples": [{"type": "mark", "mark": "here", **{name: values[name] for name in common}}],
    }
    schemas[union]["oneOf"].append({"$ref": f"#/{name}"})
    schemas[union]["discriminator"]["mapping"]["mark"] = f"#/{name}"


def rename_schema(folder: Path) -> None:
    """Call the locale of a voice a region."""
    for file in folder.glob("*/*.yaml"):
        text = file.read_text("utf-8")
        file.write_text(text.replace("VoiceLocale", "VoiceRegion"), "utf-8")


def add_family(folder: Path) -> None:
    """Let songs be written, sung and discussed."""
    shutil.copytree(FAMILY, folder, dirs_exist_ok=True)
    with edited(folder / "openapi.yaml") as document:
        for tag, name in (("songs", "Songs"), ("songs.verses", "Verses")):
            document["tags"].append(
                {"name": tag, "x-python-name": name, "description": f"{name} of the singers."}
            )
        for path, name in (
            ("/songs", "songs"),
            ("/songs/{id}/verses", "verses"),
            ("/songs/{id}/audio", "audio"),
            ("/songs/live", "live"),
            ("/songs/choir", "choir"),
        ):
            document["paths"][path] = {"$ref": f"paths/songs.yaml#/{name}"}


def rename_operation(folder: Path) -> None:
    """Call the download of a call's audio a recording, and keep the old name."""
    for file in (folder / "paths").glob("*.yaml"):
        text = file.read_text("utf-8")
        new = "operationId: agents.calls.get_recording"
        file.write_text(text.replace("operationId: agents.calls.download_audio", new), "utf-8")
    with edited(folder / "paths" / "agent_calls.yaml") as paths:
        operation = paths["audio"]["get"]
        operation["x-aliases"] = [{"name": "download_audio", "deprecated": True}]


def deprecate_operation(folder: Path) -> None:
    """Give up listing the templates of agents."""
    with edited(folder / "paths" / "agents.yaml") as paths:
        operation = paths["templates"]["get"]
        operation["deprecated"] = True
        operation["x-replaced-by"] = "agents.list"


def drop_operation(folder: Path) -> None:
    """Localize no voices any more, and tell no phone numbers."""
    with edited(folder / "openapi.yaml") as document:
        del document["paths"]["/voices/localize"]
        del document["paths"]["/agents/{agent_id}/phone-numbers"]


@contextmanager
def edited(file: Path) -> Iterator[Node]:
    """Give the contents of a YAML file to change; they are written back."""
    contents: Node = yaml.safe_load(file.read_text("utf-8"))
    yield contents
    file.write_text(yaml.safe_dump(contents, sort_keys=False, allow_unicode=True), "utf-8")


def copied(folder: Path, edit: Callable[[Path], None]) -> Path:
    """Copy the document and edit the copy.

    Args:
        folder: Where the copy goes.
        edit: What is done to it.

    Returns:
        The main file of the copy.
    """
    copy = folder / "openapi"
    # The change is of the default date alone: overlays of others would have to follow it.
    dates = shutil.ignore_patterns("versions.yaml", "overlays")
    shutil.copytree(Path(__file__).parents[2] / "openapi", copy, ignore=dates)
    edit(copy)
    return copy / "openapi.yaml"
