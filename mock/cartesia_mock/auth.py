"""Who is let in: API keys and, on sockets, credentials in the query."""

from __future__ import annotations

import secrets

from starlette.requests import HTTPConnection

from cartesia_mock.errors import APIError

_CHALLENGE = {"www-authenticate": "Bearer"}


def authenticate(connection: HTTPConnection, api_key: str | None) -> None:
    """Check the credentials of a request or a handshake.

    Args:
        connection: The request, or the socket before it is accepted.
        api_key: The only key that is let in, or None for any non-empty one.

    Raises:
        APIError: There are none, or they are wrong (401).
    """
    credential = _credential(connection)
    if not credential:
        way = "send `Authorization: Bearer <API key>`"
        raise APIError(401, "Missing credentials", f"{way} (or X-API-Key)", headers=_CHALLENGE)
    if api_key is not None and not secrets.compare_digest(credential.encode(), api_key.encode()):
        raise APIError(
            401, "Invalid credentials", "the API key or token is not known", headers=_CHALLENGE
        )


def _credential(connection: HTTPConnection) -> str:
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    key = connection.headers.get("x-api-key", "").strip()
    if key or connection.scope["type"] != "websocket":
        return key
    query = connection.query_params
    return query.get("access_token") or query.get("api_key") or ""
