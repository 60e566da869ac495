"""Sound: playing, recording and WAV files, with a fake PortAudio and fake programs."""

from __future__ import annotations

import asyncio
import io
import os
import signal
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
    wav_header,
)
from cartesia.types import OutputFormatParam, RawOutputFormatParam, WebsocketResponse
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, WAV, wav

SECOND = b"\1\0" * 16000
LONGEST_WAIT = 10.0


class PortAudioError(Exception):
    """What PortAudio raises: no `OSError`."""


class FakeStream:
    """A stream of PortAudio that takes what it is given."""

    def __init__(self, **options: object) -> None:
        self.options = options
        self.played = b""
        self.calls: list[str] = []
        self.is_slow = False
        self.is_unplugged = False
        self.is_writing = False

    def start(self) -> None:
        self.calls.append("start")

    def write(self, data: bytes) -> None:
        self.is_writing = True
        if self.is_slow:
            time.sleep(0.05)
        self.is_writing = False
        if self.is_unplugged or "close" in self.calls:
            raise PortAudioError("Invalid stream pointer")
        self.played += data

    def stop(self) -> None:
        self.calls.append("stop")

    def abort(self) -> None:
        assert not self.is_writing, "PortAudio may crash: another thread still writes"
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
def no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """PortAudio, where there is no device."""

    def fail(**_options: object) -> None:
        raise PortAudioError("Error querying device -1")

    module = ModuleType("sounddevice")
    module.RawOutputStream = fail  # type: ignore[attr-defined]
    module.RawInputStream = fail  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sounddevice", module)


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


@pytest.mark.anyio
async def test_cancelling_while_the_device_opens_gives_it_back(
    streams: list[FakeStream], monkeypatch: pytest.MonkeyPatch
) -> None:
    began, go_on, closed = threading.Event(), threading.Event(), threading.Event()

    class SlowStream(FakeStream):
        def start(self) -> None:
            super().start()
            began.set()
            go_on.wait(LONGEST_WAIT)

        def close(self) -> None:
            super().close()
            closed.set()

    def open_stream(**options: object) -> FakeStream:
        streams.append(SlowStream(**options))
        return streams[-1]

    monkeypatch.setattr("sounddevice.RawOutputStream", open_stream)
    task = asyncio.create_task(play_async(SECOND, sample_rate=16000))
    assert await asyncio.to_thread(began.wait, LONGEST_WAIT)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, LONGEST_WAIT)
    go_on.set()
    assert await asyncio.to_thread(closed.wait, LONGEST_WAIT)
    assert streams[0].calls == ["start", "abort", "close"]


@pytest.fixture
def endless_player(program: Callable[[str], Path]) -> Iterator[Path]:
    """A program that plays on when all was given to it; the file that it then makes has its id."""
    heard = program("ffplay")
    script = heard.with_name("ffplay")
    script.write_text(
        f"#!{sys.executable}\nimport os, sys, time\nsys.stdin.buffer.read()\n"
        f"open('{heard}.part', 'w').write(str(os.getpid()))\n"
        f"os.rename('{heard}.part', {str(heard)!r})\ntime.sleep(60)\n"
    )
    yield heard
    assert not _is_running(int(heard.read_text())), "it still plays"


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _until_given(heard: Path) -> None:
    while not heard.exists():
        time.sleep(0.01)


@pytest.mark.anyio
async def test_cancelling_stops_the_sound_also_when_all_was_given_to_the_player(
    endless_player: Path,
) -> None:
    task = asyncio.create_task(play_async(SECOND, sample_rate=16000))
    await asyncio.wait_for(asyncio.to_thread(_until_given, endless_player), LONGEST_WAIT)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, LONGEST_WAIT)


def test_an_interrupt_stops_the_sound_also_when_all_was_given_to_the_player(
    endless_player: Path,
) -> None:
    def interrupt() -> None:
        _until_given(endless_player)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            play(SECOND, sample_rate=16000)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_speaker_that_is_stopped_while_it_finishes_finishes_at_once(
    endless_player: Path,
) -> None:
    speaker = Speaker(AudioFormat(16000))
    speaker.write(SECOND)
    finisher = threading.Thread(target=speaker.finish)
    finisher.start()
    _until_given(endless_player)
    speaker.stop()
    finisher.join(LONGEST_WAIT)
    assert not finisher.is_alive()


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


def test_a_program_plays_where_portaudio_has_no_device(
    program: Callable[[str], Path], request: pytest.FixtureRequest
) -> None:
    heard = program("ffplay")
    request.getfixturevalue("no_device")
    play(SECOND, sample_rate=16000)
    assert heard.read_bytes().endswith(SECOND)
    with pytest.raises(AudioError, match="cannot open the device: Error querying device -1"):
        play(SECOND, sample_rate=16000, device="headphones")  # alone, and not from the speakers


