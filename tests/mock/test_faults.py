"""Faults on demand, each seen by plain clients over loopback."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import gzip
import json
import socket
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from cartesia_mock.cli import main
from cartesia_mock.faults.kinds import KINDS, describe_faults, describe_options, parse_faults
from cartesia_mock.testing import serve
from tests.mock.wire import HEADERS, NEW, read_sse

pytestmark = pytest.mark.anyio

FAULT = "x-mock-fault"
README = Path(__file__).parents[2] / "mock" / "README.md"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serve(engine="tone") as url:
        yield url


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No fault is a mistake of the server's, so it logs none."""
    yield
    records = caplog.get_records("call")
    assert [record.getMessage() for record in records if record.levelname == "ERROR"] == []


@pytest.fixture
def client(base: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base, headers=HEADERS, timeout=10) as client:
        yield client
        client.delete("/_mock/faults")


def speak(
    client: httpx.Client, request: dict[str, Any], fault: str, path: str = "/tts/bytes"
) -> bytes:
    """Give the body that arrives before whatever happens to it."""
    found = b""
    with client.stream("POST", path, json=request, headers={FAULT: fault}) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            found += piece
    return found


def exchange(base: str, head: str, body: bytes) -> tuple[bytes, bool]:
    """Speak HTTP by hand: give every byte of the answer, and whether a reset came at the end."""
    address = httpx.URL(base)
    found = b""
    with socket.create_connection((address.host, address.port or 80), timeout=10) as line:
        line.sendall(f"{head}\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        try:
            while piece := line.recv(65536):
                found += piece
        except ConnectionResetError:
            return found, True
    return found, False


def ask(fault: str) -> str:
    """Write the head of a request for speech."""
    lines = [f"{name}: {value}" for name, value in {**HEADERS, FAULT: fault}.items()]
    return "\r\n".join(["POST /tts/bytes HTTP/1.1", "content-type: application/json", *lines])


@pytest.mark.parametrize(
    "code", [301, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504, 529]
)
def test_any_status_can_be_asked_for(client: httpx.Client, code: int) -> None:
    answer = client.get("/voices", headers={FAULT: f"status; code={code}"})
    assert answer.status_code == code
    assert answer.text == "Fault on demand: this answer was asked for"
    assert answer.headers["x-request-id"]
    assert "retry-after" not in answer.headers


def test_a_status_comes_in_the_shape_of_the_version(client: httpx.Client) -> None:
    headers = {FAULT: "status; code=429", "cartesia-version": NEW}
    answer = client.get("/voices", headers=headers)
    assert answer.json()["error_code"] == "concurrency_limited"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    old = client.get("/voices", headers={FAULT: "status; code=429; body=json"})
    assert old.json()["title"] == "Fault on demand"


def test_retry_headers_are_sent_as_asked_for(client: httpx.Client) -> None:
    fault = "status; code=503; retry-after=1.5; retry-after-ms=250; should-retry=false"
    headers = client.get("/voices", headers={FAULT: fault}).headers
    assert headers["retry-after"] == "1.5"
    assert float(headers["retry-after-ms"]) == 250
    assert headers["x-should-retry"] == "false"
    fault = "status; code=503; retry-after-date=30"
    dated = client.get("/voices", headers={FAULT: fault}).headers["retry-after"]
    left = parsedate_to_datetime(dated) - dt.datetime.now(dt.timezone.utc)
    assert 0 < left.total_seconds() <= 30


@pytest.mark.parametrize(
    ("body", "start", "media"),
    [
        ("broken", b'{"title": "broken', "application/json"),
        ("text", b"Something", "text/plain; charset=utf-8"),
        ("html", b"<!DOCTYPE html>", "text/html; charset=utf-8"),
        ("empty", b"", "text/plain; charset=utf-8"),
        ("latin1", b"Das h\xe4tte", "text/plain; charset=utf-8"),
        ("charset", b"Something", "text/plain; charset=x-nonsense"),
        ("binary", b"\x00\x01", "application/octet-stream"),
    ],
)
def test_bodies_of_every_kind(client: httpx.Client, body: str, start: bytes, media: str) -> None:
    failed = client.get("/voices", headers={FAULT: f"status; code=500; body={body}"})
    assert failed.content.startswith(start)
    assert failed.headers["content-type"] == media
    changed = client.get("/voices", headers={FAULT: f"body; is={body}"})
    assert changed.status_code == 200
    assert changed.content == failed.content
    assert changed.headers["content-type"] == "application/json"


def test_the_type_can_be_another(client: httpx.Client) -> None:
    answer = client.get("/voices", headers={FAULT: "media; type=text/html"})
    assert answer.headers["content-type"] == "text/html"
    assert answer.json()["data"]


def test_no_body_comes_with_204(client: httpx.Client) -> None:
    assert client.get("/voices", headers={FAULT: "status; code=204"}).content == b""


def test_a_redirect_leads_on(client: httpx.Client) -> None:
    fault = "status; code=307; location=/voices?limit=1"
    answer = client.get("/voices", headers={FAULT: fault})
    assert answer.next_request is not None
    assert answer.next_request.url.path == "/voices"


def test_delays_are_waited_for(client: httpx.Client, speech_request: dict[str, Any]) -> None:
    with pytest.raises(httpx.ReadTimeout):
        client.get("/voices", headers={FAULT: "delay; head=30"}, timeout=0.1)
    with client.stream(
        "POST", "/tts/bytes", json=speech_request, headers={FAULT: "delay; chunk=30"}, timeout=1
    ) as answer:
        assert answer.status_code == 200  # The head is there at once.
        with pytest.raises(httpx.ReadTimeout):
            answer.read()


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_connection_is_dropped_before_any_answer(base: str, how: str) -> None:
    found, reset = exchange(base, ask(f"drop; how={how}"), b"{}")
    assert (found, reset) == (b"", how == "reset")


@pytest.mark.parametrize("framing", ["own", "length", "chunked"])
@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_body_is_cut_after_some_bytes(
    base: str, speech_request: dict[str, Any], how: str, framing: str
) -> None:
    fault = f"cut; after=3000; how={how}; framing={framing}"
    found, reset = exchange(base, ask(fault), json.dumps(speech_request).encode())
    head, _, body = found.partition(b"\r\n\r\n")
    assert reset == (how == "reset")
    assert head.startswith(b"HTTP/1.1 200")
    assert (b"content-length" in head) == (framing == "length")
    if framing == "length":
        assert len(body) == 3000
    else:
        assert body.startswith(b"bb8\r\n")  # 3000 in hexadecimal
        assert not body.endswith(b"0\r\n\r\n")


def test_a_chunked_body_lacks_its_end_alone(base: str, speech_request: dict[str, Any]) -> None:
    body = json.dumps(speech_request).encode()
    found, reset = exchange(base, ask("cut; after=99999999"), body)
    assert not reset
    assert not found.endswith(b"0\r\n\r\n")
    with httpx.Client(base_url=base, headers=HEADERS) as client:
        whole = client.post("/tts/bytes", json=speech_request).content
    pieces, rest = b"", found.partition(b"\r\n\r\n")[2]
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        pieces, rest = pieces + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    assert pieces == whole


def test_a_cut_body_can_end_as_if_it_were_whole(
    client: httpx.Client, speech_request: dict[str, Any]
) -> None:
    wav = {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 16000}
    request = {**speech_request, "output_format": wav}
    assert len(speak(client, request, "cut; after=1000; how=end")) == 1000
    assert len(client.get("/voices", headers={FAULT: "cut; after=10; how=end"}).content) == 10


def test_a_body_can_stall(client: httpx.Client, speech_request: dict[str, Any]) -> None:
    headers = {FAULT: "cut; after=100; how=stall"}
    with client.stream(
        "POST", "/tts/bytes", json=speech_request, headers=headers, timeout=1
    ) as answer:
        pieces = answer.iter_raw()
        assert len(next(pieces)) == 100
        with pytest.raises(httpx.ReadTimeout):
            next(pieces)


def test_a_body_can_be_compressed(client: httpx.Client) -> None:
    plain = client.get("/voices")
    answer = client.get("/voices", headers={FAULT: "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == plain.content
    raw = b""
    with client.stream("GET", "/voices", headers={FAULT: "gzip; broken=yes"}) as broken:
        raw += b"".join(broken.iter_raw())
    with pytest.raises(EOFError):
        gzip.decompress(raw)


def test_a_kept_connection_can_be_closed_all_the_same(base: str) -> None:
    head = "\r\n".join(
        ["GET /voices HTTP/1.1", *(f"{name}: {value}" for name, value in HEADERS.items())]
    )
    found, reset = exchange(base, f"{head}\r\n{FAULT}: hang-up", b"")
    answer, _, body = found.partition(b"\r\n\r\n")
    assert not reset
    assert b"connection: close" not in answer.lower()
    assert json.loads(body)["data"]


def stream(client: httpx.Client, request: dict[str, Any], fault: str) -> str:
    return speak(client, request, fault, "/tts/sse").decode()


def types(text: str) -> list[str]:
    return [name for name, _ in read_sse(text)]


@pytest.mark.parametrize("how", ["close", "reset"])
def test_events_are_cut_in_the_middle(
    client: httpx.Client, speech_request: dict[str, Any], how: str
) -> None:
    headers = {FAULT: f"sse-cut; after=2; how={how}"}
    found = ""
    with client.stream("POST", "/tts/sse", json=speech_request, headers=headers) as answer:
        failure: type[httpx.TransportError] | None = None
        try:
            for piece in answer.iter_text():
                found += piece
        except httpx.TransportError as error:
            failure = type(error)
    assert failure is (httpx.RemoteProtocolError if how == "close" else httpx.ReadError)
    whole, _, half = found.rpartition("\n\n")
    assert types(whole + "\n\n") == ["chunk", "chunk"]
    assert half.startswith("event: chunk\ndata: {")


def test_events_can_end_in_the_middle_of_one(
    client: httpx.Client, speech_request: dict[str, Any]
) -> None:
    found = stream(client, speech_request, "sse-cut; after=0; how=end")
    assert found.startswith("event: chunk\ndata: {")
    assert "\n\n" not in found


def test_events_can_end_without_done(client: httpx.Client, speech_request: dict[str, Any]) -> None:
    assert types(stream(client, speech_request, "sse-end; after=2")) == ["chunk", "chunk"]


def test_an_error_event_ends_a_stream(client: httpx.Client, speech_request: dict[str, Any]) -> None:
    events = read_sse(stream(client, speech_request, "sse-error; after=1; code=503"))
    assert [name for name, _ in events] == ["chunk", "error"]
    assert events[-1][1]["status_code"] == 503
    assert events[-1][1]["title"] == "Fault on demand"


def test_comments_alone_keep_a_stream_alive(
    client: httpx.Client, speech_request: dict[str, Any]
) -> None:
    headers = {FAULT: "sse-comments; after=1; every=0.01"}
    with client.stream("POST", "/tts/sse", json=speech_request, headers=headers) as answer:
        lines = answer.iter_lines()
        found = [next(lines) for _ in range(30)]
    assert [line for line in found if line.startswith("event")] == ["event: chunk"]
    assert found[-2:].count(": keep-alive") == 1


def test_events_that_should_not_be_are_slipped_in(
    client: httpx.Client, speech_request: dict[str, Any]
) -> None:
    plain = types(stream(client, speech_request, ""))
    unknown = types(stream(client, speech_request, "sse-unknown; after=1"))
    assert unknown == [plain[0], "mock_unknown", *plain[1:]]
    malformed = stream(client, speech_request, "sse-malformed; after=0")
    with pytest.raises(json.JSONDecodeError):
        read_sse(malformed)
    assert types(malformed.partition("\n\n")[2]) == plain
    untyped = stream(client, speech_request, "sse-untyped; after=1").split("\n\n")
    assert untyped[1] == 'data: {"done": false, "note": "no type"}'
    huge = read_sse(stream(client, speech_request, "sse-huge; after=1; bytes=100000"))
    assert len(huge[1][1]["filling"]) == 100000
    assert huge[-1][0] == "done"


def test_faults_of_streams_leave_other_answers_alone(client: httpx.Client) -> None:
    plain = client.get("/voices").content
    assert client.get("/voices", headers={FAULT: "sse-end; after=0"}).content == plain


def test_several_faults_follow_each_other(
    client: httpx.Client, speech_request: dict[str, Any]
) -> None:
    found = types(stream(client, speech_request, "sse-unknown; after=0, sse-end; after=2"))
    assert found == ["mock_unknown", "chunk"]


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("nonsense", "there is no fault 'nonsense'; there are status, delay"),
        ("status; colour=red", "status has no option 'colour'; it has code"),
        ("status; code=999", "there is no such code"),
        ("status; code=ten", "it is a number"),
        ("delay; head=-1", "from 0 up"),
        ("delay; head=inf", "from 0 up"),
        ("cut; how=gently", "one of close, reset, end, stall"),
        ("socket-drop", "socket-drop does not happen here; use one of status"),
    ],
)
def test_a_fault_that_there_is_not_is_refused(
    client: httpx.Client, fault: str, problem: str
) -> None:
    answer = client.get("/voices", headers={FAULT: fault})
    assert answer.status_code == 400
    assert problem in answer.text


def test_armed_faults_hit_the_next_requests_of_a_path(client: httpx.Client) -> None:
    armed = {"fault": "status; code=503", "path": "/voices", "method": "get", "times": 2, "skip": 1}
    answer = client.post("/_mock/faults", json=armed)
    assert answer.status_code == 201
    other = client.get("/openapi.json").status_code
    statuses = [client.get("/voices").status_code for _ in range(4)]
    assert (other, statuses) == (200, [200, 503, 503, 200])
    shown = client.get("/_mock/faults").json()["faults"]
    assert shown == [{**armed, "method": "GET", "skip": 0, "hits": 2, "id": answer.json()["id"]}]


def test_armed_faults_can_be_taken_back(client: httpx.Client) -> None:
    first = client.post(
        "/_mock/faults", json={"fault": "status", "path": "/voices*", "times": None}
    )
    client.post("/_mock/faults", json={"fault": "status; code=502", "times": None})
    assert client.get("/voices").status_code == 502  # The later one has what the first has made.
    assert client.delete(f"/_mock/faults/{first.json()['id']}").status_code == 204
    assert client.delete(f"/_mock/faults/{first.json()['id']}").status_code == 404
    assert client.get("/voices").status_code == 502
    assert client.delete("/_mock/faults").status_code == 204
    assert client.get("/voices").status_code == 200


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "fault: is required"),
        ({"fault": "nonsense"}, "there is no fault"),
        ({"fault": "status", "times": -1}, "times: -1 is not a whole number"),
        ({"fault": "status", "skip": True}, "skip: True is not a whole number"),
        ({"fault": "status", "often": 3}, "often: there are fault, method, path"),
    ],
)
def test_what_cannot_be_armed_is_refused(
    client: httpx.Client, body: dict[str, Any], problem: str
) -> None:
    answer = client.post("/_mock/faults", json=body)
    assert answer.status_code == 400
    assert problem in answer.text


