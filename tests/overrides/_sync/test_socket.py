# Derived by `make generate` (scripts/unasync.py) from
# tests/overrides/_async/test_socket.py
# Do not edit: change that file instead.
"""Text to speech over a WebSocket: several contexts at once, on the mock."""

from __future__ import annotations

from functools import partial

import pytest

from cartesia import Cartesia, ClientClosedError, NotFoundError
from tests.overrides._sync.primitives import gather
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, wav

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


def speak(client: Cartesia) -> bytes:
    response = client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
    )
    return response.read()


def test_a_closed_client_opens_no_sockets(mock_url: str) -> None:
    with Cartesia(api_key="good", base_url=mock_url) as closed:
        manager = closed.tts.websocket_connect()
    with pytest.raises(ClientClosedError, match="the client was closed; make a new one"):
        manager.__enter__()
    stream = closed.tts.stream(transcript=SENTENCE, model_id=MODEL, voice=VOICE, output_format=RAW)
    with pytest.raises(ClientClosedError):
        stream.__next__()


def test_one_context_fed_word_by_word(client: Cartesia) -> None:
    audio, words, kinds = b"", list[str](), list[str]()
    with client.tts.websocket_connect() as connection:
        context = connection.context(
            model_id=MODEL, voice=VOICE, output_format=RAW, add_timestamps=True
        )
        for word in SENTENCE.split(" "):
            context.push(word + " ")
        context.no_more_inputs()
        context.no_more_inputs()  # idempotent
        with pytest.raises(ValueError, match="no_more_inputs"):
            context.push("more")
        for event in context.receive():
            kinds.append(event.type)
            assert event.context_id == context.context_id
            if event.type == "chunk":
                audio += event.audio or b""
            elif event.type == "timestamps":
                assert event.word_timestamps is not None
                words += event.word_timestamps.words
    assert kinds[-1] == "done"
    assert kinds.count("done") == 1
    assert words == SENTENCE.split()
    heard = client.stt.transcribe(file=wav(audio), model="ink-whisper")
    assert heard.text.split() == SENTENCE.split()


def test_three_contexts_at_once_do_not_mix(client: Cartesia) -> None:
    sentences = ["One goes here.", "Two goes there, slowly.", "Three goes anywhere it likes."]
    with client.tts.websocket_connect() as connection:

        def converse(sentence: str) -> list[str]:
            words = list[str]()
            context = connection.context(
                model_id=MODEL, voice=VOICE, output_format=RAW, add_timestamps=True
            )
            for word in sentence.split(" "):
                context.push(word + " ")
            context.no_more_inputs()
            for event in context.receive(timeout=20):
                if event.type == "timestamps" and event.word_timestamps:
                    words += event.word_timestamps.words
            return words

        spoken = gather(*(partial(converse, sentence) for sentence in sentences))
    assert spoken == [sentence.split() for sentence in sentences]


def test_flush_tells_which_text_made_which_audio(client: Cartesia) -> None:
    with client.tts.websocket_connect() as connection:
        context = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        context.push("First. ")
        context.push("", flush=True)
        context.push("Second.")
        context.no_more_inputs()
        seen = [
            (event.type, event.flush_id)
            for event in context.receive()
            if event.type in {"chunk", "flush_done"}
        ]
    flush = seen.index(("flush_done", 1))
    assert {number for _, number in seen[:flush]} == {1}
    assert {number for _, number in seen[flush + 1 :]} == {2}


def test_the_delivery_may_change_from_message_to_message(client: Cartesia) -> None:
    sizes: dict[int | None, int] = {}
    with client.tts.websocket_connect() as connection:
        context = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        for speed in (0.6, 1.5):
            context.push(SENTENCE, generation_config={"speed": speed}, flush=True)
        context.no_more_inputs()
        for event in context.receive():
            if event.type == "chunk":
                sizes[event.flush_id] = sizes.get(event.flush_id, 0) + len(event.audio or b"")
    slow, fast = sizes.values()
    assert slow > 1.5 * fast


def test_cancel_ends_its_context_alone(client: Cartesia) -> None:
    with client.tts.websocket_connect() as connection:
        dropped = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        kept = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        dropped.push("This will not be heard to its end. " * 10)
        kept.send(transcript=SENTENCE, continue_=False)
        dropped.cancel()
        assert [event for event in dropped.receive()] == []
        assert [event.type for event in kept.receive()][-1] == "done"


def test_an_error_ends_its_context_alone(client: Cartesia) -> None:
    with client.tts.websocket_connect() as connection:
        wrong = connection.context(model_id=MODEL, voice="no-such-voice", output_format=RAW)
        right = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        wrong.send(transcript=SENTENCE, continue_=False)
        right.send(transcript=SENTENCE, continue_=False)
        events = wrong.receive()
        error = events.__next__()
        assert error.type == "error"
        assert "voice" in error.error.lower()
        with pytest.raises(NotFoundError, match=r"[Vv]oice"):
            events.__next__()
        assert [event.type for event in right.receive()][-1] == "done"


def test_raw_messages(client: Cartesia) -> None:
    connection = client.tts.websocket_connect().enter()
    connection.send(
        {
            "model_id": MODEL,
            "transcript": SENTENCE,
            "voice": {"mode": "id", "id": VOICE},
            "output_format": RAW,
            "context_id": "raw",
        }
    )
    first = connection.recv()
    assert first.type == "chunk"
    kinds = list[str]()
    for event in connection:
        kinds.append(event.type)
        if event.type == "done":
            break
    assert kinds[-1] == "done"
    connection.close()


def test_raw_messages_without_an_id_get_one(client: Cartesia) -> None:
    message = {
        "model_id": MODEL,
        "transcript": SENTENCE,
        "voice": {"mode": "id", "id": VOICE},
        "output_format": RAW,
    }
    with client.tts.websocket_connect() as connection:
        ids = list[str]()
        for _ in range(2):
            connection.send(message)  # type: ignore[arg-type]  # as examples have it
            for event in connection:
                if event.type == "done":
                    ids.append(event.context_id)
                    break
        assert len(set(ids)) == 2
    assert "context_id" not in message


def test_a_loop_that_was_left_goes_on(client: Cartesia) -> None:
    audio = b""
    with client.tts.websocket_connect() as connection:
        context = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        context.send(transcript=SENTENCE, continue_=False)
        while context.state != "done":
            for event in context.receive():
                if event.type == "chunk":
                    audio += event.audio or b""
                break
        for event in context.receive():
            assert event.type != "error"
            if event.type == "chunk":
                audio += event.audio or b""
    heard = client.stt.transcribe(file=wav(audio), model="ink-whisper")
    assert heard.text.split() == SENTENCE.split()


def test_the_older_wrapper_still_speaks(client: Cartesia) -> None:
    with pytest.warns(DeprecationWarning, match="websocket_connect"):
        socket = client.tts.websocket()
    stream = socket.send(
        model_id=MODEL,
        transcript=SENTENCE,
        voice={"mode": "id", "id": VOICE},
        output_format=RAW,
        stream=True,
    )
    audio = b"".join([output.audio for output in stream if output.audio])
    assert audio == speak(client)
    with pytest.raises(ValueError, match="lacks 'voice'"):
        socket.send(model_id=MODEL, transcript=SENTENCE, output_format=RAW)
    socket.close()