def test_without_a_device_or_a_program_the_error_says_what_portaudio_said(
    program: Callable[[str], Path], request: pytest.FixtureRequest
) -> None:
    del program
    request.getfixturevalue("no_device")
    with pytest.raises(AudioError, match=r"Error querying device -1; or install ffplay .* mpv"):
        play(SECOND, sample_rate=16000)


def test_a_microphone_that_is_missing_is_an_audio_error(no_device: None) -> None:
    del no_device
    with pytest.raises(AudioError, match="cannot open the device: Error querying device -1"):
        Microphone()


def test_portaudio_that_does_not_start_is_an_audio_error(
    program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    heard = program("ffplay")
    (tmp_path / "sounddevice.py").write_text(
        "class PortAudioError(Exception): pass\nraise PortAudioError('Error initializing')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice")
    with pytest.raises(AudioError, match="no PortAudio to record with"):
        Microphone()
    play(SECOND, sample_rate=16000)
    assert heard.read_bytes().endswith(SECOND)


@pytest.mark.parametrize("open_it", [Microphone, lambda: Speaker(AudioFormat(16000))])
def test_a_device_that_does_not_start_is_given_back(
    streams: list[FakeStream], monkeypatch: pytest.MonkeyPatch, open_it: Callable[[], object]
) -> None:
    def fail(_stream: FakeStream) -> None:
        raise PortAudioError("Error starting stream")

    monkeypatch.setattr(FakeStream, "start", fail)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AudioError, match="Error starting stream"):
        open_it()
    assert streams[0].calls == ["close"]


def test_a_device_that_is_unplugged_is_an_audio_error(streams: list[FakeStream]) -> None:
    def pieces() -> Iterator[bytes]:
        yield SECOND
        streams[0].is_unplugged = True
        yield SECOND

    with pytest.raises(AudioError, match="the device stopped playing: Invalid stream pointer"):
        play(pieces(), sample_rate=16000)
    assert streams[0].calls[-1] == "close"


@pytest.mark.parametrize(
    ("script", "match"),
    [
        ("import sys\nsys.stdin.buffer.read()\nsys.exit(2)", "ffplay failed with code 2"),
        ("import sys\nsys.stdin.close()", "ffplay (stopped playing|failed with code)"),
        (None, "nothing to play this with: .*ffplay cannot be run"),
    ],
)
def test_a_program_that_does_not_play_to_the_end_is_an_audio_error(
    program: Callable[[str], Path], tmp_path: Path, script: str | None, match: str
) -> None:
    program("ffplay")
    interpreter = sys.executable if script else tmp_path / "none"
    (tmp_path / "ffplay").write_text(f"#!{interpreter}\n{script}\n")
    with pytest.raises(AudioError, match=match):
        play(SECOND * 10, sample_rate=16000)


def test_a_program_that_cannot_be_run_leaves_it_to_the_next(
    program: Callable[[str], Path], tmp_path: Path
) -> None:
    program("ffplay")
    (tmp_path / "ffplay").write_text(f"#!{tmp_path / 'none'}\n")
    heard = program("mpv")
    play(SECOND, sample_rate=16000)
    assert heard.read_bytes().endswith(SECOND)


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


def test_a_wav_header_without_a_length_has_the_longest(streams: list[FakeStream]) -> None:
    data = wav_header(AudioFormat(16000)) + SECOND
    assert data[:8] == b"RIFF\xff\xff\xff\xff"
    assert data[36:44] == b"data\xff\xff\xff\xff"
    play(data)
    assert streams[0].played == SECOND
    assert wav_header(AudioFormat(16000), len(SECOND)) + SECOND == to_wav(data)
    assert wav_header(AudioFormat(16000), 2**33) == wav_header(AudioFormat(16000))


@pytest.mark.parametrize(
    "audio_format", [AudioFormat(16000, "mp3"), AudioFormat(0), AudioFormat(-1), AudioFormat(2**32)]
)
def test_a_form_that_cannot_be_right_is_an_audio_error(audio_format: AudioFormat) -> None:
    with pytest.raises(AudioError):
        wav_header(audio_format)
    if audio_format.encoding == "mp3":
        with pytest.raises(AudioError, match="encoding must be one of pcm_s16le"):
            Speaker(audio_format)


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


def test_a_microphone_whose_closing_is_interrupted_ends_for_its_reader(
    streams: list[FakeStream], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_stream: FakeStream) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeStream, "abort", interrupt)
    microphone = Microphone()
    streams[0].record(b"ab")
    with pytest.raises(KeyboardInterrupt):
        microphone.close()
    assert list(microphone) == [b"ab"]


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
