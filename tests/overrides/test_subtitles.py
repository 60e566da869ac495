"""Subtitles: cues from the times of words, and files that other programs read."""

from __future__ import annotations

import html
import io

import pysubs2
import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from cartesia import Cartesia
from cartesia.subtitles import Cue, Layout, Word, cues, to_srt, to_vtt, words_of
from cartesia.types import STTTranscribeResponse, STTWord, WordTimestamps
from tests.overrides.speaking import RAW, VOICE, WAV

TEXT = "The rain in Spain stays mainly in the plain. In Hartford, hurricanes hardly happen."


def spoken(text: str, seconds: float = 0.3) -> list[Word]:
    """Time the words of a text, one after the other."""
    return [
        Word(word, number * seconds, (number + 1) * seconds)
        for number, word in enumerate(text.split())
    ]


def texts(source: list[Word], layout: Layout | None = None) -> list[str]:
    return [cue.text for cue in cues(source, layout)]


def test_a_cue_ends_with_its_sentence() -> None:
    assert texts(spoken("It rains. Does it? “Yes!” So")) == [
        "It rains.",
        "Does it?",
        "“Yes!”",
        "So",
    ]


def test_a_pause_begins_a_new_cue() -> None:
    assert texts([Word("well", 0, 0.4), Word("then", 1.3, 1.6)]) == ["well", "then"]


def test_a_full_cue_ends_after_a_comma_of_its_second_half() -> None:
    layout = Layout(width=20, lines=1)
    assert texts(spoken("one two three four, five six"), layout) == [
        "one two three four,",
        "five six",
    ]
    assert texts(spoken("a, two three four five six"), layout) == [
        "a, two three four",
        "five six",
    ]


def test_lines_are_as_few_as_needed_and_of_about_the_same_length() -> None:
    text = "when the quick brown fox jumps over the lazy dog"
    assert texts(spoken(text, 0.1)) == ["when the quick brown fox\njumps over the lazy dog"]


def test_a_cue_lasts_no_longer_than_it_may() -> None:
    assert texts(spoken("a b c d", 1.0), Layout(longest=2.0)) == ["a b", "c d"]


def test_a_short_cue_stays_as_long_as_the_next_one_leaves_room() -> None:
    made = cues([Word("Hi.", 0, 0.2), Word("You.", 0.5, 0.7)])
    assert made == [Cue(0, 0.5, "Hi."), Cue(0.5, 1.5, "You.")]


def test_scripts_without_spaces_get_none_and_count_two_columns() -> None:
    words = [Word(word, i * 0.2, i * 0.2 + 0.2) for i, word in enumerate("今日はいい天気です")]
    assert texts(words) == ["今日はいい天気です"]
    assert texts(words, Layout(width=10)) == ["今日はいい\n天気です"]
    assert texts([Word("今日", 0, 1), Word("OK", 1, 2), Word("天気", 2, 3)]) == ["今日 OK 天気"]
    assert texts([Word("안녕", 0, 1), Word("세상", 1, 2)]) == ["안녕 세상"]


def test_right_to_left_lines_are_marked_in_srt_alone() -> None:
    made = cues(spoken("مرحبا بالعالم!"))
    (read,) = pysubs2.SSAFile.from_string(to_srt(made))
    assert read.text == "\N{RIGHT-TO-LEFT MARK}مرحبا بالعالم!\N{RIGHT-TO-LEFT MARK}"
    assert webvtt.from_string(to_vtt(made)).captions[0].text == "مرحبا بالعالم!"


def test_markup_in_words_is_text_in_webvtt() -> None:
    made = [Cue(0, 1, "a <b> & --> c")]
    assert "a &lt;b&gt; &amp; --&gt; c\n" in to_vtt(made)
    (read,) = webvtt.from_string(to_vtt(made)).captions
    assert html.unescape(read.text) == "a <b> & --> c"


def test_an_empty_line_does_not_end_a_cue() -> None:
    made = [Cue(0, 1, "a\n\nb"), Cue(1, 2, "c")]
    assert [event.plaintext for event in pysubs2.SSAFile.from_string(to_srt(made))] == ["a\nb", "c"]


def test_no_words_make_valid_empty_files() -> None:
    assert cues([]) == []
    assert to_srt([]) == ""
    assert to_vtt([]) == "WEBVTT\n"


def test_words_are_read_from_whatever_has_their_times() -> None:
    hello = [Word("Hello", 0.0, 0.5), Word("world", 0.5, 1.0)]
    models = [STTWord(*word) for word in hello]
    timestamps = WordTimestamps(["Hello", "world"], [0.0, 0.5], [0.5, 1.0])
    transcript = STTTranscribeResponse("Hello world", words=models)
    for source in (hello, models, timestamps, transcript, [transcript], transcript.to_dict()):
        assert words_of(source) == hello
    assert words_of([{"type": "chunk", "data": "AAAA"}, STTTranscribeResponse("Hello")]) == []


@pytest.mark.parametrize("source", [[1], ["text"], "text"])
def test_what_has_no_times_is_refused(source: list[object]) -> None:
    with pytest.raises(TypeError, match="has no times of words: pass a transcript"):
        words_of(source)


@pytest.mark.parametrize("name", ["width", "lines", "longest"])
def test_a_layout_without_room_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Layout(**{name: 0})


_words = st.lists(
    st.tuples(st.text("abc.,!漢字שлא", min_size=1, max_size=60), st.floats(0, 3), st.floats(0, 3)),
    max_size=40,
)


@given(_words, st.integers(1, 50), st.integers(1, 3))
def test_cues_keep_every_word_in_order_and_never_overlap(
    timed: list[tuple[str, float, float]], width: int, lines: int
) -> None:
    now = 0.0
    words: list[Word] = []
    for word, pause, length in timed:
        words.append(Word(word, now + pause, now + pause + length))
        now += pause + length
    layout = Layout(width=width, lines=lines)
    made = cues(words, layout)
    kept = "".join(cue.text for cue in made).replace("\n", "").replace(" ", "")
    assert kept == "".join(word.word for word in words)
    for cue, following in zip(made, made[1:]):
        assert cue.start <= cue.end <= following.start
    for cue in made:
        assert len(cue.text.split("\n")) <= lines
    read = pysubs2.SSAFile.from_string(to_srt(made), format_="srt")
    assert [(event.start, event.end) for event in read] == [
        (round(cue.start * 1000), round(cue.end * 1000)) for cue in made
    ]
    assert len(webvtt.from_buffer(io.StringIO(to_vtt(made))).captions) == len(made)


def test_speech_becomes_subtitles(mock_url: str) -> None:
    with Cartesia(api_key="good", base_url=mock_url) as client:
        stream = client.tts.generate_sse(
            model_id="sonic-3",
            voice=VOICE,
            transcript=TEXT,
            output_format=RAW,
            add_timestamps=True,
        )
        made = cues(stream)
    assert " ".join(cue.text.replace("\n", " ") for cue in made) == TEXT
    assert made[0].text == "The rain in Spain stays\nmainly in the plain."


def test_a_transcript_becomes_subtitles(mock_url: str) -> None:
    with Cartesia(api_key="good", base_url=mock_url) as client:
        audio = client.tts.generate(
            model_id="sonic-3",
            voice=VOICE,
            transcript=TEXT,
            output_format=WAV,
        ).read()
        transcript = client.stt.transcribe(
            file=("speech.wav", audio), model="ink-whisper", timestamp_granularities=["word"]
        )
    read = webvtt.from_string(to_vtt(cues(transcript)))
    assert " ".join(caption.text.replace("\n", " ") for caption in read.captions) == transcript.text
