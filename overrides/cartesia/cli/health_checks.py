"""The checks of ``cartesia-voice doctor``."""

from __future__ import annotations

import importlib
import platform
import shutil
import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

from cartesia import __version__
from cartesia.cli.failures import CREDENTIALS, FAILED, exit_code
from cartesia.cli.session import open_client
from cartesia.cli.voice_search import DEFAULT_VOICE

if TYPE_CHECKING:
    import httpcore
    import httpx

    from cartesia import Cartesia, CartesiaError

_KEY_VARIABLE = "CARTESIA_API_KEY"
_KEYS_PAGE = "https://play.cartesia.ai/keys"
_LIBRARIES = ("httpx", "attrs", "websockets", "orjson", "pybase64", "sounddevice")
_PLAYERS = ("ffplay", "mpv")
_ADVICE: tuple[tuple[type[BaseException], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        (
            "no authority that is trusted here vouches for the server: if a proxy of your network "
            "opens TLS, set SSL_CERT_FILE to a file with its certificate"
        ),
    ),
    (ssl.SSLError, "something else than the API answers there: check the address and the proxy"),
    (
        socket.gaierror,
        "the name of the host is not known: check the network and CARTESIA_BASE_URL",
    ),
    (ConnectionRefusedError, "nothing listens there: check CARTESIA_BASE_URL, and the proxy"),
    (TimeoutError, "a firewall may drop what is sent: check whether a proxy is needed"),
)


class Finding(NamedTuple):
    """The result of a check.

    Attributes:
        check: What was checked.
        state: ``ok``, ``note`` or ``fail``.
        text: What was found.
        advice: What to do about it.
        exit_code: That of the command, for a failure.
    """

    check: str
    state: str
    text: str
    advice: str = ""
    exit_code: int = 0


class DeviceQuery(Protocol):
    """The module ``sounddevice``: what is used of it, since it has no types."""

    def query_devices(self, *, kind: str) -> object:
        """Describe the default device; it is an error if there is none."""
        ...


class ConnectionTrace:
    """Takes the times of a request, as httpcore tells them to the extension ``trace``.

    Attributes:
        tls_version: The version of TLS; None without TLS.
    """

    def __init__(self) -> None:
        self.tls_version: str | None = None
        self._times: dict[str, float] = {}

    def attach(self, request: httpx.Request) -> None:
        """Follow a request.

        Args:
            request: The request, which is about to be sent.
        """
        request.extensions["trace"] = self._take

    def milliseconds(self, begin: str, end: str) -> float | None:
        """Return the time between two events.

        Args:
            begin: The end of the name of the first.
            end: That of the other.

        Returns:
            The milliseconds; None where one of them did not happen.
        """
        first, last = self._times.get(begin), self._times.get(end)
        return None if first is None or last is None else (last - first) * 1000

    def _take(self, name: str, info: Mapping[str, object]) -> None:
        self._times[name.partition(".")[2]] = time.perf_counter()
        if name.endswith("start_tls.complete"):
            stream = cast("httpcore.NetworkStream", info["return_value"])
            self.tls_version = stream.get_extra_info("ssl_object").version()


def check_all(*, mock: bool, speak: bool) -> Iterator[Finding]:
    """Check one thing after the other, as far as it gets.

    Args:
        mock: Whether it is a mock server that is checked.
        speak: Whether a word is spoken too.

    Yields:
        What each check found.
    """
    yield _check_versions()
    yield _check_sound()
    trace = ConnectionTrace()
    with open_client(mock=mock) as opened:
        from cartesia import DefaultHttpxClient

        http_client = DefaultHttpxClient(event_hooks={"request": [trace.attach]})
        key = _check_key(opened, mock=mock)
        yield key
        yield Finding("address", "ok", opened.base_url)
        yield _check_proxy(opened.base_url)
        # The server can be reached without a key too.
        secret = opened.api_key or opened.token or "none"
        with (
            http_client,
            opened.with_options(api_key=secret, http_client=http_client, max_retries=0) as client,
        ):
            answer = _check_answer(client, trace)
            yield from _describe_connection(trace)
            yield answer
            if "fail" in {key.state, answer.state}:
                return
            access = _check_access(client)
            yield access
            if access.state == "fail":
                return
            yield _check_websocket(client)
            if speak:
                yield _check_speech(client)


def _check_versions() -> Finding:
    found = [f"cartesia-openapi {__version__}", f"Python {platform.python_version()}"]
    versions = {name: _version(name) for name in _LIBRARIES}
    found += [f"{name} {version}" for name, version in versions.items() if version]
    missing = [name for name, version in versions.items() if not version]
    text = ", ".join(found)
    if "websockets" in missing:
        advice = "live speech and transcription need it: pip install 'cartesia-openapi[websockets]'"
        return Finding("versions", "fail", f"{text}; websockets is missing", advice, FAILED)
    slow = [name for name in ("orjson", "pybase64") if name in missing]
    if slow:
        advice = f"{' and '.join(slow)} would be faster: pip install 'cartesia-openapi[speedups]'"
        return Finding("versions", "note", text, advice)
    return Finding("versions", "ok", text)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _check_sound() -> Finding:
    try:
        portaudio = cast("DeviceQuery", importlib.import_module("sounddevice"))
    except ImportError:
        advice = "pip install 'cartesia-openapi[audio]'"
    except OSError:
        advice = "install its library, such as the package libportaudio2"
    except Exception as error:  # noqa: BLE001 # those of PortAudio, which this starts, have no base
        advice = f"PortAudio must start, which says: {error}"
    else:
        return _check_devices(portaudio)
    player = next((name for name in _PLAYERS if shutil.which(name)), None)
    if player is not None:
        return Finding("sound", "ok", f"{player} plays; for the microphone, {advice}")
    text = "there is no PortAudio, nor ffplay or mpv: nothing plays or records"
    return Finding("sound", "note", text, f"{advice}; or install ffplay or mpv, which only play")


