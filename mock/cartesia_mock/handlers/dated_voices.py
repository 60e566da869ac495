"""Voices and accents in the form of the API version that a request is served by."""

from __future__ import annotations

from cartesia_mock.api.jsontypes import JSONFields, JSONObject
from cartesia_mock.http.api_request import APIRequest
from cartesia_mock.storage.accents import Accent, find_accent, written_accent


def dated_voice(request: APIRequest, voice: JSONObject) -> JSONObject:
    """Return a voice with the fields that the document of the request gives it.

    Args:
        request: The request; its response is a voice, or a page of voices.
        voice: The voice as it is stored, with the fields of all versions.

    Returns:
        The voice. `access` is a text or an object, and an accent an id or a name, as the document
        has it.
    """
    schemas = request.mock.schemas
    properties = _response_properties(request)
    is_public = JSONFields(voice).flag("is_public") is True
    access = "public" if is_public else "private"
    known: JSONObject = {"visibility": "all" if is_public else "owner", "tagline": "", **voice}
    known["access"] = access
    if "access" in properties and "object" in schemas.types(properties["access"]):
        known["access"] = {"type": access}
    known |= dated_accent(request, voice)
    return {name: value for name, value in known.items() if name in properties}


def dated_accent(request: APIRequest, fields: JSONObject) -> JSONObject:
    """Return the field `accent` of a response as the document writes it; nothing without one."""
    accent = JSONFields(fields).text("accent")
    schema = _response_properties(request).get("accent")
    if not accent or schema is None:
        return {}
    return {"accent": written_accent(accent, request.mock.document.enum(schema))}


def _response_properties(request: APIRequest) -> dict[str, str]:
    """Return the schemas of the fields of the response, or of an item of its page."""
    schemas = request.mock.schemas
    schema = request.response_schema
    if data := schemas.properties(schema).get("data"):
        schema = schemas.items(data) or schema
    return schemas.properties(schema)


def parse_accent(request: APIRequest) -> Accent | None:
    """Return the accent that the body names.

    Args:
        request: The request, valid by its schema.

    Returns:
        The accent; None without one, and for one that the catalogue does not have.
    """
    return find_accent(request.body.text("accent"))