class Talk:
    """A socket to the mock that runs into a fault, and what was read from it."""

    def __init__(self, base: str, request: dict[str, Any]) -> None:
        self.url = base.replace("http", "ws", 1) + "/tts/websocket"
        self.request = {**request, "context_id": "c"}

    def open(self, fault: str) -> connect:
        return connect(self.url, additional_headers={**HEADERS, FAULT: fault}, max_size=2**24)

    async def say(self, socket: ClientConnection) -> list[Any]:
        """Speak, and read until `done`; what is no JSON comes as it is."""
        await socket.send(json.dumps(self.request))
        found: list[Any] = []
        while True:
            data = await socket.recv()
            try:
                found.append(json.loads(data))
            except ValueError:
                found.append(data)
            if '"type":"done"' in str(data):
                return found


@pytest.fixture
def talk(base: str, speech_request: dict[str, Any]) -> Talk:
    return Talk(base, speech_request)


@pytest.mark.parametrize("code", [401, 403, 429, 500, 503])
async def test_a_handshake_is_refused(talk: Talk, code: int) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with talk.open(f"status; code={code}; retry-after=2"):
            pass
    assert refusal.value.response.status_code == code
    assert refusal.value.response.headers["retry-after"] == "2"


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_handshake_is_dropped(talk: Talk, how: str) -> None:
    with pytest.raises((InvalidHandshake, ConnectionResetError, EOFError)):
        async with talk.open(f"drop; how={how}"):
            pass


