"""Refusals become the right error, and its text says what to do."""

from __future__ import annotations

import json

import pytest

import cartesia
from cartesia import omit
from tests.runtime._async.tiny import AsyncTiny, tiny
from tests.runtime.server import answer, serve

pytestmark = pytest.mark.anyio


REFUSALS: list[tuple[int, type[cartesia.APIStatusError]]] = [
    (400, cartesia.BadRequestError),
    (401, cartesia.AuthenticationError),
    (402, cartesia.APIStatusError),
    (403, cartesia.PermissionDeniedError),
    (404, cartesia.NotFoundError),
    (409, cartesia.ConflictError),
    (422, cartesia.UnprocessableEntityError),
    (429, cartesia.RateLimitError),
    (500, cartesia.InternalServerError),
    (503, cartesia.InternalServerError),
    (304, cartesia.APIStatusError),
]


@pytest.mark.parametrize(("status", "kind"), REFUSALS)
async def test_refusals_have_their_class(status: int, kind: type[cartesia.APIStatusError]) -> None:
    with serve(
        answer(b"" if status == 304 else b"Invalid model: no such model", status=status)
    ) as server:
        async with tiny(server.url) as client:
            with pytest.raises(kind) as caught:
                await client.things.get("t")
    assert type(caught.value) is kind
    assert caught.value.status_code == status
    assert str(caught.value).startswith(f"Error code: {status}")


async def test_a_refusal_in_json_tells_all() -> None:
    body = {
        "title": "Voice not found",
        "message": "No voice has this id.",
        "error_code": "voice_not_found",
        "request_id": "r-2",
        "doc_url": "https://docs.test/voices",
    }
    with serve(answer(json.dumps(body).encode(), status=404)) as server:
        async with tiny(server.url) as client:
            with pytest.raises(cartesia.NotFoundError) as caught:
                await client.things.get("t")
    error = caught.value
    assert error.body == body
    assert (error.title, error.message) == (body["title"], body["message"])
    assert (error.error_code, error.doc_url) == (body["error_code"], body["doc_url"])
    assert error.request_id == "r-2"
    assert error.response.json() == body
    assert error.request.url.path == "/things/t"
    assert str(error) == (
        "Error code: 404 - Voice not found: No voice has this id. (see https://docs.test/voices) "
        "(request id: r-2)"
    )


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (b"", {}, "Error code: 400 - Said"),
        (b"Bad: worse\n", {"x-request-id": "r"}, "Error code: 400 - Bad: worse (request id: r)"),
        (b"\xff\xfe oh", {}, "Error code: 400 - \ufffd\ufffd oh"),
        (b"oh", {"content-type": "text/plain; charset=nonsense"}, "Error code: 400 - oh"),
        (b"<html>" + b"x" * 9000, {}, f"Error code: 400 - <html>{'x' * 494}..."),
        (b'{"error": "old"}', {}, "Error code: 400 - old"),
        (b'{"other": 1}', {}, 'Error code: 400 - {"other": 1}'),
    ],
)
async def test_refusals_of_any_shape(body: bytes, headers: dict[str, str], said: str) -> None:
    with serve(answer(body, status=400, headers=headers)) as server:
        async with tiny(server.url) as client:
            with pytest.raises(cartesia.BadRequestError) as caught:
                await client.things.get("t")
    assert str(caught.value) == said


async def test_a_refusal_that_is_cut_is_still_a_refusal() -> None:
    with serve(answer(b"half", status=403, length=99)) as server:
        async with tiny(server.url) as client:
            with pytest.raises(cartesia.PermissionDeniedError):
                await client.things.get("t")


async def test_a_wrong_key_says_where_the_key_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(answer(b"Unauthorized: bad key", status=401)) as server:
        monkeypatch.setenv("CARTESIA_API_KEY", "sk_env")
        for client, source in (
            (AsyncTiny(base_url=server.url), "the environment variable CARTESIA_API_KEY"),
            (AsyncTiny(base_url=server.url, token="jwt"), "the argument `token`"),
            (AsyncTiny(base_url=server.url, api_key="sk_own"), "the argument `api_key`"),
            (AsyncTiny(base_url=server.url).copy(max_retries=1), "the environment variable"),
        ):
            async with client:
                with pytest.raises(cartesia.AuthenticationError, match=source) as caught:
                    await client.things.get("t")
            assert "sk_" not in str(caught.value).replace("`", "")
        monkeypatch.delenv("CARTESIA_API_KEY")
        async with AsyncTiny(base_url=server.url) as client:
            with pytest.raises(cartesia.AuthenticationError, match="credentials in its headers"):
                await client.things.get("t", extra_headers={"X-API-Key": "sk_x"})
    sent = [request.headers.get("authorization") for request in server.requests]
    assert sent == ["Bearer sk_env", "Bearer jwt", "Bearer sk_own", "Bearer sk_env", None]


async def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARTESIA_API_KEY", raising=False)
    with serve(answer(b"{}")) as server:
        async with AsyncTiny(base_url=server.url, api_key="") as client:
            with pytest.raises(TypeError, match="CARTESIA_API_KEY"):
                await client.things.get("t")
            with pytest.raises(cartesia.MissingCredentialsError):
                await client.things.speak()
            await client.things.get("t", extra_headers={"Authorization": omit})
    (request,) = server.requests
    assert "authorization" not in request.headers
