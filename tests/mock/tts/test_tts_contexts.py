"""TTS contexts without I/O: messages and time in, steps out."""

from __future__ import annotations

import pytest

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue
from cartesia_mock.tts.tts_contexts import (
    ContextDone,
    FlushDone,
    Speak,
    Step,
    TTSContext,
    TTSContexts,
)


def message(transcript: str = "", /, **changes: JSONValue) -> JSONFields:
    fields: JSONObject = {
        "context_id": "c1",
        "model_id": "sonic-3",
        "transcript": transcript,
        "continue": True,
    }
    return JSONFields(fields | changes)


def new_contexts() -> TTSContexts:
    return TTSContexts(
        ["transcript", "continue", "flush", "generation_config", "duration"], expiry=1.0
    )


def perform(context: TTSContext, now: float = 0.0) -> list[Step]:
    steps: list[Step] = []
    while (step := context.take()) is not None:
        steps.append(step)
        context.finished(step, now)
    return steps


def test_complete_sentences_are_spoken_immediately_and_the_rest_is_buffered() -> None:
    context = new_contexts().receive(message("One is here. Two is"), now=0)
    assert perform(context) == [Speak("One is here. ", 1)]


def test_texts_are_joined_exactly_as_they_were_sent() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("Hel"), now=0)
    contexts.receive(message("lo, "), now=0)
    contexts.receive(message("wor"), now=0)
    contexts.receive(message("ld", **{"continue": False}), now=0)
    assert perform(context) == [Speak("Hello, world", 1), ContextDone()]


def test_buffered_text_is_spoken_after_the_delay_of_its_oldest_part() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("Held ", max_buffer_delay_ms=500), now=10)
    contexts.receive(message("back", max_buffer_delay_ms=500), now=10.4)
    assert context.next_deadline() == 10.5
    context.on_deadline(10.49)
    assert context.take() is None
    context.on_deadline(10.5)
    assert perform(context) == [Speak("Held back", 1)]


def test_a_number_is_not_split_at_its_decimal_point() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("Pi is 3."), now=0)
    assert context.take() is None
    contexts.receive(message("14 or so. "), now=0)
    assert perform(context) == [Speak("Pi is 3.14 or so. ", 1)]


def test_an_open_tag_is_not_split() -> None:
    contexts = new_contexts()
    context = contexts.receive(message('Wait. <break time="1'), now=0)
    assert context.take() is None
    contexts.receive(message('s"/> Go. '), now=0)
    assert perform(context) == [Speak('Wait. <break time="1s"/> Go. ', 1)]


def test_without_delay_each_text_is_spoken_as_it_comes() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("a b", max_buffer_delay_ms=0), now=0)
    contexts.receive(message(" c", max_buffer_delay_ms=0), now=0)
    assert perform(context) == [Speak("a b", 1), Speak(" c", 1)]


def test_flushes_are_counted_and_divide_the_text() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("First"), now=0)
    contexts.receive(message("", flush=True), now=0)
    contexts.receive(message("second", flush=True), now=0)
    contexts.receive(message("third", **{"continue": False}), now=0)
    assert perform(context) == [
        Speak("First", 1),
        FlushDone(1),
        Speak("second", 2),
        FlushDone(2),
        Speak("third", 3),
        ContextDone(),
    ]


def test_a_flush_may_come_with_the_end() -> None:
    context = new_contexts().receive(message("All", flush=True, **{"continue": False}), now=0)
    assert perform(context) == [Speak("All", 1), FlushDone(1), ContextDone()]


def test_an_open_context_expires_after_its_last_audio() -> None:
    context = new_contexts().receive(message("Done. "), now=0)
    assert context.next_deadline() is None, "its audio has not been sent yet"
    perform(context, now=5.0)
    assert context.next_deadline() == 6.0
    context.on_deadline(5.9)
    assert context.take() is None
    context.on_deadline(6.0)
    assert perform(context) == [ContextDone()]
    assert context.is_over


def test_buffered_text_keeps_a_context_from_expiring() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("Done. And"), now=0)
    perform(context, now=1.0)
    assert context.next_deadline() == 3.0
    context.on_deadline(3.0)
    assert perform(context, now=4.0) == [Speak("And", 1)]
    assert context.next_deadline() == 5.0


def test_a_message_in_time_keeps_a_context_from_expiring() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("Done."), now=0)
    perform(context, now=5.0)
    assert context.next_deadline() == 6.0
    contexts.receive(message("More"), now=5.5)
    assert context.next_deadline() == 8.5