async def test_a_handshake_can_be_late(talk: Talk) -> None:
    with pytest.raises(TimeoutError):
        with anyio.fail_after(0.1):
            await talk.open("delay; head=30")


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("after", [0, 3])
async def test_a_socket_is_dropped_without_a_close(talk: Talk, how: str, after: int) -> None:
    async with talk.open(f"socket-drop; after={after}; how={how}") as socket:
        if after:
            await socket.send(json.dumps(talk.request))
        for _ in range(after):
            assert json.loads(await socket.recv())["type"] == "chunk"
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is None


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 1013, 4000])
async def test_a_socket_is_closed_with_a_code(talk: Talk, code: int) -> None:
    async with talk.open(f"socket-close; after=2; code={code}; reason=as asked for") as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await talk.say(socket)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, "as asked for")


async def test_a_silent_socket_answers_pings_alone(talk: Talk) -> None:
    async with talk.open("socket-silence; after=1") as socket:
        await socket.send(json.dumps(talk.request))
        assert json.loads(await socket.recv())["type"] == "chunk"
        await (await socket.ping())
        with pytest.raises(TimeoutError):
            with anyio.fail_after(0.1):
                await socket.recv()


async def test_a_frozen_socket_answers_nothing(talk: Talk) -> None:
    async with talk.open("socket-freeze; after=1; seconds=0.5") as socket:
        await socket.send(json.dumps(talk.request))
        assert json.loads(await socket.recv())["type"] == "chunk"
        pong = await socket.ping()
        await socket.send(json.dumps(talk.request))
        with pytest.raises(TimeoutError):
            with anyio.fail_after(0.1):
                await pong
        with pytest.raises(ConnectionClosed):
            await socket.recv()


