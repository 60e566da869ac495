"""What goes wrong is the right exception, and its text says what to do."""

from __future__ import annotations

import socket

import pytest

import cartesia
from cartesia import AsyncCartesia
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE
from tests.runtime.server import answer, serve
from tests.runtime.websocket.server import serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def nowhere() -> str:
    """A URL where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


async def test_a_wrong_key(mock_url: str) -> None:
    async with AsyncCartesia(api_key="bad", base_url=mock_url) as client:
        with pytest.raises(
            cartesia.AuthenticationError, match=r"CARTESIA_API_KEY|api_key"
        ) as caught:
            await client.voices.get(VOICE)
        assert caught.value.status_code == 401
        assert caught.value.request_id
        assert "bad" not in str(caught.value).split()
        with pytest.raises(cartesia.AuthenticationError):
            await client.tts.websocket_connect().enter()


async def test_no_key_at_all(mock_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARTESIA_API_KEY", raising=False)
    async with AsyncCartesia(base_url=mock_url) as client:
        with pytest.raises(TypeError, match="api_key"):
            await client.get_status()


async def test_a_key_from_the_environment(mock_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTESIA_API_KEY", "good")
    monkeypatch.setenv("CARTESIA_BASE_URL", mock_url)
    async with AsyncCartesia() as client:
        assert (await client.voices.get(VOICE)).id == VOICE


async def test_an_unknown_voice(client: AsyncCartesia) -> None:
    with pytest.raises(cartesia.NotFoundError) as caught:
        await client.voices.get("00000000-0000-4000-8000-000000000000")
    assert caught.value.status_code == 404
    with pytest.raises(cartesia.APIStatusError, match=r"(?i)voice") as spoken:
        await client.tts.generate(
            model_id=MODEL, transcript=SENTENCE, voice="no-such-voice", output_format=RAW
        )
    assert spoken.value.title
    assert spoken.value.message
    assert spoken.value.body


async def test_a_bad_output_format(client: AsyncCartesia) -> None:
    with pytest.raises(cartesia.BadRequestError, match=r"sample_rate|output_format"):
        await client.tts.generate(
            model_id=MODEL,
            transcript=SENTENCE,
            voice=VOICE,
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 12345},  # type: ignore[arg-type]  # the point
        )


async def test_an_unreachable_host(nowhere: str) -> None:
    async with AsyncCartesia(api_key="good", base_url=nowhere, max_retries=0) as client:
        with pytest.raises(cartesia.APIConnectionError, match=r"127\.0\.0\.1"):
            await client.voices.get(VOICE)
        with pytest.raises(cartesia.APIConnectionError, match=r"127\.0\.0\.1"):
            await client.tts.websocket_connect().enter()


async def test_an_empty_id_is_refused_before_anything_is_sent(client: AsyncCartesia) -> None:
    with pytest.raises(ValueError, match="id"):
        await client.voices.get("")


async def test_errors_and_clients_keep_the_key_to_themselves(mock_url: str) -> None:
    async with AsyncCartesia(api_key="very-secret", base_url=mock_url) as client:
        assert "very-secret" not in repr(client)
        with pytest.raises(cartesia.AuthenticationError) as caught:
            await client.voices.get(VOICE)
        assert "very-secret" not in f"{caught.value!r} {caught.value}"


async def test_options_are_copied_with_changes(client: AsyncCartesia, mock_url: str) -> None:
    other = client.with_options(max_retries=0, default_headers={"X-Trace": "1"})
    assert (await other.voices.get(VOICE)).id == VOICE
    stranger = client.copy(api_key="bad")
    with pytest.raises(cartesia.AuthenticationError):
        await stranger.voices.get(VOICE)
    assert (await client.voices.get(VOICE)).id == VOICE


EVIL = "\x1b[2J\x1b]0;owned\x07\u202eno"


async def test_control_characters_of_a_refused_handshake_are_shown_as_text() -> None:
    step = answer(EVIL.encode(), status=403, headers={"content-type": "text/plain"})
    with serve(step) as server:
        async with AsyncCartesia(api_key="k", base_url=server.url) as client:
            with pytest.raises(cartesia.PermissionDeniedError) as caught:
                await client.tts.websocket_connect().enter()
    assert r"\x1b[2J" in str(caught.value)
    assert str(caught.value).isprintable()


async def test_control_characters_of_a_close_reason_are_shown_as_text() -> None:
    with serving(lambda peer: peer.connection.close(1011, EVIL)) as server:
        url = server.url.replace("ws", "http", 1)
        async with AsyncCartesia(api_key="k", base_url=url) as client:
            connection = await client.tts.websocket_connect().enter()
            with pytest.raises(cartesia.WebSocketConnectionClosedError) as caught:
                await connection.recv()
    assert r"\x1b[2J" in str(caught.value)
    assert str(caught.value).isprintable()
