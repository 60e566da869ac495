# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_secrets_in_errors.py
# Do not edit: change that file instead.
"""Every error of the HTTP clients is provoked with secrets wherever they can be, and is searched."""

from __future__ import annotations

import base64
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

import cartesia
from cartesia import Cartesia
from tests.faults._sync.calls import VOICE, speak, watch
from tests.faults.page import ROOT, Caller
from tests.faults.server import AUDIO, CHUNK, EVENTS, chunk, forever, head, hold, raw
from tests.runtime.server import Step, answer, chunked, hang_up, reset, say_nothing, serve

GROUP = "Secrets"
WORD = "Hidden@Word"
SECRETS = {name: f"{name}{WORD}" for name in ("key", "token", "header", "cookie", "user", "proxy")}
HEADERS = {"X-Gateway": SECRETS["header"], "Cookie": f"a={SECRETS['cookie']}"}
OURS = (str(ROOT / "overrides"), str(ROOT / "generated"))
Call = Callable[[Cartesia], object]


def forms(secret: str) -> list[str]:
    """Return a secret as it is, and as it may stand in URLs and headers."""
    users = [f"me:{secret}".encode(), f"proxy:{secret}".encode()]
    return [secret, quote(secret, safe=""), *(base64.b64encode(u).decode() for u in users)]


HIDDEN = [form for secret in SECRETS.values() for form in forms(secret)]


def chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    pending = [error]
    while pending:
        found = pending.pop()
        if found is not None and id(found) not in seen:
            seen.add(id(found))
            yield found
            pending += [found.__cause__, found.__context__]


def shown(error: BaseException) -> Iterator[tuple[str, str]]:
    """Return all that can be read of an error: where it stands, and what is there."""
    for each in chain(error):
        name = type(each).__name__
        yield f"str of {name}", str(each)
        yield f"repr of {name}", repr(each)
        yield f"args of {name}", repr(each.args)
        yield f"fields of {name}", repr(vars(each))
        fields = vars(each)
        if (request := fields.get("_request", fields.get("request"))) is not None:
            yield f"request of {name}", f"{request.url} {request.headers.multi_items()}"
        if (response := fields.get("response")) is not None:
            yield f"response of {name}", f"{response.url} {response.request.headers.multi_items()}"
        try:
            pickled = pickle.dumps(each)
        except Exception:  # noqa: BLE001, S112  # what cannot be pickled keeps its secrets
            continue
        yield f"pickle of {name}", pickled.decode("latin-1")
    yield "traceback", "".join(traceback.format_exception(None, error, error.__traceback__))
    for each in chain(error):
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if frame.f_code.co_filename.startswith(OURS):
                for name, value in frame.f_locals.items():
                    yield f"local {name} of {frame.f_code.co_name}", repr(value)


def search(error: BaseException, records: list[logging.LogRecord]) -> None:
    places = list(shown(error))
    assert len(places) > 5
    for record in records:
        places.append((f"log of {record.name}", f"{record.getMessage()} {record.args!r}"))  # noqa: PERF401
    found = [
        (place, text[max(0, text.index(form) - 150) : text.index(form) + 40])
        for place, text in places
        for form in HIDDEN
        if form in text
    ]
    assert not found


def get(client: Cartesia) -> object:
    return client.voices.get(VOICE)


def listed(client: Cartesia) -> object:
    return [voice for voice in client.voices.list()]


def read(client: Cartesia) -> object:
    return (speak(client)).read()


def pieces(client: Cartesia) -> object:
    return [piece for piece in (speak(client)).iter_bytes()]


def events(client: Cartesia) -> object:
    return [event for event in watch(client)]


def upload(client: Cartesia) -> object:
    return client.stt.transcribe(file=b"RIFF", model="ink-whisper")


def closed(client: Cartesia) -> object:
    client.close()
    return get(client)