@pytest.mark.parametrize("after", [0, 1])
async def test_frames_that_should_not_be_are_slipped_in(talk: Talk, after: int) -> None:
    async def slipped_in(fault: str) -> Any:
        async with talk.open(f"{fault}; after={after}") as socket:
            found = await talk.say(socket)
        rest = [*found[:after], *found[after + 1 :]]
        assert {event["type"] for event in rest} == {"chunk", "done"}
        assert {event["context_id"] for event in rest} == {"c"}
        return found[after]

    assert await slipped_in("socket-malformed") == '{"type": "chunk", "data": '
    assert await slipped_in("socket-binary") == bytes(range(256))
    assert (await slipped_in("socket-unknown"))["type"] == "mock_unknown"
    assert "type" not in await slipped_in("socket-untyped")
    stranger = await slipped_in("socket-stranger")
    assert stranger["type"] == "chunk"
    assert stranger["context_id"] != "c"
    error = await slipped_in("socket-error; code=503")
    assert (error["type"], error["status_code"], "context_id" in error) == ("error", 503, False)
    assert len((await slipped_in("socket-huge; bytes=3000000"))["filling"]) == 3_000_000


async def test_done_can_come_twice(talk: Talk) -> None:
    async with talk.open("socket-double") as socket:
        await talk.say(socket)
        assert json.loads(await socket.recv())["type"] == "done"


