"""Access tokens: JWTs that are signed, name what they open, and expire by the server's clock."""

from __future__ import annotations

import math
import secrets
import uuid
from collections.abc import Collection

import jwt
from jwt.types import Options

from cartesia_mock.clock import Clock
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields
from cartesia_mock.state import State

_ALGORITHM = "HS256"
_SECRET = "token_secret"  # noqa: S105  the name of a note
_PARTS = 3
CHALLENGE = {"www-authenticate": "Bearer"}
"""What an answer with status 401 says of how to get in."""


class Tokens:
    """Makes and reads access tokens.

    Args:
        state: Keeps the secret, so that a token outlives a restart where the state does.
        clock: Says when a token expires.
        lifetime: Seconds that a token is good for when nothing else is asked for.
    """

    def __init__(self, state: State, clock: Clock, lifetime: int) -> None:
        secret = state.note(_SECRET)
        if secret is None:
            secret = secrets.token_hex(32)
            state.write_note(_SECRET, secret)
        self._secret = secret
        self._clock = clock
        self._lifetime = lifetime

    def make(self, grants: Collection[str], expires_in: int | None) -> str:
        """Make a token.

        Args:
            grants: What it opens: `tts`, `stt`, `agent`.
            expires_in: Seconds that it is good for; the usual time when None.

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
        # PyJWT's types name those of a library that is only there for other algorithms.
        return jwt.encode(claims, self._secret, _ALGORITHM)  # pyright: ignore[reportUnknownMemberType]

    def grants(self, token: str) -> set[str]:
        """Say what a token opens.

        Args:
            token: The token.

        Returns:
            Its grants.

        Raises:
            APIError: It was not made here, or it has expired (401).
        """
        # The times are judged here: the library knows the true time alone.
        options: Options = {"verify_exp": False, "verify_iat": False}
        try:
            read = jwt.decode(token, self._secret, [_ALGORITHM], options)  # pyright: ignore[reportUnknownMemberType]  as above
            claims = Fields(read)
        except jwt.InvalidTokenError as error:
            raise APIError(
                401, "Invalid credentials", f"the access token: {error}", headers=CHALLENGE
            ) from None
        if self._clock.seconds() >= (claims.number("exp") or 0.0):
            raise APIError(
                401,
                "Token expired",
                "the access token has expired: make another with POST /access-token",
                headers=CHALLENGE,
            )
        return set(claims.object("grants").data)


def is_token(credential: str) -> bool:
    """Say whether credentials look like a token and not like an API key."""
    return credential.startswith("ey") and credential.count(".") == _PARTS - 1
