"""Sound: playing, recording and WAV files, with a fake PortAudio and fake programs."""

from __future__ import annotations

import asyncio
import io
import stat
import struct
import sys
import threading
import time
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from cartesia import AsyncCartesia, BinaryAPIResponse, Cartesia, SpeechStream
from cartesia.audio import (
    AudioError,
    AudioFormat,
    Microphone,
    Speaker,
    play,
    play_async,
    to_html,
    to_wav,
)
from cartesia.types import OutputFormatParam, RawOutputFormatParam, WebsocketResponse
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, WAV, wav

SECOND = b"\1\0" * 16000


class FakeStream:
    """A stream of PortAudio that takes what it is given."""

    def __init__(self, **options: object) -> None:
        self.options = options
        self.played = b""
        self.calls: list[str] = []
        self.is_slow = False

    def start(self) -> None:
        self.calls.append("start")

    def write(self, data: bytes) -> None:
        if self.is_slow:
            time.sleep(0.05)
        if "abort" in self.calls:
            raise OSError("the stream is closed")
        self.played += data

    def stop(self) -> None:
        self.calls.append("stop")

    def abort(self) -> None:
        self.calls.append("abort")

    def close(self) -> None:
        self.calls.append("close")

    def record(self, data: bytes, status: object = None) -> None:
        """Call back as PortAudio does, from another thread."""
        callback = self.options["callback"]
        assert callable(callback)
        thread = threading.Thread(target=callback, args=(data, len(data) // 2, None, status))
        thread.start()
        thread.join()


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[FakeStream]:
    """What was opened of a fake PortAudio."""
    opened: list[FakeStream] = []

    def open_stream(**options: object) -> FakeStream:
        opened.append(FakeStream(**options))
        return opened[-1]

    module = ModuleType("sounddevice")
    module.RawOutputStream = open_stream  # type: ignore[attr-defined]
    module.RawInputStream = open_stream  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return opened


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Puts a program on an otherwise empty PATH, without PortAudio; it keeps what it reads."""
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    monkeypatch.setenv("PATH", str(tmp_path))

    def install(name: str) -> Path:
        script, heard = tmp_path / name, tmp_path / f"{name}.heard"
        script.write_text(
            f"#!{sys.executable}\nimport sys\n"
            f"open({str(heard)!r}, 'wb').write(sys.stdin.buffer.read())\n"
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return heard

    return install


def test_an_answer_is_played_as_it_was_requested(streams: list[FakeStream], mock_url: str) -> None:
    with Cartesia(api_key="good", base_url=mock_url) as client:
        for output_format in (RAW, WAV):
            play(
                client.tts.generate(
                    model_id=MODEL, voice=VOICE, transcript=SENTENCE, output_format=output_format
                )
            )
    raw, from_wav = streams
    assert raw.options["samplerate"] == 16000
    assert raw.options["dtype"] == "int16"
    assert raw.calls == ["start", "stop", "close"]
    assert len(raw.played) > 16000
    assert raw.played == from_wav.played


def test_streams_are_played_event_by_event(streams: list[FakeStream], mock_url: str) -> None:
    with Cartesia(api_key="good", base_url=mock_url) as client:
        play(
            client.tts.generate_sse(
                model_id=MODEL, voice=VOICE, transcript=SENTENCE, output_format=RAW
            )
        )
        with client.tts.stream(
            transcript=SENTENCE, model_id=MODEL, voice=VOICE, output_format=RAW
        ) as stream:
            play(stream)
            assert stream.output_format == RAW
        mulaw: RawOutputFormatParam = {**RAW, "encoding": "pcm_mulaw", "sample_rate": 8000}
        play(
            client.tts.stream(transcript=SENTENCE, model_id=MODEL, voice=VOICE, output_format=mulaw)
        )
    assert [len(stream.played) > 16000 for stream in streams] == [True, True, True]
    assert [stream.options["samplerate"] for stream in streams] == [16000, 16000, 8000]


@pytest.mark.anyio
async def test_async_streams_are_played(streams: list[FakeStream], mock_url: str) -> None:
    async with AsyncCartesia(api_key="good", base_url=mock_url) as client:
        settings = {"model_id": MODEL, "voice": VOICE, "transcript": SENTENCE}
        await play_async(await client.tts.generate(**settings, output_format=WAV))  # type: ignore[arg-type]
        await play_async(await client.tts.generate_sse(**settings, output_format=RAW))  # type: ignore[arg-type]
        await play_async(client.tts.stream(**settings, output_format=RAW))  # type: ignore[arg-type]
    assert [len(stream.played) > 16000 for stream in streams] == [True, True, True]


def test_the_first_piece_is_heard_before_the_second_comes(streams: list[FakeStream]) -> None:
    heard: list[int] = []

    def pieces() -> Iterator[bytes]:
        yield SECOND
        heard.append(len(streams[0].played))
        yield SECOND

    play(pieces(), sample_rate=16000)
    assert heard == [len(SECOND)]


def test_samples_may_be_cut_anywhere(streams: list[FakeStream]) -> None:
    data = bytes(range(200)) * 10
    play((data[i : i + 7] for i in range(0, len(data), 7)), sample_rate=8000)
    assert streams[0].played == data


@pytest.mark.parametrize("encoding", ["pcm_mulaw", "pcm_alaw"])
def test_companded_samples_are_expanded(streams: list[FakeStream], encoding: str) -> None:
    play(bytes(range(256)) * 4, sample_rate=8000, encoding=encoding)
    samples = struct.unpack("<256h", streams[0].played[:512])
    low, high = (samples[:128], samples[128:])
    assert sorted(-value for value in low) == sorted(high)
    largest = {"pcm_mulaw": 32124, "pcm_alaw": 32256}[encoding]
    smallest = {"pcm_mulaw": 0, "pcm_alaw": 8}[encoding]
    assert (max(samples), min(high)) == (largest, smallest)


def test_an_interrupt_stops_the_sound(streams: list[FakeStream]) -> None:
    def pieces() -> Iterator[bytes]:
        yield SECOND
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play(pieces(), sample_rate=16000)
    assert streams[0].calls == ["start", "abort", "close"]


def _until_heard(streams: list[FakeStream]) -> None:
    while not streams or not streams[0].played:
        time.sleep(0.01)


@pytest.mark.anyio
async def test_cancelling_stops_the_sound(streams: list[FakeStream]) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield SECOND
        await asyncio.sleep(60)

    task = asyncio.create_task(play_async(pieces(), sample_rate=16000))
    await asyncio.wait_for(asyncio.to_thread(_until_heard, streams), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert streams[0].calls == ["start", "abort", "close"]


def test_a_speaker_stopped_from_another_thread_is_silent_at_once(
    streams: list[FakeStream],
) -> None:
    speaker = Speaker(AudioFormat(16000))
    streams[0].is_slow = True
    writer = threading.Thread(target=speaker.write, args=(SECOND * 60,))
    writer.start()
    while not streams[0].played:
        time.sleep(0.01)
    speaker.stop()
    writer.join(5)
    assert not writer.is_alive()
    assert len(streams[0].played) < len(SECOND) * 10


@pytest.mark.parametrize("name", ["ffplay", "mpv"])
def test_a_program_plays_where_there_is_no_portaudio(
    program: Callable[[str], Path], name: str
) -> None:
    heard = program(name)
    play(SECOND, sample_rate=16000)
    data = heard.read_bytes()
    assert data[:4] == b"RIFF"
    assert data.endswith(SECOND)


def test_mp3_is_given_to_a_program_as_it_is(program: Callable[[str], Path]) -> None:
    heard = program("mpv")
    play(b"ID3" + bytes(1000))
    assert heard.read_bytes() == b"ID3" + bytes(1000)


def test_without_anything_to_play_with_the_error_names_what_to_install(
    program: Callable[[str], Path],
) -> None:
    del program
    with pytest.raises(AudioError, match=r"PortAudio \(pip install .*ffplay .*mpv"):
        play(SECOND, sample_rate=16000)
    with pytest.raises(AudioError, match="no PortAudio to record with: install PortAudio") as none:
        Microphone()
    assert "mpv" not in str(none.value), "it only plays"


@pytest.mark.parametrize(
    ("source", "options", "match"),
    [
        (SECOND, {}, "give sample_rate="),
        (b"\xff\xff" * 1000, {}, "neither WAV nor MP3: give sample_rate="),
        (b"", {}, "no audio in it"),
        (SECOND, {"sample_rate": 8000, "encoding": "pcm"}, "encoding must be one of pcm_s16le"),
        (b"RIFF" + bytes(1000), {}, "without samples"),
    ],
)
def test_audio_of_unknown_form_is_refused(
    source: bytes, options: dict[str, object], match: str
) -> None:
    with pytest.raises(AudioError, match=match):
        to_wav(source, **options)  # type: ignore[arg-type]


def test_a_wav_file_has_true_lengths() -> None:
    for data in (to_wav(SECOND, sample_rate=16000), to_wav(wav(SECOND))):
        with wave.open(io.BytesIO(data)) as file:
            assert (file.getframerate(), file.getnframes(), file.getnchannels()) == (
                16000,
                16000,
                1,
            )


def test_a_notebook_gets_a_player() -> None:
    assert to_html(SECOND, sample_rate=16000).startswith(
        '<audio controls src="data:audio/wav;base64,UklGR'
    )
    assert "data:audio/mpeg;base64,SUQz" in to_html(b"ID3" + bytes(100))


def _shown(value: object) -> str | None:
    """Show a value as IPython does."""
    html: str | None = value._repr_html_()  # type: ignore[attr-defined]  # the name that IPython knows
    return html


@pytest.mark.parametrize("output_format", [RAW, WAV])
def test_an_answer_that_was_read_shows_itself_as_a_player(
    mock_url: str, output_format: OutputFormatParam
) -> None:
    with Cartesia(api_key="good", base_url=mock_url) as client:
        for read in (BinaryAPIResponse.read, BinaryAPIResponse.iter_bytes):
            speech = client.tts.generate(
                model_id=MODEL, voice=VOICE, transcript=SENTENCE, output_format=output_format
            )
            assert _shown(speech) is None, "it is not read by being shown"
            assert not speech.is_closed
            assert len(list(read(speech))) > 1
            assert _shown(speech) == to_html(speech)


@pytest.mark.anyio
async def test_answers_and_streams_of_the_async_client_show_themselves_too(
    mock_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    settings = {"model_id": MODEL, "voice": VOICE, "transcript": SENTENCE, "output_format": RAW}
    async with AsyncCartesia(api_key="good", base_url=mock_url) as client:
        speech = await client.tts.generate(**settings)  # type: ignore[arg-type]
        assert _shown(speech) is None
        player = to_html(await speech.read(), sample_rate=16000)
        assert _shown(speech) == player
        stream = client.tts.stream(**settings)  # type: ignore[arg-type]
        player = to_html([event async for event in stream], sample_rate=16000)
        assert _shown(stream) == player


def test_a_stream_shows_itself_in_a_notebook_when_it_was_read_to_its_end(
    mock_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    with Cartesia(api_key="good", base_url=mock_url) as client:

        def speak() -> SpeechStream[WebsocketResponse]:
            return client.tts.stream(
                transcript=SENTENCE, model_id=MODEL, voice=VOICE, output_format=RAW
            )

        stream = speak()
        assert _shown(stream) is None, "it is not begun by being shown"
        assert (stream.context_id, stream.output_format) == (None, None)
        player = to_html(list(stream), sample_rate=16000)
        assert _shown(stream) == player
        with speak() as left:
            next(left)
            assert _shown(left) is None
        assert _shown(left) is None
        monkeypatch.delitem(sys.modules, "IPython")
        elsewhere = speak()
        assert list(elsewhere)
        assert _shown(elsewhere) is None, "its audio is kept for notebooks alone"


def test_what_is_no_audio_or_not_whole_or_not_known_shows_no_player(mock_url: str) -> None:
    with Cartesia(api_key="good", base_url=mock_url) as client:
        settings = {"model_id": MODEL, "voice": VOICE, "transcript": SENTENCE}
        cut = client.tts.generate(**settings, output_format=RAW)  # type: ignore[arg-type]
        next(cut.iter_bytes())
        cut.close()
        assert _shown(cut) is None
        with client.tts.with_streaming_response.generate(**settings, output_format=WAV) as streamed:  # type: ignore[arg-type]
            assert len(b"".join(streamed.iter_bytes())) > 16000
            assert _shown(streamed) is None, "it was not kept"
        # Raw samples, of a form that was not asked for in JSON.
        changed = client.voice_changer.generate(
            clip=wav(SECOND),
            voice_id=VOICE,
            output_format_container="raw",
            output_format_sample_rate=16000,
            output_format_encoding="pcm_s16le",
        )
        assert changed.read()
        assert _shown(changed) is None
        assert repr(changed).startswith("<BinaryAPIResponse [200 ")


def test_a_microphone_gives_pieces_until_it_is_closed(streams: list[FakeStream]) -> None:
    with Microphone(8000, milliseconds=20) as microphone:
        assert streams[0].options["blocksize"] == 160
        streams[0].record(b"ab")
        streams[0].record(b"cd", status="input overflow")
    assert list(microphone) == [b"ab", b"cd"]
    assert list(microphone) == []
    assert microphone.overflows == 1
    assert streams[0].calls == ["start", "abort", "close"]


@pytest.mark.anyio
async def test_a_microphone_is_read_by_async_for(streams: list[FakeStream]) -> None:
    async with Microphone() as microphone:
        heard: list[bytes] = []

        pieces = microphone.__aiter__()
        for piece in (b"ab", b"cd"):
            next_piece = asyncio.ensure_future(pieces.__anext__())
            await asyncio.sleep(0)  # it waits by now
            await asyncio.to_thread(streams[0].record, piece)
            heard.append(await asyncio.wait_for(next_piece, 5))
    heard += [piece async for piece in pieces]
    assert heard == [b"ab", b"cd"]
