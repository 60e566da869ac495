"""Recognition: known audio is transcribed exactly in every encoding, other audio is recognized."""

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


class SpokenTexts:
    """All texts, spoken by all voices, and indexed."""

    def __init__(self, engine: EngineName) -> None:
        self.speech = SpeechSynthesizer(engine=engine)
        self.transcriber = Transcriber(FingerprintIndex())
        self.utterance: list[Utterance] = []
        for voice in VOICES:
            for text in TEXTS:
                utterance = self.speech.synthesize(text, voice=voice)
                self.transcriber.fingerprints.add(
                    utterance.samples, utterance.sample_rate, text, utterance.words
                )
                self.utterance.append(utterance)


@pytest.fixture(scope="module", params=["espeak", "tone"])
def spoken_texts(request: pytest.FixtureRequest) -> SpokenTexts:
    engine: EngineName = request.param
    return SpokenTexts(engine)


def sent(utterance: Utterance, asked: OutputFormat) -> tuple[Samples, int]:
    container, encoding, rate, bits = asked
    data = encode(
        utterance.samples, 22050, container, encoding=encoding, sample_rate=rate, bit_rate=bits
    )
    if container == "raw":
        return decode(data, encoding=encoding, sample_rate=rate)
    return decode(data)


@pytest.mark.parametrize("asked", FORMATS, ids=str)
def test_known_audio_is_recognized_in_every_encoding(
    spoken_texts: SpokenTexts, asked: OutputFormat
) -> None:
    for utterance in spoken_texts.utterance:
        samples, found = sent(utterance, asked)
        heard = spoken_texts.transcriber.transcribe(samples, found)
        assert heard.text == utterance.text
        assert heard.duration == pytest.approx(len(samples) / found)
        delay = 0.15 if asked[0] == "mp3" else 0.002  # an MP3 encoder begins with silence
        for mine, true in zip(heard.words, utterance.words, strict=True):
            assert mine.text == true.text
            assert -0.002 <= mine.start - true.start <= delay
            assert -0.002 <= mine.end - true.end <= delay


@pytest.mark.parametrize("seconds", [0.55, 1.2])
@pytest.mark.parametrize("asked", FORMATS[2:6], ids=str)
def test_a_prefix_has_the_words_that_are_completely_within(
    spoken_texts: SpokenTexts, asked: OutputFormat, seconds: float
) -> None:
    for utterance in spoken_texts.utterance:
        if utterance.duration <= seconds:
            continue
        samples, found = sent(utterance, asked)
        heard = spoken_texts.transcriber.transcribe_known(samples[: round(seconds * found)], found)
        assert heard is not None
        assert heard.text == " ".join(word.text for word in heard.words)
        assert [word.text for word in heard.words] == utterance.text.split()[: len(heard.words)]
        late = 0.2 if asked[0] == "mp3" else 0.0
        surely = [word for word in utterance.words if word.end < seconds - late]
        at_most = [word for word in utterance.words if word.end < seconds + 0.06]
        assert len(surely) <= len(heard.words) <= len(at_most)


def test_silence_and_low_volume_do_not_matter(spoken_texts: SpokenTexts) -> None:
    for utterance in spoken_texts.utterance:
        samples = np.pad(utterance.samples * np.float32(0.2), (22050, 11025))
        heard = spoken_texts.transcriber.transcribe(samples, 22050)
        assert heard.text == utterance.text
        assert heard.words[0].start == pytest.approx(1 + utterance.words[0].start, abs=0.002)


def test_a_segment_from_the_middle_is_recognized(spoken_texts: SpokenTexts) -> None:
    utterance = spoken_texts.utterance[4]
    start = round((utterance.words[3].start - 0.02) * 22050)
    end = round((utterance.words[6].end + 0.02) * 22050)
    heard = spoken_texts.transcriber.transcribe_known(utterance.samples[start:end], 22050)
    assert heard is not None
    assert heard.text == "on the mat and"
    assert heard.words[0].start == pytest.approx(0.02, abs=0.01)