def _check_devices(portaudio: DeviceQuery) -> Finding:
    kinds = {"output": "speaker", "input": "microphone"}
    missing = [name for kind, name in kinds.items() if not _has_device(portaudio, kind)]
    if not missing:
        return Finding("sound", "ok", "PortAudio plays and records")
    advice = "connect one, and make it the default in the settings of the system"
    return Finding("sound", "note", f"PortAudio finds no {' and no '.join(missing)}", advice)


def _has_device(portaudio: DeviceQuery, kind: str) -> bool:
    try:
        portaudio.query_devices(kind=kind)
    except Exception:  # noqa: BLE001 # as above
        return False
    return True


def _check_key(client: Cartesia, *, mock: bool) -> Finding:
    secret = client.api_key or client.token
    if mock:
        return Finding("key", "ok", "the mock server takes any")
    if secret is None:
        advice = f"make one at {_KEYS_PAGE}, then: export {_KEY_VARIABLE}=sk_car_..."
        return Finding("key", "fail", f"{_KEY_VARIABLE} is not set", advice, CREDENTIALS)
    return Finding("key", "ok", f"{_KEY_VARIABLE} is set, with {len(secret)} characters")


def _check_proxy(base_url: str) -> Finding:
    url = urlsplit(base_url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy:
        return Finding("proxy", "ok", "none")
    if urllib.request.proxy_bypass(url.hostname or ""):
        return Finding("proxy", "ok", "none, as NO_PROXY says for this host")
    # Without the user and the password.
    return Finding("proxy", "note", f"all goes through {proxy.rpartition('@')[2]}")


def _check_answer(client: Cartesia, trace: ConnectionTrace) -> Finding:
    from cartesia import AuthenticationError, CartesiaError

    version = ""
    try:
        version = f", API {client.get_status().version}"
    except AuthenticationError:
        pass  # which the next check reports
    except CartesiaError as error:
        return _failure("answer", error)
    delay = trace.milliseconds("send_request_headers.started", "receive_response_headers.complete")
    return Finding("answer", "ok", f"first byte after {delay or 0:.0f} ms{version}")


def _describe_connection(trace: ConnectionTrace) -> Iterator[Finding]:
    delay = trace.milliseconds("connect_tcp.started", "connect_tcp.complete")
    if delay is not None:
        yield Finding("connect", "ok", f"TCP in {delay:.0f} ms")
    delay = trace.milliseconds("start_tls.started", "start_tls.complete")
    if delay is not None:
        yield Finding("TLS", "ok", f"{trace.tls_version}, handshake in {delay:.0f} ms")


def _check_access(client: Cartesia) -> Finding:
    from cartesia import CartesiaError

    try:
        client.voices.list(limit=1)
    except CartesiaError as error:
        return _failure("access", error)
    return Finding("access", "ok", "the key is accepted")


def _check_websocket(client: Cartesia) -> Finding:
    from cartesia import CartesiaError

    delay = 0.0
    try:
        for _ in range(2):  # the first one also imports what sockets need
            begin = time.perf_counter()
            with client.tts.websocket_connect():
                delay = time.perf_counter() - begin
    except CartesiaError as error:
        return _failure("WebSocket", error)
    return Finding("WebSocket", "ok", f"open after {delay * 1000:.0f} ms")


def _check_speech(client: Cartesia) -> Finding:
    from cartesia import CartesiaError

    begin = time.perf_counter()
    try:
        with client.tts.generate(
            model_id="sonic-latest",
            transcript="Hello.",
            voice=DEFAULT_VOICE,
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000},
        ) as speech:
            next(iter(speech.iter_bytes()))
    except CartesiaError as error:
        return _failure("speech", error)
    delay = time.perf_counter() - begin
    return Finding("speech", "ok", f"first sound after {delay * 1000:.0f} ms")


def _failure(check: str, error: CartesiaError) -> Finding:
    code = exit_code(error) or FAILED
    return Finding(check, "fail", " ".join(str(error).split()), _advice(error, code), code)


def _advice(error: BaseException, code: int) -> str:
    """Say what to do about an error, by what caused it."""
    if code == CREDENTIALS:
        return f"check {_KEY_VARIABLE}, or make another key at {_KEYS_PAGE}"
    cause: BaseException | None = error
    while cause is not None:
        for kind, advice in _ADVICE:
            if isinstance(cause, kind):
                return advice
        cause = cause.__cause__ or cause.__context__
    return ""
