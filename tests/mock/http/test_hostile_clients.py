"""What a client can make the server do is bounded: memory, time, files, sockets and processes."""

from __future__ import annotations

import io
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from cartesia_mock.speech.audio import UnreadableAudioError, decode
from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS, NO_TLS, VOICE, Connect, running

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
JSON = "application/json"
MEGABYTE = 1024 * 1024


def wav(*, tag: int = 1, rate: int = 16000, data: bytes = b"\0\1" * 4000) -> bytes:
    layout = struct.pack("<HHIIHH", tag, 1, rate, rate * 2, 2, 16)
    chunks = b"fmt " + struct.pack("<I", len(layout)) + layout
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def silent_flac(hours: float, rate: int) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=rate, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=rate * 30)
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate = rate
        for _ in range(int(hours * 120)):
            frame.pts = None
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def peak_memory(pid: int) -> int:
    """Return the most memory that a process had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def transcribe(http: httpx.Client, content: bytes, query: str = "") -> httpx.Response:
    data = {"model": "ink-whisper", "language": "de"}
    return http.post(f"/stt?{query}", files={"file": ("a", content)}, data=data)


@contextmanager
def client_of(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers=HEADERS, timeout=30, verify=NO_TLS) as client:
        yield client


# What a page of another site makes a browser send.


@pytest.mark.parametrize("api_key", [None, "right"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example", "content-type": "text/plain"}, 403),
        ({"origin": "https://evil.example", "content-type": JSON}, 403),
        ({"origin": "null", "content-type": JSON}, 403),
        ({"origin": "http://127.0.0.1:1", "content-type": JSON}, 403),
        ({"origin": "http://[", "content-type": JSON}, 403),
        ({"host": "[::1", "content-type": JSON}, 403),
        ({"host": "evil.example", "content-type": JSON}, 403),
        ({"host": "evil.example:80", "origin": "http://evil.example:80"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
    ],
)
def test_a_page_of_another_site_cannot_use_the_admin_endpoints(
    api_key: str | None, headers: dict[str, str], status: int
) -> None:
    with serve(engine="tone", api_key=api_key) as url, client_of(url) as http:
        own = {"authorization": "Bearer right"}
        for path, body in (
            ("faults", {"fault": "status", "times": None}),
            ("clock", {"advance": 60}),
            ("calls", {"agent_id": "agent_5Wx3JhVd"}),
            ("reset", {}),
        ):
            sent = json.dumps(body).encode()
            answer = http.post(f"/_mock/{path}", content=sent, headers={**own, **headers})
            assert answer.status_code == status, answer.text
        assert http.get("/_mock/faults", headers=own).json() == {"faults": []}
        assert http.get("/_mock/clock", headers=own).json()["offset"] == 0


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "mock", "mock.localhost"])
def test_programs_of_the_local_network_can_use_the_admin_endpoints(url: str, name: str) -> None:
    port = url.rpartition(":")[2]
    with client_of(url) as http:
        assert http.get("/_mock/clock", headers={"host": f"{name}:{port}"}).status_code == 200
        own = {"host": f"{name}:{port}", "origin": f"http://{name}:{port}"}
        assert http.post("/_mock/clock", json={"advance": 0}, headers=own).status_code == 200


def test_the_admin_endpoints_need_the_key_where_there_is_one() -> None:
    with serve(engine="tone", api_key="right") as url, client_of(url) as http:
        assert http.get("/_mock/requests").status_code == 401
        right = {"authorization": "Bearer right"}
        assert http.get("/_mock/requests", headers=right).status_code == 200


# Bodies, and requests that never end.


@needs_proc
def test_a_body_of_any_size_takes_little_memory() -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(300):
            yield b" " * MEGABYTE

    with (
        running("--max-body-bytes", "1000000", "--quiet") as (process, url),
        client_of(url) as http,
    ):
        assert http.get("/voices").status_code == 200
        before = peak_memory(process.pid)
        for path in ("/_mock/faults", "/tts/bytes", "/openapi.json"):
            answer = http.post(path, content=pieces(), headers={"content-type": JSON})
            assert answer.status_code in {413, 405}, (path, answer.text)
        assert peak_memory(process.pid) - before < 50 * MEGABYTE


def test_json_is_shorter_than_an_upload(http: httpx.Client) -> None:
    answer = http.post("/pronunciation-dicts/", json={"name": "x", "items": [{}] * 400_000})
    assert answer.status_code == 413
    assert "send at most 1048576" in answer.text


@pytest.mark.anyio
async def test_a_message_is_shorter_than_an_upload(open_socket: Connect) -> None:
    async with open_socket() as socket:
        await socket.send(json.dumps({"context_id": "c", "more": [[]] * 400_000}))
        event = json.loads(await socket.recv())
    assert (event["type"], event["status_code"]) == ("error", 413)


def test_not_every_item_that_is_wrong_is_described(http: httpx.Client) -> None:
    answer = http.post("/pronunciation-dicts/", json={"name": "x", "items": [1] * 300_000})
    assert answer.status_code == 400
    assert len(answer.content) < 10_000


@pytest.mark.parametrize(
    "part",
    [
        b"GET /voices HTTP/1.1\r\nhost: x",
        b"POST /tts/bytes HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{",
        b"POST /_mock/faults HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{",
        b"POST /stt HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET /voi",
    ],
)
def test_a_request_that_is_never_complete_is_given_up(part: bytes) -> None:
    with serve(engine="tone", request_timeout=0.3) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(part)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"HTTP/1.1 408 Request Timeout" in received
    assert received.endswith(b"Request timeout: it was not complete after 0.3 seconds")


def test_a_websocket_is_no_request_that_could_be_late() -> None:
    with serve(engine="tone", request_timeout=0.3) as url:
        address = f"{url.replace('http', 'ws')}/tts/websocket?cartesia_version=2025-11-04&api_key=k"
        with connect(address) as connection:
            time.sleep(0.8)
            connection.send("[]")
            assert "error" in connection.recv(timeout=10)


def test_a_trickle_of_bytes_does_not_keep_a_request_alive() -> None:
    with serve(engine="tone", request_timeout=0.5) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(b"GET /voices HTTP/1.1\r\nhost: x\r\nx: ")
            with pytest.raises(OSError):  # noqa: PT012  which of them does not matter
                for _ in range(200):
                    connection.sendall(b"x")
                    time.sleep(0.05)


def test_a_connection_without_a_request_is_closed() -> None:
    with serve(engine="tone", request_timeout=0.3) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            assert connection.recv(1) == b""


def test_a_long_answer_is_not_a_long_request(speech_request: dict[str, Any]) -> None:
    with (
        serve(engine="tone", request_timeout=0.3, realtime_factor=1) as url,
        client_of(url) as http,
    ):
        for _ in range(2):  # on one connection
            assert http.post("/tts/bytes", json=speech_request).status_code == 200


# Audio.


@needs_proc
def test_a_long_file_takes_little_memory() -> None:
    # Decoded, it would be 690 MB.
    long = silent_flac(1, 48000)
    with running() as (process, url), client_of(url) as http:
        transcribe(http, wav())
        before = peak_memory(process.pid)
        answer = transcribe(http, long)
        assert answer.status_code == 400
        assert "too long: send at most 600 seconds" in answer.text
        assert peak_memory(process.pid) - before < 300 * MEGABYTE


@pytest.mark.parametrize(
    ("content", "query", "problem"),
    [
        (wav(rate=1), "", "has 1 samples a second: send 1000 to 384000"),
        (wav(rate=999_999), "", "has 999999 samples a second: send 1000 to 384000"),
        (wav(tag=0x7ABC), "", "the codec of the file (unknown) is not supported: send PCM"),
        (wav(tag=0x2001), "", "the codec of the file (dca) is not supported: send PCM"),
        (b"\0" * 1_300_000, "encoding=pcm_s16le&sample_rate=1000", "the audio is too long"),
    ],
)
def test_audio_that_is_not_decoded_is_refused_with_the_reason(
    http: httpx.Client, content: bytes, query: str, problem: str
) -> None:
    answer = transcribe(http, content, query)
    assert answer.status_code == 400
    assert answer.text.startswith("Invalid audio: ")
    assert problem in answer.text


@pytest.mark.parametrize("path", ["/voices/clone", "/infill/bytes", "/voice-changer/bytes"])
def test_an_unknown_codec_is_a_400_everywhere(http: httpx.Client, path: str) -> None:
    fields = {
        "/voices/clone": ("clip", {"name": "x", "language": "en"}),
        "/infill/bytes": (
            "left_audio",
            {
                "model_id": "sonic-3",
                "language": "en",
                "transcript": "Hi.",
                "voice_id": VOICE,
                "output_format[container]": "wav",
                "output_format[encoding]": "pcm_s16le",
                "output_format[sample_rate]": "16000",
            },
        ),
        "/voice-changer/bytes": (
            "clip",
            {
                "voice[id]": VOICE,
                "output_format[container]": "wav",
                "output_format[encoding]": "pcm_s16le",
                "output_format[sample_rate]": "16000",
            },
        ),
    }
    name, data = fields[path]
    answer = http.post(path, files={name: ("a.wav", wav(tag=0x7ABC))}, data=data)
    assert answer.status_code == 400
    assert "(unknown) is not supported" in answer.text


@needs_proc
@pytest.mark.parametrize("kind", ["sdp", "m3u8", "concat"])
def test_a_description_of_audio_opens_nothing(
    http: httpx.Client, kind: str, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "secret.wav").write_bytes(wav())
    content = {
        "sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n",
        "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n"
        f"file://{tmp_path}/secret.wav\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile {tmp_path}/secret.wav\n",
    }[kind]
    form: dict[str, Any] = {
        "files": {"file": ("a", content.encode())},
        "data": {"model": "ink-whisper", "language": "de"},
    }
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(http.post, "/stt", **form)
        while not asked.done():
            # With FFmpeg's defaults, it waits for packets at the port of a session description.
            assert f":{port:04X} " not in Path("/proc/net/udp").read_text("ascii")
            time.sleep(0.01)
    answer = asked.result()
    assert answer.status_code == 400
    assert re.search("not audio of a known kind|cannot be read", answer.text)


def test_the_sound_of_a_film_is_decoded_and_its_pictures_are_not() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        pictures = container.add_stream("mpeg4", rate=25, width=64, height=64, pix_fmt="yuv420p")
        sound = container.add_stream("aac", rate=16000, layout="mono")
        for _ in range(25):
            container.mux(pictures.encode(av.VideoFrame(64, 64, "yuv420p")))
        frame = av.AudioFrame(format="fltp", layout="mono", samples=16000)
        frame.planes[0].update(random.Random(1).randbytes(2) * (frame.planes[0].buffer_size // 2))  # noqa: S311  no secret
        frame.sample_rate = 16000
        container.mux(sound.encode(frame))
        container.mux(pictures.encode(None))
        container.mux(sound.encode(None))
    samples, rate = decode(file.getvalue())
    assert rate == 16000
    assert len(samples) / rate == pytest.approx(1, abs=0.2)


def test_a_codec_that_is_not_listed_is_not_decoded() -> None:
    with pytest.raises(UnreadableAudioError, match=r"\(dca\) is not supported"):
        decode(wav(tag=0x2001))


# Processes.


def children(pid: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        found |= {int(child) for child in (task / "children").read_text("ascii").split()}
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until_false(condition: Any, *arguments: object) -> None:
    for _ in range(400):
        if not condition(*arguments):
            return
        time.sleep(0.05)
    raise AssertionError("it did not end within 20 seconds")


def noise(seconds: int = 120) -> dict[str, Any]:
    """Noise, for which pocketsphinx needs longer than any test waits."""
    content = random.Random(1).randbytes(2 * 16000 * seconds)  # noqa: S311  no secret
    return {
        "files": {"file": ("noise.raw", content)},
        "data": {"model": "ink-whisper"},
        "params": {"encoding": "pcm_s16le", "sample_rate": 16000},
    }


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_recognition_ends_with_its_server(number: signal.Signals) -> None:
    with running() as (process, url), ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.post, f"{url}/stt", headers=HEADERS, timeout=60, **noise())
        until_false(lambda: not children(process.pid))
        (child,) = children(process.pid)
        process.send_signal(number)
        until_false(is_running, child)
        process.wait(timeout=10)
        asked.exception(timeout=10)


@needs_proc
def test_a_recognition_ends_with_serve() -> None:
    before = children(os.getpid())
    with ThreadPoolExecutor(1) as pool:
        with serve(engine="tone") as url:
            asked = pool.submit(httpx.post, f"{url}/stt", headers=HEADERS, timeout=60, **noise())
            until_false(lambda: children(os.getpid()) == before)
        until_false(lambda: children(os.getpid()) - before)
        asked.exception(timeout=10)


def test_a_recognition_that_takes_too_long_is_given_up(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cartesia_mock.speech.recognition.recognizer._MAX_SECONDS", 0.3)
    answer = http.post("/stt", **noise())
    assert answer.json()["text"] == "The mock server heard a voice that it does not know."


# Transcripts.


def test_an_open_tag_does_not_take_long_to_read(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    body = speech_request | {"transcript": "hi <" + " " * 19_990}
    assert http.post("/tts/bytes", json=body, timeout=5).status_code == 200


@pytest.mark.parametrize("path", ["/tts/bytes", "/tts/sse"])
def test_a_transcript_that_is_too_long_is_refused(
    http: httpx.Client, speech_request: dict[str, Any], path: str
) -> None:
    answer = http.post(path, json=speech_request | {"transcript": "Hi. " * 5001})
    assert answer.status_code == 400
    text = "it has 20004 characters: send at most 20000 in a request or a context"
    assert answer.text == f"Transcript too long: {text}"


@pytest.mark.anyio
async def test_all_texts_of_a_context_together_have_a_limit(
    open_socket: Connect, speech_request: dict[str, Any]
) -> None:
    with serve(engine="tone", max_transcript=100) as url:
        async with open_socket(base=url) as socket:
            message = speech_request | {
                "context_id": "c",
                "continue": True,
                "transcript": "Hi " * 30,
            }
            await socket.send(json.dumps(message))
            await socket.send(json.dumps(message))
            while (event := json.loads(await socket.recv()))["type"] != "error":
                pass
    assert "it has 180 characters: send at most 100" in json.dumps(event)


def test_breaks_have_a_limit_together(http: httpx.Client, speech_request: dict[str, Any]) -> None:
    body = speech_request | {"transcript": "Hi. " + "<break time='30s'/>" * 100}
    answer = http.post("/tts/sse", json=body)
    assert "speech can be 1800 seconds long: shorten the transcript or its breaks" in answer.text


@needs_proc
def test_speech_takes_a_bounded_amount_of_memory(speech_request: dict[str, Any]) -> None:
    # Without a limit, some 5 GB.
    long = ("<speed ratio='0.25'/>" + "x" * 19_000, "Hi. " + "<break time='30s'/>" * 1000)
    with running("--realtime-factor", "0") as (process, url), client_of(url) as http:
        http.post("/tts/sse", json=speech_request)
        before = peak_memory(process.pid)
        for transcript in long:
            answer = http.post("/tts/sse", json=speech_request | {"transcript": transcript})
            assert "Transcript too long" in answer.text
        assert peak_memory(process.pid) - before < 300 * MEGABYTE


def test_an_item_of_a_dictionary_has_a_limit(http: httpx.Client) -> None:
    for item, problem in (
        ({"text": "x" * 201, "alias": "y"}, "items[1].text: is longer than 200 characters"),
        ({"text": "x", "alias": "y" * 1001}, "items[1].alias: is longer than 1000 characters"),
    ):
        body = {"name": "x", "items": [{"text": "a", "alias": "b"}, item]}
        answer = http.post("/pronunciation-dicts/", json=body)
        assert (answer.status_code, answer.text) == (400, f"Invalid request: {problem}")


def test_a_call_has_a_limit(http: httpx.Client) -> None:
    turns = [{"role": "user", "text": "Hi. " * 5001}]
    answer = http.post("/_mock/calls", json={"agent_id": "agent_5Wx3JhVd", "turns": turns})
    assert answer.status_code == 400
    assert "it has 20004 characters" in answer.text


def test_the_preview_of_a_voice_with_a_long_name_is_short(http: httpx.Client) -> None:
    clip = wav(data=random.Random(1).randbytes(16000))  # noqa: S311  no secret
    form = {"name": "x" * 100_000, "language": "en"}
    voice = http.post("/voices/clone", files={"clip": clip}, data=form).json()["id"]
    body = {"voice_id": voice, "name": "y" * 100_000, "description": "", "language": "de"}
    body["original_speaker_gender"] = "female"
    localized = http.post("/voices/localize", json=body).json()["id"]
    preview = http.get(f"/previews/{localized}.wav")
    assert preview.status_code == 200
    assert len(decode(preview.content)[0]) < 22050 * 30
    http.delete(f"/voices/{voice}")
    http.delete(f"/voices/{localized}")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path", ["/stt/websocket?model=ink-whisper", "/stt/turns/websocket?model=ink-2"]
)
async def test_a_message_has_at_most_two_minutes_of_audio(open_socket: Connect, path: str) -> None:
    async with open_socket(f"{path}&encoding=pcm_mulaw&sample_rate=1000") as socket:
        await socket.send(b"\xff" * 121_000)
        while (event := json.loads(await socket.recv()))["type"] != "error":
            pass
        assert (event["status_code"], event["message"]) == (
            413,
            "121 seconds of audio: send at most 120 in a message",
        )


@pytest.mark.anyio
async def test_a_message_has_at_most_four_megabytes(open_socket: Connect) -> None:
    async with open_socket() as socket:
        with pytest.raises(ConnectionClosedError) as closed:  # noqa: PT012  either of the two
            await socket.send(b"x" * (4 * MEGABYTE + 1))
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


HANDSHAKE = (
    b"GET /tts/websocket?api_key=k&cartesia_version=2025-11-04%b HTTP/1.1\r\nhost: x\r\n"
    b"upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n%b\r\n"
)


def exchanged(url: str, sent: bytes, frame: bytes = b"") -> bytes:
    """Send a handshake, and then a frame; give all that comes until the connection is closed."""
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        answer = connection.recv(65536)
        if frame:
            connection.sendall(frame)
        return answer + b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    "sent",
    [
        HANDSHAKE % (b"&x=" + b"9" * 9000, b""),
        HANDSHAKE % (b"", b"x: " + b"9" * 9000 + b"\r\n"),
        HANDSHAKE % (b"", b"".join(b"x%d: 1\r\n" % number for number in range(200))),
    ],
    ids=["query", "header", "headers"],
)
def test_a_handshake_that_is_too_long_is_refused_at_once(url: str, sent: bytes) -> None:
    answer = exchanged(url, sent)
    # Releases of websockets before 17 close the connection without an answer.
    assert answer == b"" or answer.startswith((b"HTTP/1.1 414 ", b"HTTP/1.1 431 "))


def test_text_that_is_not_utf_8_ends_a_websocket_without_a_traceback() -> None:
    with running(stderr=subprocess.PIPE) as (process, url):
        answer = exchanged(url, HANDSHAKE % (b"", b""), b"\x81\x82\0\0\0\0\xff\xfe")
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert answer.endswith(b"\x88\x02\x03\xef")  # 1007
    assert "Invalid UTF-8" in errors
    assert "Traceback" not in errors
