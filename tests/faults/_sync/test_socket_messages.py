# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_socket_messages.py
# Do not edit: change that file instead.
"""Handshakes that are refused, and messages that are not what they should be."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from cartesia import (
    AuthenticationError,
    Cartesia,
    ContextLostError,
    InternalServerError,
    PermissionDeniedError,
    RateLimitError,
)
from cartesia._runtime.errors import APIStatusError
from cartesia._runtime.model import Model
from cartesia._runtime.websocket.session import Stats
from tests.faults.page import Caller
from tests.faults.sockets import STT, TTS, said
from tests.runtime.websocket._sync.speech import collect, connecting, kinds, received
from tests.runtime.websocket.server import Peer, polite, serving
from tests.runtime.websocket.wordbook import event

SECRET = "never to be logged"
NOT_FOUND = b'{"title": "Busy", "message": "later", "request_id": "r-1"}'


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        pytest.param(
            tuple(refusal),
            kind,
            marks=pytest.mark.fault(group, f"The handshake is answered {what}"),
        )
        for group in (TTS, STT)
        for what, *refusal, kind in [
            ("401", 401, b"no such key", {}, AuthenticationError),
            ("403", 403, b"", {}, PermissionDeniedError),
            ("429", 429, NOT_FOUND, {"retry-after": "90"}, RateLimitError),
            ("503, with a page", 503, b"<html>down</html>", {}, InternalServerError),
        ]
    ],
)
def test_refused_handshakes(
    refusal: tuple[int, bytes, dict[str, str]],
    kind: type[APIStatusError],
    caller: Caller,
    request: pytest.FixtureRequest,
) -> None:
    marker = request.node.get_closest_marker("fault")
    with serving() as server:
        server.refusals.append(refusal)
        client = Cartesia(
            api_key="sk_test", base_url="http://unused.test", websocket_base_url=server.url
        )
        with client:
            manager = (
                client.tts.websocket_connect()
                if marker is not None and marker.args[0] == TTS
                else client.stt.manual_finalize.websocket(
                    model="ink-2", encoding="pcm_s16le", sample_rate=16000
                )
            )
            with caller.raises(kind):
                manager.enter()
        assert len(server.handshakes) == 1


@pytest.mark.parametrize("source", ["api_key", "token", "environment"])
def test_a_refused_key_says_where_it_came_from(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CARTESIA_API_KEY", raising=False)
    if source == "environment":
        monkeypatch.setenv("CARTESIA_API_KEY", "sk_test")
    with serving() as server:
        server.refusals.append((401, b"", {}))
        with Cartesia(
            api_key="sk_test" if source == "api_key" else None,
            token="t" if source == "token" else None,
            websocket_base_url=server.url,
        ) as client:
            with pytest.raises(AuthenticationError) as caught:
                client.tts.websocket_connect().enter()
    named = "CARTESIA_API_KEY" if source == "environment" else f"`{source}`"
    assert named in str(caught.value)
    assert caught.value.__cause__ is not None


def strange(*messages: str | bytes) -> Callable[[Peer], None]:
    """Send what is strange between the chunks of the first context, and then be polite."""

    def script(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.speak(context_id, 1)
        for message in messages:
            peer.send(message)
        peer.speak(context_id, 1)
        peer.send(event("done", context_id))
        polite(peer)

    return script


def _row(what: str, stats: Stats, heard: list[object], *messages: str | bytes) -> object:
    return pytest.param(messages, stats, heard, marks=pytest.mark.fault(TTS, what))


USUAL: list[object] = ["chunk", "chunk", "done"]


@pytest.mark.parametrize(
    ("messages", "counted", "heard"),
    [
        _row(
            "An event of a context that nobody opened",
            Stats(unknown=1),
            USUAL,
            event("chunk", "stranger", data=SECRET),
        ),
        _row(
            "An event without a type, or of an unknown one",
            Stats(),
            ["chunk", None, "brand.new", "chunk", "done"],
            f'{{"context_id": "c", "data": "{SECRET}"}}',
            event("brand.new", "c", data=SECRET),
        ),
        _row(
            "`done` twice, and a chunk after it",
            Stats(late=4),
            ["chunk", "done"],
            event("done", "c"),
            event("done", "c"),
            event("chunk", "c", data=SECRET),
        ),
    ],
)
def test_strange_messages(
    messages: tuple[str | bytes, ...],
    counted: Stats,
    heard: list[object],
    caller: Caller,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(strange(*messages)) as server:
        with connecting(server) as connection:
            context = connection.context("c")
            context.push("Hello", continue_=False)
            assert kinds(context) == heard
            other = connection.context("other")
            other.push("Hello", continue_=False)
            assert kinds(other) == USUAL
            stats = connection.stats
            assert (stats.unknown, stats.late) == (counted.unknown, counted.late)
            assert stats.connections == 1
    ours = [record for record in caplog.records if record.name != "websockets.server"]
    assert not any(SECRET in record.getMessage() for record in ours)
    named = [name for name in ("unknown", "late") if getattr(counted, name)]
    counts = "".join(f"; `stats.{name}` counts" for name in named)
    handed = "" if heard in (USUAL, ["chunk", "done"]) else ", those as plain objects"
    caller.sees(f"the other events{handed}{counts}; nothing of it is logged")


@pytest.mark.parametrize(
    "message",
    [
        pytest.param('{"data": "' + SECRET, marks=pytest.mark.fault(TTS, "Text that is no JSON")),
        pytest.param(f'["{SECRET}"]', marks=pytest.mark.fault(TTS, "JSON that is no object")),
        pytest.param(
            b"\xff" + SECRET.encode(),
            marks=pytest.mark.fault(TTS, "A binary frame where text is due"),
        ),
    ],
)
def test_messages_that_are_no_json(
    message: str | bytes, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(strange(message), polite) as server:
        with connecting(server) as connection:
            context = connection.context("c")
            context.push("Hello", continue_=False)
            heard: list[Model] = []
            with pytest.raises(ContextLostError, match="no JSON object") as caught:
                collect(context.receive(), heard)
            assert [piece.to_dict()["type"] for piece in heard] == ["chunk"]
            following = connection.context()
            following.push("Hello", continue_=False)
            assert kinds(following) == USUAL
            assert (connection.stats.malformed, connection.stats.connections) == (1, 2)
    ours = [record for record in caplog.records if record.name != "websockets.server"]
    assert not any(SECRET in record.getMessage() for record in ours)
    text = said(caught.value).replace(str(len(message)), "...")
    caller.sees(f"{text}; the next context opens another connection")


@pytest.mark.fault(TTS, "A message over the size limit (`max_size`, 16 MiB)")
def test_a_message_that_is_too_large(caller: Caller) -> None:
    def shout(peer: Peer) -> None:
        peer.send(event("chunk", peer.next()["context_id"], data="x" * 2000))
        peer.next()

    with serving(shout, polite) as server:
        with connecting(server, options={"max_size": 1000}) as connection:
            context = connection.context("c")
            context.push("Hello")
            with pytest.raises(ContextLostError, match="code 1009") as caught:
                kinds(context)
            text = said(caught.value)
            caller.sees(text.replace(f" ({caught.value.reason})", " (...)"))
            following = connection.context()
            following.push("Hello", continue_=False)
            assert kinds(following) == USUAL


@pytest.mark.fault(TTS, "A later message names a setting that the context does not have")
def test_a_setting_of_one_message(caller: Caller) -> None:
    with serving() as server:
        with connecting(server) as connection:
            context = connection.context("c", language="en", timeout=10)
            context.push("One ", speed="fast")
            context.push("two ", language="de")
            context.push("three")
            context.push("four", emotion="glad")
            context.no_more_inputs()
            kinds(context)
            messages = received(server, 5)
    named = [
        tuple(message.get(name) for name in ("transcript", "language", "speed", "emotion"))
        for message in messages
    ]
    assert named == [
        ("One ", "en", "fast", None),
        ("two ", "de", "fast", None),
        ("three", "en", "fast", None),
        ("four", "en", "fast", "glad"),
        ("", "en", "fast", "glad"),
    ]
    caller.sees(
        "those of `context()` and of its first message go with each; a later one holds for its "
        "message, and for the closing one after it"
    )


def test_generation_config_may_change_from_message_to_message() -> None:
    with serving() as server:
        with (
            Cartesia(
                api_key="sk_test", base_url="http://unused.test", websocket_base_url=server.url
            ) as client,
            client.tts.websocket_connect() as connection,
        ):
            context = connection.context(voice="v", generation_config={"speed": 0.8})
            context.push("Slowly. ")
            context.push("Angrily. ", generation_config={"emotion": "angry"})
            context.push("Slowly again.")
            context.no_more_inputs()
            kinds(context)
        sent = [message["generation_config"] for message in received(server, 4)]
    slow = {"speed": 0.8}
    assert sent == [slow, {"emotion": "angry"}, slow, slow]


def test_the_message_of_an_error_is_what_any_server_says() -> None:
    legacy = {"error": "Bad: no such voice", "status_code": 400}

    def refuse(peer: Peer) -> None:
        peer.send(event("error", peer.next()["context_id"], **legacy))
        peer.next()

    with serving(refuse) as server:
        with (
            Cartesia(
                api_key="sk_test", base_url="http://unused.test", websocket_base_url=server.url
            ) as client,
            client.tts.websocket_connect() as connection,
        ):
            context = connection.context(voice="v")
            context.push("Hello")
            error = context.receive().__next__()
    assert error.type == "error"
    assert error.message == error.legacy_error == error.error == "Bad: no such voice"
    assert error.to_dict() == {"type": "error", "context_id": error.context_id, **legacy}


@pytest.mark.fault(STT, "A `keyterm` has spaces, which a server may refuse as `+`")
def test_spaces_of_keyterms(caller: Caller) -> None:
    with serving() as server:
        with Cartesia(
            api_key="sk_test", base_url="http://unused.test", websocket_base_url=server.url
        ) as client:
            connection = client.stt.manual_finalize.websocket(
                model="ink-2", encoding="pcm_s16le", sample_rate=16000, keyterm=["Ink 2", "a+b"]
            ).enter()
            connection.close()
        assert server.handshakes[0].path.endswith("&keyterm=Ink%202&keyterm=a%2Bb")
    caller.sees("they travel as `%20`")