def test_several_sounds_in_sequence_are_recognized(spoken_texts: SpokenTexts) -> None:
    one, two, three = (
        spoken_texts.utterance[0],
        spoken_texts.utterance[3],
        spoken_texts.utterance[2],
    )
    samples = np.concatenate([one.samples, two.samples, three.samples])
    heard = spoken_texts.transcriber.transcribe(samples, 22050)
    assert heard.text == f"{one.text} {two.text} {three.text}"
    assert heard.words[-1].start == pytest.approx(
        one.duration + two.duration + three.words[-1].start, abs=0.01
    )


def test_speech_is_recognized_despite_noise(spoken_texts: SpokenTexts) -> None:
    utterance = spoken_texts.utterance[1]
    noise = np.random.default_rng(3).standard_normal(len(utterance.samples), dtype=np.float32)
    heard = spoken_texts.transcriber.transcribe_known(
        (utterance.samples + noise * 0.005).astype(np.float32), 22050
    )
    assert heard is not None
    assert heard.text == utterance.text


def test_unknown_audio_is_not_recognized(spoken_texts: SpokenTexts) -> None:
    other = spoken_texts.speech.synthesize("Nobody ever mentioned elephants.", voice=VOICES[0])
    assert spoken_texts.transcriber.transcribe_known(other.samples, 22050) is None
    noise = np.random.default_rng(1).standard_normal(22050, dtype=np.float32)
    assert spoken_texts.transcriber.transcribe_known(noise * np.float32(0.1), 22050) is None


def test_the_words_of_a_stream_grow(spoken_texts: SpokenTexts) -> None:
    utterance = spoken_texts.utterance[5]
    listener = StreamingTranscriber(spoken_texts.transcriber, 22050)
    counts: list[int] = []
    for at in range(0, len(utterance.samples), 6000):
        listener.feed(utterance.samples[at : at + 6000])
        interim = listener.interim()
        counts.append(len(interim.words))
        assert utterance.text.startswith(interim.text)
    assert counts == sorted(counts)
    assert len(set(counts)) > 4
    assert listener.finish().text == utterance.text
    assert listener.finish().text == ""


def test_the_transcript_is_exact() -> None:
    speech, memory = SpeechSynthesizer(engine="tone"), FingerprintIndex()
    text = "  Two  spaces,\nand a line "
    utterance = speech.synthesize(text)
    memory.add(utterance.samples, 22050, text, utterance.words)
    assert Transcriber(memory).transcribe(utterance.samples, 22050).text == text


def test_chinese_is_joined_without_spaces() -> None:
    speech, memory = SpeechSynthesizer(engine="espeak"), FingerprintIndex()
    texts = ["你好。世界。", "今天天气很好。"]
    utterance = [speech.synthesize(text, language="zh") for text in texts]
    for text, one in zip(texts, utterance, strict=True):
        memory.add(one.samples, 22050, text, one.words)
    both = np.concatenate([one.samples for one in utterance])
    assert Transcriber(memory).transcribe(both, 22050, "zh").text == "".join(texts)


def test_the_index_drops_the_oldest_first() -> None:
    speech, memory = SpeechSynthesizer(engine="tone"), FingerprintIndex(seconds=12)
    utterance = [speech.synthesize(text) for text in TEXTS]
    for one in utterance:
        memory.add(one.samples, 22050, one.text, one.words)
    assert 1 < len(memory) < 6
    transcriber = Transcriber(memory)
    assert transcriber.transcribe_known(utterance[0].samples, 22050) is None
    known = transcriber.transcribe_known(utterance[-1].samples, 22050)
    assert known is not None
    assert known.text == utterance[-1].text


def test_the_index_keeps_repeated_speech_once() -> None:
    memory = FingerprintIndex()
    utterance = SpeechSynthesizer(engine="tone").synthesize("Again and again.")
    for _ in range(3):
        memory.add(utterance.samples, 22050, utterance.text, utterance.words)
    assert len(memory) == 1


def test_the_index_ignores_silence() -> None:
    memory = FingerprintIndex()
    memory.add(np.zeros(22050, dtype=np.float32), 22050, "", [])
    assert len(memory) == 0


