"""Both engines: exact timestamps, options, and equal audio for equal text."""

from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np
import pytest

from cartesia_mock.speech import (
    ENGINE_RATE,
    EngineName,
    SpeechSynthesizer,
    SpeechTooLongError,
    TimedText,
    Utterance,
    VoiceTraits,
)
from cartesia_mock.speech.espeak_languages import espeak_language
from cartesia_mock.speech.espeak_library import EspeakLibrary

TEXT = "Hello, Dr. Smith: the price of the well-known book is 3.5% — ok?"
VOICE = VoiceTraits.of("a voice", "feminine")
LANGUAGES = [
    "en",
    "fr",
    "de",
    "es",
    "pt",
    "zh",
    "ja",
    "hi",
    "it",
    "ko",
    "nl",
    "pl",
    "ru",
    "sv",
    "tr",
    "tl",
    "bg",
    "ro",
    "ar",
    "cs",
    "el",
    "fi",
    "hr",
    "ms",
    "sk",
    "da",
    "ta",
    "uk",
    "hu",
    "no",
    "vi",
    "bn",
    "th",
    "he",
    "ka",
    "id",
    "te",
    "gu",
    "kn",
    "ml",
    "mr",
    "pa",
]


@pytest.fixture(scope="module", params=["espeak", "tone"])
def speech(request: pytest.FixtureRequest) -> SpeechSynthesizer:
    engine: EngineName = request.param
    return SpeechSynthesizer(engine=engine)


def loudness(utterance: Utterance, start: float, end: float) -> float:
    part = utterance.samples[round(start * ENGINE_RATE) : round(end * ENGINE_RATE)]
    return float(np.sqrt(np.square(part).mean())) if len(part) else 0.0


def check_times(times: list[TimedText], duration: float) -> None:
    assert all(0 <= timed.start <= timed.end <= duration + 1e-6 for timed in times)
    assert all(one.end <= next_one.start + 1e-6 for one, next_one in pairwise(times))


def test_every_token_of_the_transcript_is_a_word_with_its_time(speech: SpeechSynthesizer) -> None:
    utterance = speech.synthesize(TEXT, voice=VOICE)
    assert [word.text for word in utterance.words] == TEXT.split()
    check_times(utterance.words, utterance.duration)
    assert utterance.words[0].start < 0.05
    assert utterance.words[-1].end > utterance.duration - 0.1
    assert all(word.end - word.start > 0.03 for word in utterance.words if word.text != "—")


def test_phonemes_follow_each_other_within_the_sound(speech: SpeechSynthesizer) -> None:
    utterance = speech.synthesize(TEXT, voice=VOICE)
    assert len(utterance.phonemes) > 30
    check_times(utterance.phonemes, utterance.duration)
    assert not [phoneme for phoneme in utterance.phonemes if not phoneme.text.strip()]


def test_words_are_loud_and_pauses_are_quiet(speech: SpeechSynthesizer) -> None:
    utterance = speech.synthesize("Hello there. <break time='700ms'/> Good evening.", voice=VOICE)
    assert all(loudness(utterance, word.start, word.end) > 0.02 for word in utterance.words)
    before, after = utterance.words[1], utterance.words[2]
    assert after.start - before.end >= 0.69
    assert loudness(utterance, before.end + 0.05, after.start - 0.02) < 0.005


def test_ends_hold_no_long_silence(speech: SpeechSynthesizer) -> None:
    utterance = speech.synthesize("One moment, please.", voice=VOICE)
    assert loudness(utterance, 0, 0.06) > 0.001
    assert loudness(utterance, utterance.duration - 0.06, utterance.duration) > 0.001


def test_same_text_has_the_same_samples_whatever_was_said_between(
    speech: SpeechSynthesizer,
) -> None:
    first = speech.synthesize(TEXT, voice=VOICE)
    speech.synthesize("Something else, by somebody else.", voice=VoiceTraits.of("x", "masculine"))
    again = speech.synthesize(TEXT, voice=VOICE)
    assert np.array_equal(first.samples, again.samples)
    assert first.words == again.words
    assert first.phonemes == again.phonemes


