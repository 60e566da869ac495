"""A request: what a method passes to the requester, and what is checked and encoded from it.

The encoded request does not change from attempt to attempt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypedDict, cast
from urllib.parse import quote

from cartesia._runtime.codec import encode_json, encode_text
from cartesia._runtime.errors import MissingCredentialsError
from cartesia._runtime.model import Model, identity
from cartesia._runtime.options import check_limits, check_mapping, merge_headers, without_user
from cartesia._runtime.retry import Deadline, RetryPolicy
from cartesia._runtime.types import NotGiven, Omit, RequestOptions, not_given
from cartesia._runtime.uploads import NO_UPLOADS, Uploads, open_uploads

if TYPE_CHECKING:
    from cartesia._runtime.options import ClientOptions
    from cartesia._runtime.types import Body, FileTypes, Headers, Query, TimeoutTypes

_NOTHING: Mapping[str, str] = {}
_TEXTS = (str, bytes, bytearray)
_OBJECTS = (dict, Mapping, Model)  # `dict` too, since it is tested faster than `Mapping`
_ANYTHING: tuple[str, tuple[type, ...], tuple[type, ...]] = ("anything", (object,), ())
# JSON type -> how an error calls it, the types that a value must have, and those that it must not
# have. All else is left to the encoder and to the server.
_KINDS: dict[str, tuple[str, tuple[type, ...], tuple[type, ...]]] = {
    "string": ("a str", (str,), ()),
    "object": ("a dict or a model", _OBJECTS, ()),
    "shorthand": ("an id, a dict or a model", _OBJECTS, ()),
    "array": ("of the JSON type array", (object,), (*_TEXTS, *_OBJECTS, int, float)),
    "number": ("of the JSON type number", (object,), (*_TEXTS, *_OBJECTS, bool, list)),
    "integer": ("of the JSON type integer", (object,), (*_TEXTS, *_OBJECTS, bool, list, float)),
    "boolean": ("of the JSON type boolean", (object,), (*_TEXTS, *_OBJECTS, list, float)),
}


class ArgumentCheck(NamedTuple):
    """What an argument must be: a field of the body, or a query parameter.

    Attributes:
        name: Its name in the request.
        kind: Its JSON type; ``shorthand`` for an object that an id stands for, ``file`` or ``any``.
        least: The fewest characters of a string.
        optional: Whether it may be missing, or None.
        argument: The name of the Python argument, where that is another one.
    """

    name: str
    kind: str
    least: int = 0
    optional: bool = False
    argument: str = ""

    def checked(self, value: object) -> object:
        """Check the type of a value; give it, or the id that a UUID or a model stands for.

        None is right where the value is optional.

        Raises:
            TypeError: It cannot be right.
        """
        expected, allowed, refused = _KINDS.get(self.kind, _ANYTHING)
        is_right = isinstance(value, allowed) and not isinstance(value, refused)
        if is_right or (value is None and self.optional):
            return value
        if self.kind == "string" and (found := identity(value)):
            return found
        raise TypeError(f"`{self.argument or self.name}` must be {expected}, not {value!r:.80}")


class Operation(NamedTuple):
    """One operation of the API: what all its calls have in common.

    Attributes:
        name: Its Python name (``voices.get``), for logs and errors.
        method: The HTTP method.
        path: The path, with ``{name}`` in place of path parameters.
        accept: The media type asked for.
        billed: Whether a repeated call costs again; such calls are retried in fewer cases.
        nullable: The fields of its JSON body that may be null, such as ``grants.tts``, or ``x.*``
            for anything inside of ``x``; None where that is not known.
        checks: What the fields of its body and its query parameters must be.
        exclusive: Fields of which a request has one at most.
    """

    name: str
    method: str
    path: str
    accept: str = "application/json"
    billed: bool = False
    nullable: frozenset[str] | None = None
    checks: tuple[ArgumentCheck, ...] = ()
    exclusive: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Operation({self.name!r}, {self.method!r}, {self.path!r})"


class Request(NamedTuple):
    """One call of an operation: values under the names of the API, not yet encoded.

    Attributes:
        operation: The operation.
        path: Values of the path parameters.
        query: Query parameters; ``omit`` and ``None`` are left out, lists are repeated.
        body: The JSON body; fields that are ``omit`` are left out, and those that are None where
            the API has no ``null``.
        form: Fields of a multipart body; ``omit`` and ``None`` are left out, objects become
            ``name[field]``.
        files: Files of a multipart body.
        extra_headers: Headers of this call; they win over the client's.
        extra_query: Query parameters of this call; they win over ``query``.
        extra_body: Fields of the body of this call; they win over ``body`` and ``form``.
        timeout: Seconds, or a detailed timeout, for this call alone.
        deadline: Seconds for the whole of this call.
        max_retries: Attempts after the first, None for those of the client.
    """

    operation: Operation
    path: Mapping[str, str] = _NOTHING
    query: Mapping[str, object] | None = None
    body: Mapping[str, object] | None = None
    form: Mapping[str, object] | None = None
    files: Mapping[str, FileTypes | Omit | None] | None = None
    extra_headers: Headers | None = None
    extra_query: Query | None = None
    extra_body: Body | None = None
    timeout: TimeoutTypes | NotGiven = not_given
    deadline: float | NotGiven | None = not_given
    max_retries: int | None = None

    def with_query(self, **changes: object) -> Request:
        """Make the same call with other query parameters, as the next page needs it.

        Args:
            changes: The parameters to set; ``omit`` takes one away.

        Returns:
            A new request.
        """
        extra = {k: v for k, v in (self.extra_query or {}).items() if k not in changes}
        return self._replace(query={**(self.query or {}), **changes}, extra_query=extra)


class RequestContent(TypedDict, total=False):
    """What may be given to a call that is not in the OpenAPI document."""

    body: Body | Model | None
    """The fields to send, as JSON."""

    options: RequestOptions | None
    """Headers, query parameters and the like."""


class FormContent(RequestContent, total=False):
    """The same, where files may be sent."""

    files: Mapping[str, FileTypes] | None
    """Files to send, by field; with them, the body is a form."""


def custom_request(
    method: str,
    path: str,
    options: RequestOptions | None = None,
    body: Body | Model | None = None,
    files: Mapping[str, FileTypes] | None = None,
) -> Request:
    """Make the request of a call that is not in the OpenAPI document.

    Args:
        method: The HTTP method.
        path: The path.
        options: The options of this call.
        body: The fields of the body.
        files: Files by field; with them, the body is a form.

    Returns:
        The request.

    Raises:
        TypeError: There is no such option.
        ValueError: The path is a whole URL, or has a query.
    """
    options, known = options or {}, RequestOptions.__optional_keys__
    if unknown := sorted(options.keys() - known):
        raise TypeError(f"`options` takes {', '.join(sorted(known))}, but not {', '.join(unknown)}")
    if not path.startswith("/"):
        # A whole URL would send the key to another host.
        raise ValueError(f"`path` is what comes after `base_url`, such as '/models', not {path!r}")
    if "?" in path or "#" in path:
        raise ValueError(f"`path` takes no query: pass options={{'params': ...}}, not {path!r}")
    # Whether a call is billed is not known, so a POST is retried like one that is.
    operation = Operation(f"{method} {path}", method, path, accept="*/*", billed=method == "POST")
    fields = body.to_dict() if isinstance(body, Model) else body
    return Request(
        operation,
        body=fields if files is None else None,
        form=fields if files is not None else None,
        files=files,
        extra_headers=options.get("headers"),
        extra_query=options.get("params"),
        extra_body=options.get("extra_json"),
        timeout=options.get("timeout", not_given),
        deadline=options.get("deadline", not_given),
        max_retries=options.get("max_retries"),
    )


class PreparedRequest(NamedTuple):
    """A request as it is sent.

    Attributes:
        operation: The operation.
        url: The URL with its query string.
        headers: All headers but those that httpx adds.
        content: The JSON body, None without one.
        uploads: The parts of a multipart body; none of another.
        timeout: Seconds, or a detailed timeout; not given means that of the HTTP client.
        deadline: When the whole call must be over, None for no limit.
        policy: Decides whether it is retried.
        credentials: Where the key or token came from, in words, for errors; empty if a header of
            the caller's replaced it.
    """

    operation: Operation
    url: str
    headers: dict[str, str]
    content: bytes | None
    uploads: Uploads
    timeout: TimeoutTypes | NotGiven
    deadline: Deadline | None
    policy: RetryPolicy
    credentials: str


def prepare(
    request: Request, options: ClientOptions, base_headers: Mapping[str, str | Omit]
) -> PreparedRequest:
    """Check and encode the values of a call.

    Args:
        request: The call.
        options: The settings of the client.
        base_headers: The result of `ClientOptions.base_headers`.

    Returns:
        The encoded request; `Uploads.opened` must be closed when it has been sent.

    Raises:
        MissingCredentialsError: There is no key and no token.
        ValueError: A value cannot be sent.
        TypeError: A value cannot be sent.
        OSError: A file to upload cannot be opened.
    """
    operation = request.operation
    max_retries = options.max_retries if request.max_retries is None else request.max_retries
    check_limits(request.timeout, request.deadline, max_retries)
    timeout = options.timeout if isinstance(request.timeout, NotGiven) else request.timeout
    seconds = options.deadline if isinstance(request.deadline, NotGiven) else request.deadline
    deadline = None if seconds is None else Deadline.after(seconds)
    headers = dict(base_headers)
    headers["accept"] = operation.accept
    headers.pop("content-type", None)  # it depends on the body
    # Compression gains nothing for audio, and hides a truncated body. No codings but gzip and
    # deflate are asked for, since others can make gigabytes of a few bytes.
    is_audio = operation.accept.startswith("audio/")
    headers.setdefault("accept-encoding", "identity" if is_audio else "gzip, deflate")
    extra_body = check_mapping(request.extra_body, "extra_body")
    request = check_arguments(request, extra_body)
    url = build_url(options.base_url, request, options)
    content, uploads = None, NO_UPLOADS
    is_multipart = request.form is not None or request.files is not None
    if not is_multipart and (request.body is not None or extra_body):
        headers["content-type"] = "application/json"
        content = _json_body({**(request.body or {}), **extra_body})
        if operation.nullable is not None and b":null" in content:
            given = _without_nulls(request.body, "", operation.nullable)
            content = _json_body({**cast("Body", given or {}), **extra_body})
    sent = build_headers(headers, request)
    if is_multipart:
        uploads = open_uploads(form_fields(request.form, extra_body), request.files or {})
    is_cautious = operation.billed and not options.retry_generations
    policy = RetryPolicy(max_retries if uploads.repeatable else 0, is_cautious)
    credentials = options.credentials_of(sent)
    return PreparedRequest(
        operation, url, sent, content, uploads, timeout, deadline, policy, credentials
    )


def build_url(base_url: str, request: Request, options: ClientOptions) -> str:
    """Make the URL of a request.

    Args:
        base_url: What the path is appended to.
        request: The call.
        options: The settings of the client.

    Returns:
        The URL with its query string.
    """
    url = without_user(base_url) + fill_path(request.operation.path, request.path)
    extra = check_mapping(request.extra_query, "extra_query")
    # What a call does not name does not hide what the client has for all of them.
    given = {k: v for k, v in (request.query or {}).items() if not isinstance(v, Omit)}
    query = encode_query(options.default_query, given, extra)
    return f"{url}?{query}" if query else url


def build_headers(headers: Mapping[str, str | Omit], request: Request) -> dict[str, str]:
    """Merge the headers of a call into those of the client, and check that there are credentials.

    Args:
        headers: The client's, by lower-case name.
        request: The call.

    Returns:
        The headers to send.

    Raises:
        MissingCredentialsError: There is no key and no token, and no header was removed by
            ``omit`` to say that none is wanted.
    """
    if request.extra_headers:
        headers = merge_headers(headers, request.extra_headers, "extra_headers")
    if "authorization" not in headers and "x-api-key" not in headers:
        raise MissingCredentialsError(
            "no credentials: pass api_key=... (or token=...) to the client, "
            "or set the environment variable CARTESIA_API_KEY"
        )
    return {name: value for name, value in headers.items() if not isinstance(value, Omit)}


def check_arguments(request: Request, extra: Mapping[str, object]) -> Request:
    """Check fields and query parameters, so that an error names the offending argument.

    Args:
        request: The call.
        extra: The caller's ``extra_body`` or ``extra_query``; what is in it is not checked.

    Returns:
        The call, with their ids in place of UUIDs and models that were given for an id.

    Raises:
        TypeError: A field is missing, or of a type that cannot be right.
        ValueError: A string is too short, or fields exclude each other.
    """
    operation = request.operation
    ids: dict[str, object] = {}
    given = (request.query, request.body, request.form, request.files)
    values = _merge(given) if operation.checks else {}
    if operation.exclusive:
        check_exclusive(operation.exclusive, {**values, **extra})
    for check in operation.checks:
        name = check.name
        value = values.get(name)
        if value is None or isinstance(value, Omit):
            if not (check.optional or name in extra):
                raise TypeError(f"`{check.argument or name}` is missing: {operation.name} needs it")
        elif name not in extra:
            checked = check.checked(value)
            if checked is not value:
                ids[name] = checked
            if check.least and isinstance(value, str) and len(value) < check.least:
                raise ValueError(f"`{check.argument or name}` must not be empty")
    if not ids:
        return request
    query, body, form = (
        part and {name: ids.get(name, value) for name, value in part.items()}
        for part in (request.query, request.body, request.form)
    )
    return request._replace(query=query, body=body, form=form)


def check_exclusive(names: tuple[str, ...], values: Mapping[str, object]) -> None:
    """Check that at most one of some fields is given.

    Args:
        names: The fields.
        values: Those of the request; None and ``omit`` count as not given.

    Raises:
        ValueError: Several are given.
    """
    given = [name for name in names if not isinstance(values.get(name), (Omit, type(None)))]
    if len(given) > 1:
        found = " and ".join(f"`{name}`" for name in given)
        raise ValueError(f"{found} exclude each other: give one of them")


def _json_body(body: Mapping[str, object]) -> bytes:
    body = {name: value for name, value in body.items() if not isinstance(value, Omit)}
    try:
        return encode_json(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise _name_argument(body, error) from error


def _without_nulls(value: object, path: str, nullable: frozenset[str]) -> object:
    """Leave out what is None where the API has no null; paths of fields end with a dot."""
    given = value.to_dict() if isinstance(value, Model) else value
    if isinstance(given, Mapping) and f"{path}*" not in nullable:
        return {
            name: _without_nulls(item, f"{path}{name}.", nullable)
            for name, item in cast("Mapping[str, object]", given).items()
            if item is not None or f"{path}{name}" in nullable
        }
    if isinstance(given, (list, tuple)):
        return [_without_nulls(each, path, nullable) for each in cast("Iterable[object]", given)]
    return value


def _name_argument(body: Mapping[str, object], error: Exception) -> Exception:
    """Find the argument that has no JSON form, by encoding each of them again."""
    for name, value in body.items():
        try:
            encode_json(value)
        except RecursionError:  # noqa: PERF203  # the call has failed already
            return ValueError(f"`{name}` is nested too deeply to be sent")
        except (TypeError, ValueError) as reason:
            return type(reason)(f"`{name}`: {reason}")
    return error


def fill_path(template: str, values: Mapping[str, object]) -> str:
    """Put values into a path, each as one percent-encoded segment.

    Args:
        template: The path with ``{name}`` in place of values.
        values: The values: texts, or UUIDs and models that have an id.

    Returns:
        The path.

    Raises:
        ValueError: A value is empty, or would change the structure of the path.
        TypeError: A value is none of these.
    """
    for name, value in values.items():
        text = value if isinstance(value, str) else identity(value)
        if text is None:
            raise TypeError(f"`{name}` must be a str, not {value!r:.80}")
        if text.strip(".") == "":
            shown = f", and not {text!r}" if text else ""
            raise ValueError(f"`{name}` must not be empty{shown}, since it is a part of the path")
        template = template.replace(f"{{{name}}}", _quote(name, text))
    return template


def encode_query(*layers: Mapping[str, object] | None) -> str:
    """Encode a query string.

    Args:
        layers: Parameters; those of a later layer win.

    Returns:
        The query string, empty without parameters. A space is ``%20``, never ``+``.
    """
    return "&".join(f"{_quote(key, key)}={_quote(key, text)}" for key, text in form_fields(*layers))


def form_fields(*layers: Mapping[str, object] | None) -> list[tuple[str, str]]:
    """Flatten nested values into the fields of a form.

    Args:
        layers: Fields; those of a later layer win. ``omit`` and None are left out.

    Returns:
        Names and texts; objects have become ``name[field]``, lists repeat their name.
    """
    return [pair for name, value in _merge(layers).items() for pair in _flatten(name, value)]


def _merge(layers: Iterable[Mapping[str, object] | None]) -> dict[str, object]:
    return {name: value for layer in layers if layer for name, value in layer.items()}


def _flatten(key: str, value: object) -> Iterator[tuple[str, str]]:
    if value is None or isinstance(value, Omit):
        return
    if isinstance(value, Model):
        value = value.to_dict()
    elif (to_python := getattr(value, "tolist", None)) is not None:  # numpy's
        value = to_python()
    if isinstance(value, Mapping):
        for name, item in cast("Mapping[str, object]", value).items():
            yield from _flatten(f"{key}[{name}]", item)
    elif isinstance(value, Iterable) and not isinstance(value, _TEXTS):
        for item in cast("Iterable[object]", value):
            yield from _flatten(key, item)
    else:
        yield key, _text(key, value)


def _text(key: str, value: object) -> str:
    value = value.value if isinstance(value, Enum) else value
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    kind = type(value)
    has_text = kind.__str__ is not object.__str__ or kind.__repr__ is not object.__repr__
    if isinstance(value, _TEXTS) or not has_text:
        raise TypeError(f"`{key}` cannot be sent: its type is {kind.__name__}")
    return str(value)


def _quote(name: str, text: str) -> str:
    return quote(encode_text(name, text), safe="")