LOOP = answer(status=307, headers={"location": "/again"})
ELSEWHERE = answer(status=307, headers={"location": "http://localhost:1/elsewhere"})
FAULTS: list[tuple[str, Step, Call]] = [
    ("hang_up", hang_up, get),
    ("reset", reset, upload),
    ("silence", say_nothing, get),
    ("no HTTP", raw(b"SSH-2.0\r\n", close=True), get),
    ("no length", raw(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", close=True), get),
    ("no header", raw(b"HTTP/1.1 200 OK\r\nnothing\r\n\r\n", close=True), read),
    *((f"status {code}", answer(b'{"message": "no"}', status=code), get)
      for code in (400, 401, 403, 404, 409, 422, 429, 418, 500)),
    ("407", answer(b"", status=407), upload),
    ("html", answer(b"<html>", status=502, headers={"content-type": "text/html"}), get),
    ("no JSON", answer(b"nonsense"), get),
    ("cut JSON", answer(b'{"id"', length=99), get),
    ("no page", answer(b"{}"), listed),
    ("no id", answer(b'{"data": [{}], "has_more": true}'), listed),
    ("cycle", answer(b'{"data": [{"id": "v"}], "has_more": true}'), listed),
    ("redirects", LOOP, get),
    ("elsewhere", ELSEWHERE, get),
    ("no gzip", answer(b"no gzip", headers={"content-encoding": "gzip"}), get),
    ("no coding", answer(b"no", headers={"content-encoding": "gzip, gzip"}), get),
    ("no audio", answer(b"{}"), read),
    ("cut audio", chunked(b"RIFF\xff\0\0\0WAVE", media_type=AUDIO), read),
    ("cut pieces", chunked(b"a", b"b", media_type="audio/pcm", cut=True), pieces),
    ("stalled", hold(head("audio/pcm") + chunk(b"a")), pieces),
    ("error event", chunked(CHUNK, b'data: {"type":"error","status_code":400}\n\n',
                            media_type=EVENTS), events),
    ("error without status", chunked(b'data: {"type":"error"}\n\n', media_type=EVENTS), events),
    ("no event", chunked(CHUNK, b"data: [1]\n\n", media_type=EVENTS), events),
    ("no last event", chunked(CHUNK, media_type=EVENTS), events),
    ("no events", answer(b"{}"), events),
    ("comments", forever(head(EVENTS), chunk(b": alive\n\n")), events),
    ("closed", hang_up, closed),
]  # fmt: skip

CLIENTS: dict[str, Callable[[], Any]] = {"own": lambda: None, "plain": httpx.Client}
CLIENTS["default"] = cartesia.DefaultHttpxClient


def connect(url: str, http: object, **credentials: str) -> Cartesia:
    place = url
    if not credentials:
        place = url.replace("://", f"://me:{quote(SECRETS['user'], safe='')}@")
    return Cartesia(
        base_url=place,
        default_headers=HEADERS,
        http_client=http,  # type: ignore[arg-type]
        timeout=0.3,
        max_retries=0,
        **credentials,  # type: ignore[arg-type]
    )


CREDENTIALS: list[dict[str, str]] = [
    {"api_key": SECRETS["key"]},
    {"token": SECRETS["token"]},
    {},
]


@pytest.mark.parametrize("http", CLIENTS)
@pytest.mark.parametrize("name", [name for name, _, _ in FAULTS])
@pytest.mark.fault(GROUP, "Every error of HTTP, with its causes, pickles, logs and locals")
@pytest.mark.untraced
def test_no_error_shows_a_secret(
    name: str, http: str, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ((step, call),) = [(step, call) for each, step, call in FAULTS if each == name]
    with serve(step) as server:
        for credentials in CREDENTIALS:
            with connect(server.url, CLIENTS[http](), **credentials) as client:
                with pytest.raises(cartesia.CartesiaError) as caught:
                    call(client)
            search(caught.value, caplog.records)
    sent = "".join(str(request.headers) for request in server.requests)
    assert not sent or SECRETS["header"] in sent
    caller.sees("no key, token, password, cookie or header anywhere")


@pytest.mark.parametrize("http", [name for name in CLIENTS if name != "own"])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # httpx-aiohttp uses such of aiohttp
@pytest.mark.fault(GROUP, "Every error of a proxy with a password")
@pytest.mark.untraced
def test_no_error_shows_the_password_of_a_proxy(
    http: str, scheme: str, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for step in (answer(b"", status=407), hang_up, None):
        with serve(step or hang_up) as server:
            proxy = server.url
        for live in (True, False):
            with serve(step or hang_up) as server:
                address = server.url if live else proxy
                user = f"://proxy:{quote(SECRETS['proxy'], safe='')}@"
                made = type(CLIENTS[http]())(proxy=address.replace("://", user))
                url = f"{scheme}://api.invalid"
                with connect(url, made, api_key=SECRETS["key"]) as client:
                    with pytest.raises(cartesia.APIError) as caught:
                        get(client)
                    assert SECRETS["proxy"] not in repr(client)
                search(caught.value, caplog.records)
    caller.sees("no key or password anywhere")


@pytest.mark.parametrize(
    "options",
    [
        {"api_key": SECRETS["key"] + "\n"},
        {"token": " " + SECRETS["token"]},
        {"api_key": "k", "base_url": f"ftp://me:{SECRETS['user']}@host"},
        {"api_key": "k", "websocket_base_url": f"me:{SECRETS['user']}@host"},
        {"api_key": "k", "default_headers": {"x": SECRETS["header"] + "\n"}},
        {"api_key": "k", "default_headers": {"x": SECRETS["header"].encode()}},
        {"api_key": SECRETS["key"].encode()},
    ],
)
@pytest.mark.fault(GROUP, "Arguments of a client that are refused")
def test_a_refusal_of_an_argument_does_not_show_it(options: dict[str, Any], caller: Caller) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        Cartesia(**options)
    texts = [
        str(caught.value),
        repr(caught.value),
        "".join(traceback.format_exception(None, caught.value, caught.value.__traceback__)),
    ]
    source = "".join(line for line in texts[2:] if line)
    assert not [text for text in texts[:2] if any(form in text for form in HIDDEN)]
    assert not any(form in source for form in HIDDEN)
    caller.sees("the name of the argument, without its value")