def test_the_index_is_thread_safe() -> None:
    speech, memory = SpeechSynthesizer(engine="tone"), FingerprintIndex()
    transcriber = Transcriber(memory)
    wrong: list[str] = []

    def live(number: int) -> None:
        for turn in range(4):
            utterance = speech.synthesize(f"Thread {number} has now got to turn {turn} of four.")
            memory.add(utterance.samples, 22050, utterance.text, utterance.words)
            heard = transcriber.transcribe_known(utterance.samples, 22050)
            if heard is None or heard.text != utterance.text:
                wrong.append(utterance.text)

    threads = [threading.Thread(target=live, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(memory)) == ([], 16)


@pytest.mark.parametrize("encoding", ["pcm_s16le", "pcm_mulaw"])
def test_unknown_speech_is_recognized(encoding: PCMEncoding) -> None:
    utterance = SpeechSynthesizer(engine="espeak").synthesize(
        "The quick brown fox jumps over the lazy dog."
    )
    samples, rate = decode(pack(utterance.samples, encoding), encoding=encoding, sample_rate=22050)
    heard = Transcriber(FingerprintIndex()).transcribe(samples, rate)
    wanted = ["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog"]
    assert len(set(wanted) & {word.text for word in heard.words}) >= 5
    assert heard.text == " ".join(word.text for word in heard.words)
    for word in heard.words:
        if word.text in {"brown", "fox", "lazy"}:
            true = next(one for one in utterance.words if one.text.startswith(word.text))
            assert word.start == pytest.approx(true.start, abs=0.15)
    assert all(0 <= word.start <= word.end <= heard.duration for word in heard.words)


def test_other_languages_become_the_fixed_sentence() -> None:
    utterance = SpeechSynthesizer(engine="espeak").synthesize(
        "Guten Morgen zusammen", language="de"
    )
    heard = Transcriber(FingerprintIndex()).transcribe(
        np.pad(utterance.samples, 22050), 22050, "de"
    )
    assert heard.text == FIXED_SENTENCE
    assert heard.duration == pytest.approx(utterance.duration + 2)
    assert heard.words[0].start == pytest.approx(1, abs=0.1)
    assert heard.words[-1].end == pytest.approx(utterance.duration + 1, abs=0.1)
    assert [word.text for word in heard.words] == FIXED_SENTENCE.split()


@pytest.mark.parametrize("samples", [np.zeros(8000, np.float32), np.zeros(0, np.float32)])
def test_silence_has_no_words(samples: Samples) -> None:
    heard = Transcriber(FingerprintIndex()).transcribe(samples, 8000)
    assert (heard.text, heard.words, heard.duration) == ("", [], len(samples) / 8000)


def test_without_the_speech_extra_there_are_tones_and_the_fixed_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing: dict[str, None] = {}
    monkeypatch.setattr("cartesia_mock.speech.synthesizer.find_spec", nothing.get)
    monkeypatch.setattr("cartesia_mock.speech.recognition.recognizer.find_spec", nothing.get)
    speech, transcriber = SpeechSynthesizer(), Transcriber(FingerprintIndex())
    assert speech.engine_name == "tone"
    utterance = speech.synthesize("Who is there?")
    assert transcriber.transcribe(utterance.samples, 22050).text == FIXED_SENTENCE
    transcriber.fingerprints.add(utterance.samples, 22050, utterance.text, utterance.words)
    assert transcriber.transcribe(utterance.samples, 22050).words == utterance.words


def test_the_recognizer_supports_english_only() -> None:
    assert PocketsphinxRecognizer.is_installed()
    assert PocketsphinxRecognizer.supports("en-GB")
    assert not PocketsphinxRecognizer.supports("fr")


def test_the_same_audio_is_recognized_once(monkeypatch: pytest.MonkeyPatch) -> None:
    utterance = SpeechSynthesizer(engine="espeak").synthesize("The quick brown fox.")
    recognizer = PocketsphinxRecognizer()
    words = recognizer.recognize(utterance.samples, 22050)
    assert words
    monkeypatch.setattr("cartesia_mock.speech.recognition.recognizer._PROCESS", "missing.py")
    assert recognizer.recognize(utterance.samples, 22050) == words
    assert recognizer.recognize(utterance.samples[:-100], 22050) is None, "other audio needs a run"