def test_speed_changes_the_duration(speech: SpeechSynthesizer) -> None:
    slow, normal, fast = (
        speech.synthesize(TEXT, speed=speed).duration for speed in (0.6, 1.0, 1.5)
    )
    assert 1.4 < slow / normal < 1.9
    assert 1.3 < normal / fast < 1.7


def test_volume_changes_the_loudness_without_clipping(speech: SpeechSynthesizer) -> None:
    quiet, normal, loud = (speech.synthesize(TEXT, volume=volume) for volume in (0.5, 1.0, 2.0))
    level = loudness(normal, 0, normal.duration)
    assert loudness(quiet, 0, quiet.duration) == pytest.approx(level / 2, rel=0.05)
    assert 1.5 * level < loudness(loud, 0, loud.duration) <= 2.01 * level
    assert float(np.abs(loud.samples).max()) < 1.0


def test_voices_differ(speech: SpeechSynthesizer) -> None:
    sounds = {
        speech.synthesize("Hello.", voice=VoiceTraits.of(name, "feminine")).samples.tobytes()
        for name in "abcdefgh"
    }
    assert len(sounds) == 8
    assert VoiceTraits.of("a", "masculine") == VoiceTraits.of("a", "masculine")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_speaks(speech: SpeechSynthesizer, language: str) -> None:
    utterance = speech.synthesize("Radio 12 info.", language=language)
    assert "".join(word.text for word in utterance.words) == "Radio12info."
    check_times(utterance.words, utterance.duration)
    assert utterance.duration > 0.5


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("zh", "你好。世界。", ["你", "好。", "世", "界。"]),
        ("zh", "我 love 你", ["我", "love", "你"]),
        ("ja", "ぼくはカメラです。", ["ぼくは", "カメラ", "です。"]),
        ("ja", "食べる", ["食べる"]),
        ("th", "สวัสดีครับ ผมชื่อ", ["สวัสดีครับ", "ผมชื่อ"]),
    ],
)
def test_unspaced_languages_have_several_words(
    speech: SpeechSynthesizer, language: str, text: str, words: list[str]
) -> None:
    utterance = speech.synthesize(text, language=language, voice=VOICE)
    assert [word.text for word in utterance.words] == words
    check_times(utterance.words, utterance.duration)
    assert all(word.end > word.start for word in utterance.words)


@pytest.mark.parametrize("text", ["", "   ", "<emotion value='sad'/>"])
def test_empty_text_has_no_audio(speech: SpeechSynthesizer, text: str) -> None:
    utterance = speech.synthesize(text)
    assert (utterance.words, utterance.duration) == ([], 0.0)


def test_punctuation_is_a_word_without_duration(speech: SpeechSynthesizer) -> None:
    utterance = speech.synthesize("— …")
    assert [word.text for word in utterance.words] == ["—", "…"]
    check_times(utterance.words, utterance.duration)


def test_spelling_takes_longer_and_is_one_word(speech: SpeechSynthesizer) -> None:
    spelled = speech.synthesize("Code <spell>NATO</spell> now", voice=VOICE)
    assert [word.text for word in spelled.words] == ["Code", "NATO", "now"]
    assert spelled.duration > speech.synthesize("Code NATO now", voice=VOICE).duration
    assert spelled.text == "Code NATO now"


def test_speed_tag_holds_from_where_it_stands(speech: SpeechSynthesizer) -> None:
    plain = speech.synthesize("alpha bravo charlie delta", voice=VOICE).duration
    tagged = speech.synthesize(
        "alpha bravo <speed ratio='0.5'/>charlie delta", voice=VOICE
    ).duration
    assert plain * 1.2 < tagged < plain * 1.9


