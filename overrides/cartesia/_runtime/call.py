"""One call, ready to be sent: everything of it that does not change from attempt to attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cartesia._runtime.codec import encode_json
from cartesia._runtime.errors import MissingCredentialsError
from cartesia._runtime.needs import check_needs
from cartesia._runtime.options import check_mapping, check_timeout, merge_headers
from cartesia._runtime.sentinels import NotGiven, Omit
from cartesia._runtime.uploads import Uploads, open_uploads
from cartesia._runtime.wire import encode_query, fill_path, form_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cartesia._runtime.options import ClientOptions
    from cartesia._runtime.request import Operation, Request
    from cartesia._runtime.types import TimeoutTypes


class Call(NamedTuple):
    """A request in the form in which it travels.

    Attributes:
        operation: What is called.
        url: Where to.
        headers: All headers but those that the transport adds.
        content: The JSON body, None without one.
        uploads: The parts of a multipart body, None without one.
        timeout: Seconds, or a detailed timeout; not given means the client's own.
    """

    operation: Operation
    url: str
    headers: dict[str, str]
    content: bytes | None
    uploads: Uploads | None
    timeout: TimeoutTypes | NotGiven

    @property
    def repeatable(self) -> bool:
        """Whether the body can be sent a second time."""
        return self.uploads is None or self.uploads.repeatable

    def close(self) -> None:
        """Close the files that were opened for this call."""
        if self.uploads is not None:
            self.uploads.opened.close()


def prepare_call(
    request: Request, options: ClientOptions, base_headers: Mapping[str, str | Omit]
) -> Call:
    """Encode the values of a call.

    Args:
        request: The call.
        options: The settings of the client.
        base_headers: What `ClientOptions.base_headers` gave.

    Returns:
        The encoded call; `Call.close` must be called when it is over.

    Raises:
        MissingCredentialsError: There is no key and no token.
        ValueError: A value cannot be sent.
        TypeError: A value cannot be sent.
        OSError: A file to upload cannot be opened.
    """
    operation = request.operation
    timeout = check_timeout(request.timeout)
    if isinstance(timeout, NotGiven):
        timeout = options.timeout
    headers = dict(base_headers)
    headers["accept"] = operation.accept
    if operation.accept.startswith("audio/"):
        # Compression gains nothing here, and hides an end that came too early.
        headers.setdefault("accept-encoding", "identity")
    url = locate(options.base_url, request, options)
    content: bytes | None = None
    uploads: Uploads | None = None
    if operation.needs:
        extra = check_mapping(request.extra_body, "extra_body")
        check_needs(operation, extra, request.query, request.body, request.form, request.files)
    multipart = request.form is not None or request.files is not None
    if not multipart and (request.body is not None or request.extra_body):
        headers["content-type"] = "application/json"
        content = _json_body(request)
    sent_headers = settle_headers(headers, request)
    if multipart:
        fields = form_fields(request.form, check_mapping(request.extra_body, "extra_body"))
        uploads = open_uploads(fields, request.files or {})
    return Call(operation, url, sent_headers, content, uploads, timeout)


def locate(base_url: str, request: Request, options: ClientOptions) -> str:
    """Write the URL of a call.

    Args:
        base_url: What the path is appended to.
        request: The call.
        options: The settings of the client.

    Returns:
        The URL with its query string.
    """
    url = base_url + fill_path(request.operation.path, request.path)
    extra = check_mapping(request.extra_query, "extra_query")
    query = encode_query(options.default_query, request.query, extra)
    return f"{url}?{query}" if query else url


def settle_headers(headers: dict[str, str | Omit], request: Request) -> dict[str, str]:
    """Put the headers of one call over the client's, and see that it is signed.

    Args:
        headers: The client's, by lower-case name.
        request: The call.

    Returns:
        The headers to send.

    Raises:
        MissingCredentialsError: There is no key and no token, and nobody said that none is wanted.
    """
    if request.extra_headers:
        headers = merge_headers(headers, request.extra_headers, "extra_headers")
    if "authorization" not in headers and "x-api-key" not in headers:
        raise MissingCredentialsError(
            "no credentials: pass api_key=... (or token=...) to the client, "
            "or set the environment variable CARTESIA_API_KEY"
        )
    return {name: value for name, value in headers.items() if not isinstance(value, Omit)}


def _json_body(request: Request) -> bytes:
    body = {**(request.body or {}), **check_mapping(request.extra_body, "extra_body")}
    body = {name: value for name, value in body.items() if not isinstance(value, Omit)}
    try:
        return encode_json(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise _name_argument(body, error) from error


def _name_argument(body: Mapping[str, object], error: Exception) -> Exception:
    """Find the argument that has no JSON form; encoded again, as this is not the usual case."""
    for name, value in body.items():
        reason = _obstacle(value)
        if isinstance(reason, RecursionError):
            return ValueError(f"`{name}` is nested too deeply to be sent")
        if reason is not None:
            return type(reason)(f"`{name}`: {reason}")
    return error


def _obstacle(value: object) -> Exception | None:
    try:
        encode_json(value)
    except (TypeError, ValueError, RecursionError) as error:
        return error
    return None
