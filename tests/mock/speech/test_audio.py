"""Sound as bytes: every encoding reads back as the same sound, in pieces as at once."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from cartesia_mock.speech import Samples
from cartesia_mock.speech.audio import (
    PCM_ENCODINGS,
    SAMPLE_BYTES,
    Container,
    Encoder,
    PCMEncoding,
    RawEncoding,
    UnreadableAudioError,
    decode,
    encode,
    pack,
    resample,
    resampled_length,
    unpack,
)
from tests.mock.speech.ffmpeg import draw, play, record

RATES = [8000, 16000, 22050, 24000, 44100, 48000]
RAW: list[RawEncoding] = ["pcm_f32le", "pcm_s16le", "pcm_mulaw", "pcm_alaw"]
LEAST_SNR: dict[PCMEncoding, float] = {
    "pcm_f32le": 120,
    "pcm_s32le": 120,
    "pcm_s16le": 75,
    "pcm_f16le": 60,
    "pcm_mulaw": 32,
    "pcm_alaw": 32,
}


def chirp(seconds: float = 1.0, rate: int = 22050) -> Samples:
    time = np.arange(round(seconds * rate)) / rate
    wave = 0.5 * np.sin(2 * np.pi * (200 * time + 900 * time**2))
    return (wave * np.minimum(1, 20 * time)).astype(np.float32)


def snr(truth: Samples, heard: Samples) -> float:
    noise = float(np.square(truth - heard).sum()) + 1e-20
    return 10 * float(np.log10(np.square(truth).sum() / noise))


@pytest.mark.parametrize("encoding", PCM_ENCODINGS)
def test_headerless_audio_round_trips(encoding: PCMEncoding) -> None:
    samples, rate = decode(pack(chirp(), encoding), encoding=encoding, sample_rate=22050)
    assert rate == 22050
    assert snr(chirp(), samples) > LEAST_SNR[encoding]


@pytest.mark.parametrize(("encoding", "codec"), [("pcm_mulaw", "mulaw"), ("pcm_alaw", "alaw")])
def test_companding_equals_that_of_ffmpeg(encoding: RawEncoding, codec: str) -> None:
    every_code = bytes(range(256))
    assert np.array_equal(unpack(every_code, encoding), play(every_code, codec))
    # Mu-law writes zero in two ways: the negative one comes back as the positive one.
    again = pack(unpack(every_code, encoding), encoding)
    assert [one for one, two in zip(every_code, again, strict=True) if one != two] in ([], [0x7F])


@pytest.mark.parametrize("encoding", PCM_ENCODINGS)
def test_loud_samples_are_clipped(encoding: PCMEncoding) -> None:
    loud = np.array([-9.0, -1.0, 1.0, 9.0], dtype=np.float32)
    back = unpack(pack(loud, encoding), encoding)
    assert float(np.abs(back).max()) <= 1.0
    assert back[0] == back[1] < -0.97
    assert back[2] == back[3] > 0.97


def test_nan_becomes_silence() -> None:
    data = np.array([np.nan, np.inf, 0.5], dtype="<f4").tobytes()
    assert unpack(data, "pcm_f32le").tolist() == [0.0, 1.0, 0.5]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("encoding", RAW)
def test_wav_round_trips_and_has_its_length(encoding: RawEncoding, rate: int) -> None:
    data = encode(chirp(), 22050, "wav", encoding=encoding, sample_rate=rate)
    samples, found = decode(data)
    truth = resample(chirp(), 22050, rate)
    assert (found, len(samples)) == (rate, len(truth))
    assert snr(truth, samples) > LEAST_SNR[encoding]
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    at = data.index(b"data")
    assert struct.unpack("<I", data[at + 4 : at + 8])[0] == len(truth) * SAMPLE_BYTES[encoding]


@pytest.mark.parametrize(
    ("encoding", "tag", "has_fact"),
    [
        ("pcm_s16le", 1, False),
        ("pcm_f32le", 3, True),
        ("pcm_alaw", 6, True),
        ("pcm_mulaw", 7, True),
    ],
)
def test_wav_header_names_its_format(encoding: RawEncoding, tag: int, has_fact: bool) -> None:
    header = Encoder("wav", encoding=encoding, sample_rate=16000).header(2205)
    name, size, found, channels, rate, byte_rate, width, bits = struct.unpack(
        "<4sIHHIIHH", header[12:36]
    )
    assert (name, found, channels, rate) == (b"fmt ", tag, 1, 16000)
    assert (width, bits) == (SAMPLE_BYTES[encoding], 8 * SAMPLE_BYTES[encoding])
    assert byte_rate == 16000 * width
    assert size == (18 if has_fact else 16)
    assert (b"fact" in header) is has_fact
    if has_fact:
        at = header.index(b"fact")
        assert struct.unpack("<II", header[at + 4 : at + 12]) == (4, 1600)


def test_wav_of_unknown_length_is_read_until_its_end() -> None:
    encoder = Encoder("wav", encoding="pcm_s16le", sample_rate=24000)
    data = encoder.header() + encoder.feed(chirp()) + encoder.finish()
    samples, rate = decode(data)
    assert (rate, len(samples)) == (24000, 24000)


def test_wav_of_odd_size_is_padded() -> None:
    data = encode(chirp()[:101], 22050, "wav", encoding="pcm_alaw", sample_rate=22050)
    assert len(data) % 2 == 0
    assert len(decode(data)[0]) == 101


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("bit_rate", [32000, 64000, 96000, 128000, 192000])
def test_mp3_round_trips(rate: int, bit_rate: int) -> None:
    data = encode(chirp(), 22050, "mp3", sample_rate=rate, bit_rate=bit_rate)
    samples, found = decode(data)
    assert found == rate
    truth = resample(chirp(), 22050, rate)
    lag = int(np.correlate(samples, truth, "valid").argmax())
    assert snr(truth, samples[lag : lag + len(truth)]) > 12
    if rate >= 44100:
        assert len(data) * 8 == pytest.approx(bit_rate * len(samples) / rate, rel=0.05)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("container", "encoding"), [("mp3", None), *(("wav", one) for one in RAW), ("raw", "pcm_f32le")]
)
@pytest.mark.parametrize("step", [1, 317, 5000])
def test_streamed_parts_are_the_file(
    container: Container, encoding: RawEncoding | None, rate: int, step: int
) -> None:
    samples = chirp(0.2)
    whole = encode(samples, 22050, container, encoding=encoding, sample_rate=rate)
    encoder = Encoder(container, encoding=encoding, sample_rate=rate)
    pieces = [encoder.header(len(samples))]
    pieces += [encoder.feed(samples[at : at + step]) for at in range(0, len(samples), step)]
    assert b"".join([*pieces, encoder.finish()]) == whole


def test_stream_gives_bytes_before_its_end() -> None:
    encoder = Encoder("raw", encoding="pcm_s16le", sample_rate=44100)
    assert len(encoder.feed(chirp(0.1))) > 44100 * 2 * 0.09


@pytest.mark.parametrize("container", ["raw", "wav", "mp3"])
def test_no_samples_encode_to_no_audio(container: Container) -> None:
    encoder = Encoder(container, encoding="pcm_s16le", sample_rate=16000)
    assert len(encoder.feed(np.zeros(0, dtype=np.float32)) + encoder.finish()) < 1000


def test_raw_needs_an_encoding() -> None:
    with pytest.raises(ValueError, match="needs an encoding"):
        Encoder("raw")


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("count", [1, 2, 63, 1000, 22051])
def test_resampled_sound_has_its_exact_length(count: int, rate: int) -> None:
    assert len(resample(chirp(2)[:count], 22050, rate)) == resampled_length(count, 22050, rate)


@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("flac", "flac"),
        ("ipod", "aac"),
        ("mp3", "libmp3lame"),
        ("mp4", "aac"),
        ("mpeg", "mp2"),
        ("oga", "flac"),
        ("ogg", "libopus"),
        ("wav", "pcm_s16le"),
        ("webm", "libopus"),
    ],
)
def test_uploads_of_every_kind_are_read(container: str, codec: str, layout: str) -> None:
    samples, rate = decode(record(container, codec, chirp(1, 48000), 48000, layout))
    assert rate == 48000
    assert len(samples) == pytest.approx(rate, rel=0.1)
    truth = resample(chirp(), 22050, 8000)
    heard = np.pad(resample(samples, rate, 8000), 1000)
    score = np.correlate(heard, truth, "valid").max()
    assert score / np.sqrt(np.square(truth).sum() * np.square(heard).sum()) > 0.95


def test_file_is_read_as_a_file_though_an_encoding_is_named() -> None:
    data = encode(chirp(), 22050, "wav", encoding="pcm_s16le", sample_rate=16000)
    assert decode(data, encoding="pcm_s16le", sample_rate=8000)[1] == 16000


@pytest.mark.parametrize(
    ("data", "encoding", "sample_rate", "says"),
    [
        (b"", None, None, "empty"),
        (b"this is not audio at all" * 50, None, None, "cannot be read"),
        (b"\x00" * 4000, None, None, "cannot be read"),
        (b"\x00" * 100, "pcm_s16le", None, "needs sample_rate"),
        (b"\x00" * 100, "pcm_s16le", 3, "out of range"),
        (b"\x00" * 100, "pcm_u8", 8000, "pcm_s16le"),
        (b"\x00", "pcm_s16le", 8000, "shorter than one sample"),
        (Encoder("wav", encoding="pcm_s16le").header(0), None, None, "no sound"),
        (b"RIFF\x00\x00", None, None, "cannot be read"),
    ],
)
def test_errors_of_unreadable_audio_name_the_cause(
    data: bytes, encoding: str | None, sample_rate: int | None, says: str
) -> None:
    with pytest.raises(UnreadableAudioError, match=says):
        decode(data, encoding=encoding, sample_rate=sample_rate)


def test_text_and_pictures_are_no_audio() -> None:
    with pytest.raises(UnreadableAudioError, match="known kind"):
        decode(draw())


def test_a_truncated_file_is_decoded_up_to_its_end() -> None:
    data = encode(chirp(), 22050, "mp3", sample_rate=44100, bit_rate=64000)
    samples, rate = decode(data[: len(data) // 2])
    assert 0.3 < len(samples) / rate < 0.7