def test_volume_tag_is_heard(speech: SpeechSynthesizer) -> None:
    utterance = speech.synthesize("same <volume ratio='0.3'/>same", voice=VOICE)
    first, second = (loudness(utterance, word.start, word.end) for word in utterance.words)
    assert second < first * 0.6


def test_threads_get_the_same_samples(speech: SpeechSynthesizer) -> None:
    texts = [f"This is sentence number {number}." for number in range(8)]
    alone = [speech.synthesize(text, voice=VOICE) for text in texts]
    together: dict[int, Utterance] = {}

    def synthesize(number: int) -> None:
        together[number] = SpeechSynthesizer(engine=speech.engine_name).synthesize(
            texts[number], voice=VOICE
        )

    threads = [threading.Thread(target=synthesize, args=(number,)) for number in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, one in enumerate(alone):
        assert np.array_equal(one.samples, together[number].samples)
        assert one.words == together[number].words


def test_longer_words_have_longer_tones() -> None:
    words = SpeechSynthesizer(engine="tone").synthesize("a cat considerably").words
    lengths = [word.end - word.start for word in words]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[1] < lengths[2]


def test_words_of_one_event_share_its_time() -> None:
    words = SpeechSynthesizer(engine="espeak").synthesize("king of the hill").words
    assert [word.text for word in words] == ["king", "of", "the", "hill"]
    assert all(0.03 < word.end - word.start < 0.5 for word in words)


def test_phonemes_are_ipa() -> None:
    utterance = SpeechSynthesizer(engine="espeak").synthesize("Hello")
    assert "".join(phoneme.text for phoneme in utterance.phonemes) == "həl\u02c8oʊ"


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("en", "en-us"),
        ("en_GB", "en-gb"),
        ("en-AU", "en-gb"),
        ("en-ZA", "en-gb"),
        ("pt-PT", "pt"),
        ("zh", "cmn"),
        ("no", "nb"),
        ("tl", "id"),
        ("xx", "en-us"),
    ],
)
def test_languages_without_a_voice_use_a_similar_one(asked: str, chosen: str) -> None:
    assert espeak_language(asked, EspeakLibrary().voices()) == chosen


def test_an_error_of_the_library_names_the_cause() -> None:
    with pytest.raises(RuntimeError, match="refused the voice 'no such'"):
        EspeakLibrary().synthesize("Hello", voice="no such", words_a_minute=150, pitch=50)
    # It is of use after that.
    assert EspeakLibrary().synthesize("Hello", voice="gmw/en", words_a_minute=150, pitch=50).pcm


@pytest.mark.parametrize("control", ["\x01", "\x00", "\x1b", "\x7f", "\x9b"])
def test_control_characters_do_not_reach_espeak(control: str) -> None:
    # Ctrl-A begins a command to espeak: this one would halve the rate.
    library = EspeakLibrary()
    voice = next(iter(library.voices().values()))

    def pcm(text: str) -> bytes:
        return library.synthesize(text, voice=voice, words_a_minute=160, pitch=50).pcm

    assert pcm(f"Hello {control}80S there.") == pcm("Hello  80S there.")


def test_text_with_half_of_a_surrogate_pair_is_spoken() -> None:
    assert SpeechSynthesizer(engine="espeak").synthesize("Hello \ud800 there.").duration > 0.3


@pytest.mark.parametrize(
    "text", ["<break time='30s'/>" * 61, "<speed ratio='0.25'/>" + "word " * 5000]
)
def test_speech_is_not_longer_than_half_an_hour(text: str) -> None:
    with pytest.raises(SpeechTooLongError, match="speech can be 1800 seconds long"):
        SpeechSynthesizer(engine="tone").synthesize(text)


def test_espeak_is_stopped_when_its_speech_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cartesia_mock.speech.espeak_library._MAX_BYTES", 4 * 2 * ENGINE_RATE)
    synthesizer = SpeechSynthesizer(engine="espeak")
    with pytest.raises(SpeechTooLongError):
        synthesizer.synthesize("word " * 2000)
    assert synthesizer.synthesize("Hello there.").duration > 0.3
