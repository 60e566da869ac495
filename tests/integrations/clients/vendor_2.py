"""The vendor's package 2.0.17, of the years before: versions 2024-11-13 and 2024-06-10, embeddings, `wss` almost always."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import AsyncIterator
from typing import Any

from checks import (
    KEY,
    LONG,
    TEXT,
    assert_part,
    assert_said,
    assert_same,
    check,
    heard,
    main,
    pieces,
    speech,
)

from cartesia import AsyncCartesia, Cartesia
from cartesia.core.api_error import ApiError

RATE = 44100
SARAH = {"mode": "id", "id": "694f9389-aac1-45b6-b726-9d9369183238"}
RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": RATE}


def local(url: str) -> str:
    """Return the address under the one name for which this package does not force TLS on sockets."""
    return url.replace("127.0.0.1", "localhost")


def client(url: str, key: str = KEY) -> Cartesia:
    return Cartesia(api_key=key, base_url=local(url))


def async_client(url: str) -> AsyncCartesia:
    return AsyncCartesia(api_key=KEY, base_url=local(url))


@check
def speaks_over_http(url: str) -> None:
    audio = b"".join(
        client(url).tts.bytes(
            model_id="sonic-2", transcript=TEXT, voice=SARAH, language="en", output_format=RAW
        )
    )
    assert_said(url, TEXT, audio, RATE)


@check
def speaks_by_an_embedding(url: str) -> None:
    voice = {"mode": "embedding", "embedding": [number / 192 for number in range(192)]}
    audio = b"".join(
        client(url).tts.bytes(
            model_id="sonic-2", transcript=TEXT, voice=voice, language="en", output_format=RAW
        )
    )
    assert_said(url, TEXT, audio, RATE)


@check
async def speaks_async(url: str) -> None:
    audio = b""
    async for chunk in async_client(url).tts.bytes(
        model_id="sonic-2", transcript=TEXT, voice=SARAH, language="en", output_format=RAW
    ):
        audio += chunk
    assert_said(url, TEXT, audio, RATE)


@check
def streams_events(url: str) -> None:
    events = client(url).tts.sse(
        model_id="sonic-2",
        transcript=TEXT,
        voice=SARAH,
        language="en",
        output_format=RAW,
        add_timestamps=True,
    )
    audio, timed = b"", []
    for event in events:
        if event.type == "chunk":
            audio += base64.b64decode(event.data)
        elif event.type == "timestamps":
            timed += event.word_timestamps.words
    assert_said(url, TEXT, audio, RATE)
    assert_same(TEXT, " ".join(timed))


@check
def speaks_over_a_socket(url: str) -> None:
    socket = client(url).tts.websocket()
    answers = list(
        socket.send(
            model_id="sonic-2", transcript=TEXT, voice=SARAH, output_format=RAW, add_timestamps=True
        )
    )
    socket.close()
    assert_said(url, TEXT, b"".join(each.audio for each in answers if each.audio), RATE)
    timed = [
        word for each in answers if each.word_timestamps for word in each.word_timestamps.words
    ]
    assert_same(TEXT, " ".join(timed))


@check
def streams_pieces_over_a_socket(url: str) -> None:
    socket = client(url).tts.websocket()
    context = socket.context()
    texts = iter(["The road ", "goes ever ", "on and ", "on."])
    audio = b"".join(
        answer.audio
        for answer in context.send(
            model_id="sonic-2", transcript=texts, voice=SARAH, output_format=RAW
        )
        if answer.audio
    )
    socket.close()
    assert_said(url, "The road goes ever on and on.", audio, RATE)


@check
async def ends_and_flushes_with_settings_of_its_own(url: str) -> None:
    socket = await async_client(url).tts.websocket()
    context = socket.context()
    say: Any = {"model_id": "sonic-2", "voice": SARAH, "output_format": RAW, "continue_": True}
    await context.send(transcript="Stay hungry, ", **say)
    before = await context.flush()
    await context.send(transcript="stay foolish.", **say)
    await context.no_more_inputs()
    first = await collected(before())
    second = await collected(context.receive())
    await socket.close()
    assert_said(url, "Stay hungry,", first, RATE)
    assert_said(url, "stay foolish.", second, RATE)


async def collected(answers: AsyncIterator[Any]) -> bytes:
    audio = b""
    async for answer in answers:
        audio += (answer["audio"] if isinstance(answer, dict) else answer.audio) or b""
    return audio


@check
async def an_interruption_leaves_the_next_utterance_whole(url: str) -> None:
    socket = await async_client(url).tts.websocket()
    say: Any = {"model_id": "sonic-2", "voice": SARAH, "output_format": RAW}
    context = socket.context()
    await context.send(transcript=LONG, continue_=True, **say)
    audio = b""
    async for answer in context.receive():
        audio += answer.audio or b""
        if len(audio) > 2 * RATE:
            break
    await context.cancel()
    following = await collected(await socket.send(transcript=TEXT, **say))
    await socket.close()
    assert_part(LONG, heard(url, audio, RATE).rpartition(" ")[0])
    assert_said(url, TEXT, following, RATE)


@check
def transcribes_a_file(url: str) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setparams((1, 2, 16000, 0, "NONE", ""))
        written.writeframes(speech(url, TEXT, 16000))
    answer = client(url).stt.transcribe(
        file=("said.wav", file.getvalue(), "audio/wav"),
        model="ink-whisper",
        language="en",
        timestamp_granularities=["word"],
    )
    assert_same(TEXT, answer.text)


@check
def listens(url: str) -> None:
    audio = speech(url, TEXT, 16000)
    socket = client(url).stt.websocket(
        model="ink-whisper", language="en", encoding="pcm_s16le", sample_rate=16000
    )
    answers = list(socket.transcribe(iter(pieces(audio, 16000))))
    finals = [each["text"] for each in answers if each["type"] == "transcript" and each["is_final"]]
    assert_same(TEXT, "".join(finals))
    assert answers[-1]["type"] == "done"


@check
def a_wrong_key_is_refused(url: str) -> None:
    try:
        list(
            client(url, "wrong").tts.bytes(
                model_id="sonic-2", transcript=TEXT, voice=SARAH, language="en", output_format=RAW
            )
        )
    except ApiError as error:
        assert error.status_code == 401
    else:
        raise AssertionError("it spoke")
    try:
        client(url, "wrong").tts.websocket()
    except RuntimeError as error:
        assert "401" in str(error)
    else:
        raise AssertionError("it connected")


@check
def an_unknown_voice_is_refused_with_the_reason(url: str) -> None:
    nobody = {"mode": "id", "id": "nobody"}
    socket = client(url).tts.websocket()
    try:
        list(socket.send(model_id="sonic-2", transcript=TEXT, voice=nobody, output_format=RAW))
    except RuntimeError as error:
        assert "Voice not found" in str(error), error
    else:
        raise AssertionError("it spoke")


if __name__ == "__main__":
    main()
