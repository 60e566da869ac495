# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/test_pickling.py
# Do not edit: change that file instead.
"""What is pickled holds no credentials, and what cannot be pickled says why."""

from __future__ import annotations

import copy
import pickle

import httpx
import pytest

import cartesia
from tests.runtime._sync.tiny import tiny
from tests.runtime.server import answer, chunked, hang_up, serve

SECRETS = ("sk_test", "cookie-secret", "gateway-secret", "user-secret", "query-secret")
HEADERS = {"Cookie": "a=cookie-secret", "X-Gateway": "gateway-secret"}
STEPS = [answer(b'{"message": "no"}', status=404), answer(b"nonsense"), answer(b"{", length=9)]


def pickled(thing: object) -> object:
    data = pickle.dumps(thing)
    assert not [secret for secret in SECRETS if secret.encode() in data]
    return pickle.loads(data)  # noqa: S301  # our own


@pytest.mark.parametrize("step", [*STEPS, hang_up])
def test_an_error_is_pickled_without_credentials(step: object) -> None:
    with serve(step) as server:  # type: ignore[arg-type]
        query = {"access_token": "query-secret", "q": "kept"}
        options = tiny(server.url).with_options(default_headers=HEADERS, default_query=query)
        with options as client:
            with pytest.raises(cartesia.APIError) as caught:
                client.things.get("t")
    error = caught.value
    again = pickled(error)
    assert isinstance(again, cartesia.APIError)
    assert (type(again), str(again), again.body) == (type(error), str(error), error.body)
    assert again.request.url == error.request.url
    assert again.request.url.path == "/things/t"
    assert again.request.url.query == b"access_token=[secret]&q=kept"
    assert again.request.headers["authorization"] == "[secret]"
    assert again.request.headers["accept"] == "application/json"
    if isinstance(error, cartesia.APIStatusError):
        assert isinstance(again, cartesia.APIStatusError)
        assert again.response.status_code == error.response.status_code
        assert pickled(error.response)
    cause = error.__cause__
    while cause is not None:
        pickled(cause)
        cause = cause.__cause__ or cause.__context__


def test_a_user_in_the_base_url_is_sent_as_basic_authorization_and_shown_nowhere() -> None:
    with serve(answer(b"", status=404)) as server:
        url = server.url.replace("://", "://me:user-secret%40@")
        with tiny(url) as client:
            with pytest.raises(cartesia.NotFoundError) as caught:
                client.things.get("t")
            assert "user-secret" not in repr(client)
    (request,) = server.requests
    assert request.headers["authorization"] == "Basic bWU6dXNlci1zZWNyZXRA"
    assert "user-secret" not in repr(caught.value.request) + str(caught.value.request.url)
    pickled(caught.value)


def test_the_request_of_a_response_is_shown_without_credentials() -> None:
    with serve(answer(b'{"id": "t"}')) as server:
        with tiny(server.url).with_options(default_headers=HEADERS) as client:
            raw = client.things.with_raw_response.get("t")
            pickled(raw.http_response)
            pickled(raw.http_request)
            pickled(client.get("/t", cast_to=httpx.Response))
            assert raw.http_request.headers["x-gateway"] == "[secret]"
            assert raw.http_request.extensions["timeout"]
            raw.read()
            assert getattr(pickled(raw.http_response), "content", None) == b'{"id": "t"}'
    assert server.requests[0].headers["x-gateway"] == "gateway-secret"


def test_what_cannot_be_pickled_says_why_and_what_can() -> None:
    ended = b'data: {"done": true}\n\n'
    steps = [
        answer(b'{"id": "t"}'),
        chunked(b"RIFF", media_type="audio/pcm"),
        chunked(ended, media_type="text/event-stream"),
        answer(b'{"data": [{"id": "t"}]}'),
    ]
    with serve(*steps) as server:
        with tiny(server.url) as client:
            raw = client.things.with_raw_response.get("t")
            speech = client.things.speak()
            stream = client.things.watch()
            page = client.things.list()
            for response in (raw, speech, speech.iter_bytes(), stream):
                with pytest.raises(TypeError, match=r"a response cannot be pickled.*`read"):
                    pickle.dumps(response)
            with pytest.raises(TypeError, match=r"a page cannot be pickled.*pickle its `data`"):
                pickle.dumps(page)
            assert pickled(page.data) == page.data
            for part in (client, client.things):
                with pytest.raises(TypeError, match=r"a client cannot be pickled.*in each process"):
                    pickle.dumps(part)
            assert repr(copy.copy(client)) == repr(client)
            speech.close()
            stream.close()