@pytest.mark.parametrize("more", [message("", flush=True), message(" ")])
def test_what_is_no_text_does_not_keep_a_context_from_expiring(more: JSONFields) -> None:
    contexts = new_contexts()
    context = contexts.receive(message("Done. "), now=0)
    perform(context, now=2.0)
    contexts.receive(more, now=2.5)
    perform(context, now=2.5)
    for now in (3.0, 9.0, 9.1):  # a blank is in the buffer for a while
        context.on_deadline(now)
        perform(context, now)
    assert context.is_over


def test_a_context_that_never_spoke_does_not_expire() -> None:
    assert new_contexts().receive(message(""), now=0).next_deadline() is None


def test_cancel_drops_what_has_not_begun() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("One. Two"), now=0)
    assert contexts.cancel("c1") is context
    assert context.take() is None
    assert context.is_over


def test_cancel_finishes_the_current_sentence() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("One. ", max_buffer_delay_ms=0), now=0)
    contexts.receive(message("Two. ", max_buffer_delay_ms=0), now=0)
    begun = context.take()
    assert begun is not None
    assert begun == Speak("One. ", 1)
    contexts.cancel("c1")
    assert context.is_cancelled
    context.finished(begun, 1.0)
    assert perform(context) == [ContextDone()]


def test_cancelling_what_is_unknown_does_nothing() -> None:
    assert new_contexts().cancel("nobody") is None


@pytest.mark.parametrize("transcript", ["", "  ", "?!", '<break time="1s"/>'])
def test_a_context_without_any_word_is_an_error(transcript: str) -> None:
    with pytest.raises(HTTPError, match="transcript empty or contains only punctuation") as caught:
        new_contexts().receive(message(transcript, **{"continue": False}), now=0)
    assert caught.value.status == 400


def test_an_empty_last_message_after_words_is_no_error() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("Words"), now=0)
    contexts.receive(message("", **{"continue": False}), now=0)
    assert perform(context) == [Speak("Words", 1), ContextDone()]


def test_words_already_spoken_count_when_only_a_mark_ends_the_context() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("Words.", max_buffer_delay_ms=0), now=0)
    perform(context)
    contexts.receive(message("!", max_buffer_delay_ms=0, **{"continue": False}), now=0)
    assert perform(context) == [Speak("!", 1), ContextDone()]


def test_settings_that_differ_are_an_error_that_names_them() -> None:
    contexts = new_contexts()
    contexts.receive(message("One", language="en"), now=0)
    with pytest.raises(HTTPError, match="language, model_id: must be the same"):
        contexts.receive(message("Two", model_id="sonic-2", language="de"), now=0)


def test_a_message_without_text_may_have_other_settings() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("One ", language="en"), now=0)
    contexts.receive(message("", model_id="sonic-2", flush=True), now=0)
    contexts.receive(message("two", language="en"), now=0)
    contexts.receive(message("", model_id="sonic", language="de", **{"continue": False}), now=0)
    assert perform(context) == [Speak("One ", 1), FlushDone(1), Speak("two", 2), ContextDone()]


def test_a_changed_config_applies_to_the_text_that_came_with_it_and_what_follows() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("Well maybe "), now=0)
    contexts.receive(message("loosen up! ", generation_config={"emotion": "angry"}), now=0)
    contexts.receive(message("Please. ", generation_config=None), now=0)
    contexts.receive(
        message("Slow.", generation_config={"speed": 0.6}, **{"continue": False}), now=0
    )
    assert perform(context) == [
        Speak("Well maybe ", 1),
        Speak("loosen up! ", 1, {"emotion": "angry"}),
        Speak("Please. ", 1, {"emotion": "angry"}),
        Speak("Slow.", 1, {"speed": 0.6}),
        ContextDone(),
    ]


def test_settings_may_be_left_out_or_null_and_per_message_fields_may_differ() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("One ", language="en", duration=3), now=0)
    contexts.receive(message("two", language=None, flush=True, duration=4), now=0)
    assert perform(context) == [Speak("One two", 1), FlushDone(1)]


def test_the_id_of_an_ended_context_cannot_be_reused() -> None:
    contexts = new_contexts()
    contexts.receive(message("One"), now=0)
    contexts.end("c1")
    with pytest.raises(HTTPError, match="generate a new context_id"):
        contexts.receive(message("Two"), now=0)


def test_a_closed_context_takes_no_more_text() -> None:
    contexts = new_contexts()
    contexts.receive(message("One", **{"continue": False}), now=0)
    with pytest.raises(HTTPError, match="takes no more transcripts"):
        contexts.receive(message("Two"), now=0)


def test_the_last_speak_step_of_a_context_is_marked() -> None:
    contexts = new_contexts()
    context = contexts.receive(message("One. ", max_buffer_delay_ms=0), now=0)
    contexts.receive(message("Two.", max_buffer_delay_ms=0, **{"continue": False}), now=0)
    context.take()
    assert not context.is_last
    context.take()
    assert context.is_last
