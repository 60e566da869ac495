"""Pronunciation dictionaries: stored, and applied in all speech."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from cartesia_mock.speech import (
    ENGINE_RATE,
    Pronunciation,
    PronunciationDictionary,
    SpeechSynthesizer,
)
from cartesia_mock.speech.markup import Passage, parse_transcript
from tests.mock.helpers import HEADERS, NEW, VOICE, joined_audio, joined_words, read_sse

ITEMS = [{"text": "Kjell", "alias": "shell"}, {"text": "Nguyen", "pronunciation": "win"}]
BOTH = [
    {"text": "Kjell", "alias": "shell", "pronunciation": "shell"},
    {"text": "Nguyen", "alias": "win", "pronunciation": "win"},
]


def make(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = api.post("/pronunciation-dicts/", json={"name": "Names"} | fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_items_are_read_in_either_spelling_and_returned_in_both(api: httpx.Client) -> None:
    made = make(api, items=ITEMS)
    assert made["items"] == BOTH
    assert not made["pinned"]
    assert api.get(f"/pronunciation-dicts/{made['id']}").json() == made
    assert api.get("/pronunciation-dicts/").json()["data"] == [made]


@pytest.mark.parametrize("items", [{}, {"items": None}, {"items": []}])
def test_a_dictionary_may_be_empty(api: httpx.Client, items: dict[str, Any]) -> None:
    assert make(api, **items)["items"] == []


def test_an_update_replaces_the_words_and_leaves_out_the_rest(api: httpx.Client) -> None:
    made = make(api, items=ITEMS)
    path = f"/pronunciation-dicts/{made['id']}"
    renamed = api.patch(path, json={"name": "People", "items": None}).json()
    assert renamed == made | {"name": "People"}
    fewer = api.patch(path, json={"items": ITEMS[:1], "name": None}).json()
    assert fewer == made | {"name": "People", "items": BOTH[:1]}


def test_a_deleted_dictionary_is_gone(api: httpx.Client, speech_request: dict[str, Any]) -> None:
    made = make(api, items=ITEMS)
    path = f"/pronunciation-dicts/{made['id']}"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.patch(path, json={"name": "x"}).status_code == 404
    assert api.delete(path).status_code == 404
    gone = speech_request | {"pronunciation_dict_id": made["id"]}
    assert api.post("/tts/bytes", json=gone).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"name": 1}, {"name": "x", "items": [{"text": "y"}]}, {"name": "x", "items": "y"}]
)
def test_invalid_dictionaries_are_refused(api: httpx.Client, body: dict[str, Any]) -> None:
    assert api.post("/pronunciation-dicts/", json=body).status_code == 400


def test_bytes_events_and_socket_have_the_same_audio(
    api: httpx.Client, speech_request: dict[str, Any]
) -> None:
    plain = speech_request | {"transcript": "Ask Kjell."}
    named = plain | {"pronunciation_dict_id": make(api, items=ITEMS)["id"]}
    without = api.post("/tts/bytes", json=plain).content
    with_it = api.post("/tts/bytes", json=named).content
    respelled = api.post("/tts/bytes", json=plain | {"transcript": "Ask shell."}).content
    assert with_it == respelled != without

    events = read_sse(api.post("/tts/sse", json=named | {"add_timestamps": True}).text)
    data = [event for _, event in events]
    assert joined_audio(data) == with_it
    assert [word for word, _, _ in joined_words(data)] == ["Ask", "Kjell."]

    address = str(api.base_url).replace("http", "ws", 1) + "/tts/websocket"
    with connect(address, additional_headers=HEADERS) as socket:
        socket.send(json.dumps(named | {"context_id": "c", "add_timestamps": True}))
        spoken = [json.loads(socket.recv())]
        while spoken[-1]["type"] != "done":
            spoken.append(json.loads(socket.recv()))
        assert joined_audio(spoken) == with_it
        assert [word for word, _, _ in joined_words(spoken)] == ["Ask", "Kjell."]
        socket.send(json.dumps(named | {"context_id": "d", "pronunciation_dict_id": "nothing"}))
        refused = json.loads(socket.recv())
    assert (refused["type"], refused["status_code"]) == ("error", 404)


@pytest.mark.parametrize(
    ("text", "language", "items", "same_as"),
    [
        ("ask KJELL, now", "en", [("Kjell", "shell")], "ask shell, now"),
        ("(Kjell)", "en", [("kjell", "shell")], "shell)"),
        ("in New York City now", "en", [("New York", "there"), ("city", "x")], "in there x now"),
        ("in New York City now", "en", [("New", "a"), ("New York City", "there")], "in there now"),
        ("a b", "en", [("a", "one"), ("a", "two")], "two b"),
        ("us in the US", "en", [("US", "states", True)], "us in the states"),
        ("us in the US", "en", [("us", "we"), ("US", "states", True)], "we in the states"),
        ("us in the US", "en", [("US", "states", True), ("us", "we")], "we in the we"),
        (
            "nothing here",
            "en",
            [("Kjell", "shell"), ("", "empty"), ("?!", "marks")],
            "nothing here",
        ),
        ("我在北京。", "zh", [("北京", "巴黎")], "我在巴黎。"),
    ],
)
def test_words_are_replaced(text: str, language: str, items: list[Any], same_as: str) -> None:
    (passage,) = parse_transcript(text, language)
    assert isinstance(passage, Passage)
    respelled = PronunciationDictionary(Pronunciation(*item) for item in items).apply(
        passage, language
    )
    assert [word.text for word in respelled.words] == [word.text for word in passage.words]
    joiner = "" if language == "zh" else " "
    assert joiner.join(word.spoken for word in respelled.words if word.spoken) == same_as


def test_the_case_of_words_matters_where_an_item_says_so(
    api: httpx.Client, speech_request: dict[str, Any]
) -> None:
    """A model before sonic-3.6 ignores case all the same."""
    headers = {"cartesia-version": NEW}
    items = [{"text": "US", "alias": "states", "case_sensitive": True}, {"text": "a", "alias": "b"}]
    made = api.post(
        "/pronunciation-dicts/", headers=headers, json={"name": "Case", "items": items}
    ).json()
    assert [item.get("case_sensitive") for item in made["items"]] == [True, None]

    def speak(transcript: str, model: str, **more: str) -> bytes:
        request = speech_request | {"transcript": transcript, "model_id": model, "voice": VOICE}
        answer = api.post("/tts/bytes", headers=headers, json=request | more)
        assert answer.status_code == 200, answer.text
        return answer.content

    named = {"pronunciation_dict_id": made["id"]}
    for model, respelled in (("sonic-3.6", "us states"), ("sonic-3.5", "states states")):
        assert speak("us US", model, **named) == speak(respelled, model)


def test_a_word_with_an_empty_pronunciation_takes_almost_no_time() -> None:
    utterance = SpeechSynthesizer(engine="tone").synthesize(
        "one two", pronunciations=PronunciationDictionary([Pronunciation("two", "")])
    )
    assert [word.text for word in utterance.words] == ["one", "two"]
    assert (
        len(utterance.samples) / ENGINE_RATE
        < SpeechSynthesizer(engine="tone").synthesize("one two").duration
    )
