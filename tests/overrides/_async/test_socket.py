"""Text to speech over a WebSocket: several contexts at once, on the mock."""

from __future__ import annotations

from functools import partial

import pytest

from cartesia import AsyncCartesia, ClientClosedError, NotFoundError
from tests.overrides._async.primitives import gather
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, wav

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


async def speak(client: AsyncCartesia) -> bytes:
    response = await client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
    )
    return await response.read()


async def test_a_closed_client_opens_no_sockets(mock_url: str) -> None:
    async with AsyncCartesia(api_key="good", base_url=mock_url) as closed:
        manager = closed.tts.websocket_connect()
    with pytest.raises(ClientClosedError, match="the client was closed; make a new one"):
        await manager.__aenter__()
    stream = closed.tts.stream(transcript=SENTENCE, model_id=MODEL, voice=VOICE, output_format=RAW)
    with pytest.raises(ClientClosedError):
        await stream.__anext__()


async def test_one_context_fed_word_by_word(client: AsyncCartesia) -> None:
    audio, words, kinds = b"", list[str](), list[str]()
    async with client.tts.websocket_connect() as connection:
        context = connection.context(
            model_id=MODEL, voice=VOICE, output_format=RAW, add_timestamps=True
        )
        for word in SENTENCE.split(" "):
            await context.push(word + " ")
        await context.no_more_inputs()
        await context.no_more_inputs()  # idempotent
        with pytest.raises(ValueError, match="no_more_inputs"):
            await context.push("more")
        async for event in context.receive():
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
    heard = await client.stt.transcribe(file=wav(audio), model="ink-whisper")
    assert heard.text.split() == SENTENCE.split()


async def test_three_contexts_at_once_do_not_mix(client: AsyncCartesia) -> None:
    sentences = ["One goes here.", "Two goes there, slowly.", "Three goes anywhere it likes."]
    async with client.tts.websocket_connect() as connection:

        async def converse(sentence: str) -> list[str]:
            words = list[str]()
            context = connection.context(
                model_id=MODEL, voice=VOICE, output_format=RAW, add_timestamps=True
            )
            for word in sentence.split(" "):
                await context.push(word + " ")
            await context.no_more_inputs()
            async for event in context.receive(timeout=20):
                if event.type == "timestamps" and event.word_timestamps:
                    words += event.word_timestamps.words
            return words

        spoken = await gather(*(partial(converse, sentence) for sentence in sentences))
    assert spoken == [sentence.split() for sentence in sentences]


async def test_flush_tells_which_text_made_which_audio(client: AsyncCartesia) -> None:
    async with client.tts.websocket_connect() as connection:
        context = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        await context.push("First. ")
        await context.push("", flush=True)
        await context.push("Second.")
        await context.no_more_inputs()
        seen = [
            (event.type, event.flush_id)
            async for event in context.receive()
            if event.type in {"chunk", "flush_done"}
        ]
    flush = seen.index(("flush_done", 1))
    assert {number for _, number in seen[:flush]} == {1}
    assert {number for _, number in seen[flush + 1 :]} == {2}


async def test_the_delivery_may_change_from_message_to_message(client: AsyncCartesia) -> None:
    sizes: dict[int | None, int] = {}
    async with client.tts.websocket_connect() as connection:
        context = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        for speed in (0.6, 1.5):
            await context.push(SENTENCE, generation_config={"speed": speed}, flush=True)
        await context.no_more_inputs()
        async for event in context.receive():
            if event.type == "chunk":
                sizes[event.flush_id] = sizes.get(event.flush_id, 0) + len(event.audio or b"")
    slow, fast = sizes.values()
    assert slow > 1.5 * fast


async def test_cancel_ends_its_context_alone(client: AsyncCartesia) -> None:
    async with client.tts.websocket_connect() as connection:
        dropped = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        kept = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        await dropped.push("This will not be heard to its end. " * 10)
        await kept.send(transcript=SENTENCE, continue_=False)
        await dropped.cancel()
        assert [event async for event in dropped.receive()] == []
        assert [event.type async for event in kept.receive()][-1] == "done"


async def test_an_error_ends_its_context_alone(client: AsyncCartesia) -> None:
    async with client.tts.websocket_connect() as connection:
        wrong = connection.context(model_id=MODEL, voice="no-such-voice", output_format=RAW)
        right = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        await wrong.send(transcript=SENTENCE, continue_=False)
        await right.send(transcript=SENTENCE, continue_=False)
        events = wrong.receive()
        error = await events.__anext__()
        assert error.type == "error"
        assert "voice" in error.error.lower()
        with pytest.raises(NotFoundError, match=r"[Vv]oice"):
            await events.__anext__()
        assert [event.type async for event in right.receive()][-1] == "done"


async def test_raw_messages(client: AsyncCartesia) -> None:
    connection = await client.tts.websocket_connect().enter()
    await connection.send(
        {
            "model_id": MODEL,
            "transcript": SENTENCE,
            "voice": {"mode": "id", "id": VOICE},
            "output_format": RAW,
            "context_id": "raw",
        }
    )
    first = await connection.recv()
    assert first.type == "chunk"
    kinds = list[str]()
    async for event in connection:
        kinds.append(event.type)
        if event.type == "done":
            break
    assert kinds[-1] == "done"
    await connection.close()


async def test_raw_messages_without_an_id_get_one(client: AsyncCartesia) -> None:
    message = {
        "model_id": MODEL,
        "transcript": SENTENCE,
        "voice": {"mode": "id", "id": VOICE},
        "output_format": RAW,
    }
    async with client.tts.websocket_connect() as connection:
        ids = list[str]()
        for _ in range(2):
            await connection.send(message)  # type: ignore[arg-type]  # as examples have it
            async for event in connection:
                if event.type == "done":
                    ids.append(event.context_id)
                    break
        assert len(set(ids)) == 2
    assert "context_id" not in message


async def test_a_loop_that_was_left_goes_on(client: AsyncCartesia) -> None:
    audio = b""
    async with client.tts.websocket_connect() as connection:
        context = connection.context(model_id=MODEL, voice=VOICE, output_format=RAW)
        await context.send(transcript=SENTENCE, continue_=False)
        while context.state != "done":
            async for event in context.receive():
                if event.type == "chunk":
                    audio += event.audio or b""
                break
        async for event in context.receive():
            assert event.type != "error"
            if event.type == "chunk":
                audio += event.audio or b""
    heard = await client.stt.transcribe(file=wav(audio), model="ink-whisper")
    assert heard.text.split() == SENTENCE.split()


async def test_the_older_wrapper_still_speaks(client: AsyncCartesia) -> None:
    with pytest.warns(DeprecationWarning, match="websocket_connect"):
        socket = await client.tts.websocket()
    stream = await socket.send(
        model_id=MODEL,
        transcript=SENTENCE,
        voice={"mode": "id", "id": VOICE},
        output_format=RAW,
        stream=True,
    )
    audio = b"".join([output.audio async for output in stream if output.audio])
    assert audio == await speak(client)
    with pytest.raises(ValueError, match="lacks 'voice'"):
        await socket.send(model_id=MODEL, transcript=SENTENCE, output_format=RAW)
    await socket.close()
