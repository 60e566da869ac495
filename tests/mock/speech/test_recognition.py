"""The ears: what was spoken is known again in every encoding, and other audio is recognised."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from cartesia_mock.speech import EngineName, Samples, SpeechSynthesizer, Utterance, VoiceTraits
from cartesia_mock.speech.audio import Container, PCMEncoding, RawEncoding, decode, encode, pack
from cartesia_mock.speech.recognition import (
    FIXED_SENTENCE,
    FingerprintIndex,
    PocketsphinxRecognizer,
    StreamingTranscriber,
    Transcriber,
)

TEXTS = [
    "Hello there, brave new world.",
    "I am happy today, my friend.",
    "I am happy tomorrow.",
    "Hi!",
    "The cat sat on the mat and waited for the rain to stop.",
    "The dog sat on the mat and waited for the rain to stop.",
]
VOICES = [VoiceTraits.of("a", "feminine"), VoiceTraits.of("b", "masculine")]
OutputFormat = tuple[Container, RawEncoding | None, int, int | None]
FORMATS: list[OutputFormat] = [
    ("raw", "pcm_f32le", 44100, None),
    ("raw", "pcm_s16le", 16000, None),
    ("wav", "pcm_mulaw", 22050, None),
    ("raw", "pcm_mulaw", 8000, None),
    ("raw", "pcm_alaw", 8000, None),
    ("mp3", None, 44100, 128000),
    ("mp3", None, 16000, 32000),
    ("mp3", None, 8000, 32000),
]


class Past:
    """Both voices have said everything."""

    def __init__(self, engine: EngineName) -> None:
        self.speech = SpeechSynthesizer(engine=engine)
        self.hearing = Transcriber(FingerprintIndex())
        self.said: list[Utterance] = []
        for voice in VOICES:
            for text in TEXTS:
                said = self.speech.synthesize(text, voice=voice)
                self.hearing.fingerprints.add(said.samples, said.sample_rate, text, said.words)
                self.said.append(said)


@pytest.fixture(scope="module", params=["espeak", "tone"])
def past(request: pytest.FixtureRequest) -> Past:
    engine: EngineName = request.param
    return Past(engine)


def sent(said: Utterance, asked: OutputFormat) -> tuple[Samples, int]:
    container, encoding, rate, bits = asked
    data = encode(
        said.samples, 22050, container, encoding=encoding, sample_rate=rate, bit_rate=bits
    )
    if container == "raw":
        return decode(data, encoding=encoding, sample_rate=rate)
    return decode(data)


@pytest.mark.parametrize("asked", FORMATS, ids=str)
def test_what_was_said_is_known_in_every_encoding(past: Past, asked: OutputFormat) -> None:
    for said in past.said:
        samples, found = sent(said, asked)
        heard = past.hearing.transcribe(samples, found)
        assert heard.text == said.text
        assert heard.duration == pytest.approx(len(samples) / found)
        delay = 0.15 if asked[0] == "mp3" else 0.002  # an MP3 encoder begins with silence
        for mine, true in zip(heard.words, said.words, strict=True):
            assert mine.text == true.text
            assert -0.002 <= mine.start - true.start <= delay
            assert -0.002 <= mine.end - true.end <= delay


@pytest.mark.parametrize("seconds", [0.55, 1.2])
@pytest.mark.parametrize("asked", FORMATS[2:6], ids=str)
def test_a_beginning_gives_the_words_that_lie_within(
    past: Past, asked: OutputFormat, seconds: float
) -> None:
    for said in past.said:
        if said.duration <= seconds:
            continue
        samples, found = sent(said, asked)
        heard = past.hearing.transcribe_known(samples[: round(seconds * found)], found)
        assert heard is not None
        assert heard.text == " ".join(word.text for word in heard.words)
        assert [word.text for word in heard.words] == said.text.split()[: len(heard.words)]
        late = 0.2 if asked[0] == "mp3" else 0.0
        surely = [word for word in said.words if word.end < seconds - late]
        at_most = [word for word in said.words if word.end < seconds + 0.06]
        assert len(surely) <= len(heard.words) <= len(at_most)


def test_silence_and_quietness_do_not_matter(past: Past) -> None:
    for said in past.said:
        samples = np.pad(said.samples * np.float32(0.2), (22050, 11025))
        heard = past.hearing.transcribe(samples, 22050)
        assert heard.text == said.text
        assert heard.words[0].start == pytest.approx(1 + said.words[0].start, abs=0.002)


def test_a_piece_from_the_middle_is_known(past: Past) -> None:
    said = past.said[4]
    start = round((said.words[3].start - 0.02) * 22050)
    end = round((said.words[6].end + 0.02) * 22050)
    heard = past.hearing.transcribe_known(said.samples[start:end], 22050)
    assert heard is not None
    assert heard.text == "on the mat and"
    assert heard.words[0].start == pytest.approx(0.02, abs=0.01)


def test_several_after_each_other_are_all_known(past: Past) -> None:
    one, two, three = past.said[0], past.said[3], past.said[2]
    samples = np.concatenate([one.samples, two.samples, three.samples])
    heard = past.hearing.transcribe(samples, 22050)
    assert heard.text == f"{one.text} {two.text} {three.text}"
    assert heard.words[-1].start == pytest.approx(
        one.duration + two.duration + three.words[-1].start, abs=0.01
    )


def test_noise_does_not_hide_what_was_said(past: Past) -> None:
    said = past.said[1]
    noise = np.random.default_rng(3).standard_normal(len(said.samples), dtype=np.float32)
    heard = past.hearing.transcribe_known((said.samples + noise * 0.005).astype(np.float32), 22050)
    assert heard is not None
    assert heard.text == said.text


def test_what_was_never_said_is_not_known(past: Past) -> None:
    other = past.speech.synthesize("Nobody ever mentioned elephants.", voice=VOICES[0])
    assert past.hearing.transcribe_known(other.samples, 22050) is None
    noise = np.random.default_rng(1).standard_normal(22050, dtype=np.float32)
    assert past.hearing.transcribe_known(noise * np.float32(0.1), 22050) is None


def test_a_stream_of_audio_has_words_that_grow(past: Past) -> None:
    said = past.said[5]
    listener = StreamingTranscriber(past.hearing, 22050)
    counts: list[int] = []
    for at in range(0, len(said.samples), 6000):
        listener.feed(said.samples[at : at + 6000])
        interim = listener.interim()
        counts.append(len(interim.words))
        assert said.text.startswith(interim.text)
    assert counts == sorted(counts)
    assert len(set(counts)) > 4
    assert listener.finish().text == said.text
    assert listener.finish().text == ""


def test_transcript_comes_back_to_the_letter() -> None:
    speech, memory = SpeechSynthesizer(engine="tone"), FingerprintIndex()
    text = "  Two  spaces,\nand a line "
    said = speech.synthesize(text)
    memory.add(said.samples, 22050, text, said.words)
    assert Transcriber(memory).transcribe(said.samples, 22050).text == text


def test_chinese_is_put_together_without_spaces() -> None:
    speech, memory = SpeechSynthesizer(engine="espeak"), FingerprintIndex()
    texts = ["你好。世界。", "今天天气很好。"]
    said = [speech.synthesize(text, language="zh") for text in texts]
    for text, one in zip(texts, said, strict=True):
        memory.add(one.samples, 22050, text, one.words)
    both = np.concatenate([one.samples for one in said])
    assert Transcriber(memory).transcribe(both, 22050, "zh").text == "".join(texts)


def test_memory_forgets_the_oldest_first() -> None:
    speech, memory = SpeechSynthesizer(engine="tone"), FingerprintIndex(seconds=12)
    said = [speech.synthesize(text) for text in TEXTS]
    for one in said:
        memory.add(one.samples, 22050, one.text, one.words)
    assert 1 < len(memory) < 6
    hearing = Transcriber(memory)
    assert hearing.transcribe_known(said[0].samples, 22050) is None
    known = hearing.transcribe_known(said[-1].samples, 22050)
    assert known is not None
    assert known.text == said[-1].text


def test_memory_keeps_what_is_said_twice_once() -> None:
    memory = FingerprintIndex()
    said = SpeechSynthesizer(engine="tone").synthesize("Again and again.")
    for _ in range(3):
        memory.add(said.samples, 22050, said.text, said.words)
    assert len(memory) == 1


def test_memory_takes_no_silence() -> None:
    memory = FingerprintIndex()
    memory.add(np.zeros(22050, dtype=np.float32), 22050, "", [])
    assert len(memory) == 0


def test_many_threads_remember_and_recall() -> None:
    speech, memory = SpeechSynthesizer(engine="tone"), FingerprintIndex()
    hearing = Transcriber(memory)
    wrong: list[str] = []

    def live(number: int) -> None:
        for turn in range(4):
            said = speech.synthesize(f"Thread {number} has now got to turn {turn} of four.")
            memory.add(said.samples, 22050, said.text, said.words)
            heard = hearing.transcribe_known(said.samples, 22050)
            if heard is None or heard.text != said.text:
                wrong.append(said.text)

    threads = [threading.Thread(target=live, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(memory)) == ([], 16)


@pytest.mark.parametrize("encoding", ["pcm_s16le", "pcm_mulaw"])
def test_speech_of_others_is_recognised(encoding: PCMEncoding) -> None:
    said = SpeechSynthesizer(engine="espeak").synthesize(
        "The quick brown fox jumps over the lazy dog."
    )
    samples, rate = decode(pack(said.samples, encoding), encoding=encoding, sample_rate=22050)
    heard = Transcriber(FingerprintIndex()).transcribe(samples, rate)
    wanted = ["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog"]
    assert len(set(wanted) & {word.text for word in heard.words}) >= 5
    assert heard.text == " ".join(word.text for word in heard.words)
    for word in heard.words:
        if word.text in {"brown", "fox", "lazy"}:
            true = next(one for one in said.words if one.text.startswith(word.text))
            assert word.start == pytest.approx(true.start, abs=0.15)
    assert all(0 <= word.start <= word.end <= heard.duration for word in heard.words)


def test_other_languages_become_the_fixed_sentence() -> None:
    said = SpeechSynthesizer(engine="espeak").synthesize("Guten Morgen zusammen", language="de")
    heard = Transcriber(FingerprintIndex()).transcribe(np.pad(said.samples, 22050), 22050, "de")
    assert heard.text == FIXED_SENTENCE
    assert heard.duration == pytest.approx(said.duration + 2)
    assert heard.words[0].start == pytest.approx(1, abs=0.1)
    assert heard.words[-1].end == pytest.approx(said.duration + 1, abs=0.1)
    assert [word.text for word in heard.words] == FIXED_SENTENCE.split()


@pytest.mark.parametrize("samples", [np.zeros(8000, np.float32), np.zeros(0, np.float32)])
def test_silence_has_no_words(samples: Samples) -> None:
    heard = Transcriber(FingerprintIndex()).transcribe(samples, 8000)
    assert (heard.text, heard.words, heard.duration) == ("", [], len(samples) / 8000)


def test_without_the_extra_there_are_tones_and_the_fixed_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing: dict[str, None] = {}
    monkeypatch.setattr("cartesia_mock.speech.synthesizer.find_spec", nothing.get)
    monkeypatch.setattr("cartesia_mock.speech.recognition.recognizer.find_spec", nothing.get)
    speech, hearing = SpeechSynthesizer(), Transcriber(FingerprintIndex())
    assert speech.engine_name == "tone"
    said = speech.synthesize("Who is there?")
    assert hearing.transcribe(said.samples, 22050).text == FIXED_SENTENCE
    hearing.fingerprints.add(said.samples, 22050, said.text, said.words)
    assert hearing.transcribe(said.samples, 22050).words == said.words


def test_recogniser_knows_english_alone() -> None:
    assert PocketsphinxRecognizer.is_installed()
    assert PocketsphinxRecognizer.supports("en-GB")
    assert not PocketsphinxRecognizer.supports("fr")
