"""Who is let in: API keys, access tokens and, on sockets, credentials in the query."""

from __future__ import annotations

import secrets

from starlette.requests import HTTPConnection

from cartesia_mock.errors import APIError
from cartesia_mock.tokens import CHALLENGE, Tokens, is_token


def authenticate(
    connection: HTTPConnection, api_key: str | None, tokens: Tokens, grant: str | None
) -> None:
    """Check the credentials of a request or a handshake.

    Args:
        connection: The request, or the socket before it is accepted.
        api_key: The only key that is let in, or None for any non-empty one.
        tokens: Reads access tokens.
        grant: What a token must open for this; None where only a key will do.

    Raises:
        APIError: There are none, they are wrong or expired (401), or they are a token that does
            not open this (403).
    """
    credential = _credential(connection)
    if not credential:
        way = "send `Authorization: Bearer <API key>`"
        raise APIError(401, "Missing credentials", f"{way} (or X-API-Key)", headers=CHALLENGE)
    if is_token(credential):
        _check_grant(tokens.grants(credential), grant)
    elif api_key is not None and not secrets.compare_digest(credential.encode(), api_key.encode()):
        raise APIError(
            401, "Invalid credentials", "the API key or token is not known", headers=CHALLENGE
        )


def _check_grant(grants: set[str], grant: str | None) -> None:
    if grant is None:
        raise APIError(403, "Forbidden", "an access token does not open this: send an API key")
    if grant not in grants:
        has = ", ".join(sorted(grants)) or "nothing"
        raise APIError(
            403, "Forbidden", f"the access token opens {has}: make one that is granted {grant!r}"
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
