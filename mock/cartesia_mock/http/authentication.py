"""Authentication: API keys, access tokens (JWTs), and credentials in the query of WebSockets."""

from __future__ import annotations

import math
import secrets
import uuid
from collections.abc import Collection

import jwt
from jwt.types import Options
from starlette.requests import HTTPConnection

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields
from cartesia_mock.clock import Clock
from cartesia_mock.storage import Storage

_ALGORITHM = "HS256"
_SECRET = "token_secret"  # noqa: S105  the name of a note
_JWT_PARTS = 3
_CHALLENGE = {"www-authenticate": "Bearer"}


class AccessTokens:
    """Issues and verifies access tokens.

    Args:
        storage: Stores the secret, so that tokens survive a restart with the same storage.
        clock: Decides when a token expires.
        lifetime: Default lifetime of a token in seconds.
    """

    def __init__(self, storage: Storage, clock: Clock, lifetime: int) -> None:
        secret = storage.note(_SECRET)
        if secret is None:
            secret = secrets.token_hex(32)
            storage.write_note(_SECRET, secret)
        self._secret = secret
        self._clock = clock
        self._lifetime = lifetime

    def issue(self, grants: Collection[str], expires_in: int | None) -> str:
        """Issue a token.

        Args:
            grants: What it grants access to: `tts`, `stt`, `agent`.
            expires_in: Lifetime in seconds; the default lifetime when None.

        Returns:
            The token.
        """
        now = math.floor(self._clock.seconds())
        claims = {
            "iss": "cartesia-mock",
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + (expires_in or self._lifetime),
            "grants": dict.fromkeys(sorted(grants), True),
        }
        return jwt.encode(claims, self._secret, _ALGORITHM)

    def grants(self, token: str) -> set[str]:
        """Verify a token.

        Args:
            token: The token.

        Returns:
            Its grants.

        Raises:
            HTTPError: The token was not issued by this server, or has expired (401).
        """
        # Times are checked below: PyJWT knows the system time only, not the server's clock.
        options: Options = {"verify_exp": False, "verify_iat": False}
        try:
            claims = JSONFields(jwt.decode(token, self._secret, [_ALGORITHM], options))
        except jwt.InvalidTokenError as error:
            raise _unauthorized("Invalid credentials", f"the access token: {error}") from None
        if self._clock.seconds() >= (claims.number("exp") or 0.0):
            raise _unauthorized(
                "Token expired",
                "the access token has expired: make another with POST /access-token",
            )
        return set(claims.object("grants").data)


def authenticate(
    connection: HTTPConnection, api_key: str | None, tokens: AccessTokens, grant: str | None
) -> None:
    """Check the credentials of a request or a handshake.

    Args:
        connection: The request, or the WebSocket before it is accepted.
        api_key: The only valid API key, or None to accept any non-empty one.
        tokens: Verifies access tokens.
        grant: The grant that a token needs, empty for none in particular; None where only an API
            key is accepted.

    Raises:
        HTTPError: The credentials are missing, wrong or expired (401), or a token lacks the grant
            (403).
    """
    credential = _credential(connection)
    if not credential:
        raise _unauthorized(
            "Missing credentials", "send `Authorization: Bearer <API key>` (or X-API-Key)"
        )
    if credential.startswith("ey") and credential.count(".") == _JWT_PARTS - 1:
        _check_grant(tokens.grants(credential), grant)
    elif api_key is not None and not secrets.compare_digest(credential.encode(), api_key.encode()):
        raise _unauthorized("Invalid credentials", "the API key or token is not known")


def _check_grant(grants: set[str], grant: str | None) -> None:
    if grant is None:
        raise HTTPError(403, "Forbidden", "an access token does not open this: send an API key")
    if grant and grant not in grants:
        has = ", ".join(sorted(grants)) or "nothing"
        raise HTTPError(
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


def _unauthorized(title: str, message: str) -> HTTPError:
    return HTTPError(401, title, message, headers=_CHALLENGE)
