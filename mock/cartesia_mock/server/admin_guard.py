"""Who may use the endpoints under `/_mock`: programs, but no web page of another site."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartesia_mock.api.error_responses import error_response
from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.http.api_request import Mock
from cartesia_mock.http.authentication import authenticate
from cartesia_mock.http.request_validation import read_request_content

ADMIN_PREFIX = "/_mock/"

_MAX_BODY_BYTES = 1024 * 1024
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal")


class AdminGuard:
    """ASGI middleware that refuses what a web page can make a browser send to `/_mock`.

    A page of another site can send requests to the loopback interface, and, where it controls its
    own DNS, even read the answers. Its requests have its own name in `Origin` or in `Host`.

    Args:
        app: The application.
        mock: The server's components.
    """

    def __init__(self, app: ASGIApp, mock: Mock) -> None:
        self._app = app
        self._mock = mock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, unless the request is refused."""
        if scope["type"] != "http" or not scope["path"].startswith(ADMIN_PREFIX):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body = await self._read(request)
        except ClientDisconnect:
            return
        except HTTPError as error:
            response = error_response(request, error, self._mock.document.version)
            await response(scope, receive, send)
            return

        async def receive_body() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_body, send)

    async def _read(self, request: Request) -> bytes:
        """Check a request, and return its body.

        Raises:
            HTTPError: It is refused: 401, 403, 413 or 415.
        """
        _check_origin(request.headers)
        api_key = self._mock.settings.api_key
        if api_key is not None:
            authenticate(request, api_key, self._mock.tokens, None)
        body = await read_request_content(request, _MAX_BODY_BYTES)
        if body is None:
            message = f"the body has more than {_MAX_BODY_BYTES} bytes"
            raise HTTPError(413, "Request too large", message)
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if (body or media) and media != "application/json":
            message = f"content-type is {media or 'missing'}: send application/json"
            raise HTTPError(415, "Unsupported media type", message)
        return body


def _check_origin(headers: Headers) -> None:
    """Refuse a request that a page of another site has sent (403)."""
    host = headers.get("host", "").lower()
    if not _is_local(_split(f"//{host}").hostname or ""):
        raise HTTPError(
            403,
            "Forbidden",
            f"Host is {host!r}: address this server by its IP address, as localhost, or by a name "
            f"of the local network (without a dot, or ending in {', '.join(_LOCAL_SUFFIXES)})",
        )
    origin = headers.get("origin")
    if origin is not None and _split(origin.lower()).netloc != host:
        raise HTTPError(
            403, "Forbidden", f"Origin is {origin!r}: a page of another site may not do this"
        )


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # A bracket is missing.
        return urlsplit("")


def _is_local(name: str) -> bool:
    """Return whether a name cannot be one of the public DNS."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return bool(name) and ("." not in name or name.endswith(_LOCAL_SUFFIXES))
    return True