async def test_a_chunk_can_come_after_the_end(talk: Talk) -> None:
    async with talk.open("socket-late") as socket:
        found = await talk.say(socket)
        late = json.loads(await socket.recv())
    assert base64.b64decode(late["data"]) == base64.b64decode(found[-2]["data"])


@pytest.fixture
def armed(client: httpx.Client) -> None:
    fault = {"fault": "socket-close; after=0; code=1001", "path": "/stt/*"}
    assert client.post("/_mock/faults", json=fault).status_code == 201


async def test_faults_of_sockets_can_be_armed(base: str, armed: None) -> None:
    query = "model=ink-2&encoding=pcm_s16le&sample_rate=16000"
    address = f"{base.replace('http', 'ws', 1)}/stt/websocket?{query}"
    async with connect(address, additional_headers=HEADERS) as socket:
        await socket.wait_closed()
    assert socket.close_code == 1001
    async with connect(address, additional_headers=HEADERS) as socket:
        await socket.send("close")
        assert json.loads(await socket.recv())["type"] == "done"


@pytest.mark.parametrize("path", ["/tts/bytes", "/tts/sse", "/voices"])
def test_the_server_is_the_same_after_every_fault(
    client: httpx.Client, speech_request: dict[str, Any], path: str
) -> None:
    method, body = ("GET", None) if path == "/voices" else ("POST", speech_request)
    endless = {"sse-comments"}
    for name in (name for name, kind in KINDS.items() if "http" in kind.where):
        if name in endless:
            continue
        with contextlib.suppress(httpx.TransportError):
            client.request(method, path, json=body, headers={FAULT: name}, timeout=1)
    assert client.request(method, path, json=body).status_code == 200


def test_every_fault_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    for name, kind in KINDS.items():
        options = [f"`{option}`".replace("|", "\\|") for option in describe_options(kind)]
        assert f"| `{name}` | {', '.join(options) or 'none'} | {kind.text} |" in text


def test_help_describes_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert describe_faults() in capsys.readouterr().out


def test_the_description_names_every_option() -> None:
    text = describe_faults()
    for name, kind in KINDS.items():
        line = next(line for line in text.splitlines() if line.split(";")[0] == name)
        assert [part.split("=")[0].strip() for part in line.split(";")[1:]] == list(kind.options)


def test_defaults_are_read_as_they_are_described() -> None:
    for name, kind in KINDS.items():
        assert parse_faults(name)[0].options == kind.options
