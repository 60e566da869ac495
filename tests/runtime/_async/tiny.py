"""A tiny API of our own, as the generator would print it: each verb of the requester once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from cartesia._runtime._async.client import AsyncAPIClient
from cartesia._runtime._async.pages import AsyncPaginator
from cartesia._runtime._async.primitives import sleep
from cartesia._runtime._async.resource import (
    AsyncResource,
    async_to_raw,
    async_to_streamed,
    async_to_streamed_binary,
)
from cartesia._runtime._async.responses import AsyncBinaryAPIResponse
from cartesia._runtime._async.stream import AsyncStream
from cartesia._runtime.content import read_json
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.types import (
    Body,
    FileTypes,
    Headers,
    NotGiven,
    Omit,
    Query,
    TimeoutTypes,
    not_given,
    omit,
)

GET = Operation("things.get", "GET", "/things/{id}")
RAW = Operation("things.raw", "GET", "/raw")
LIST = Operation("things.list", "GET", "/things")
DELETE = Operation("things.delete", "DELETE", "/things/{id}", accept="*/*")
EXPORT = Operation("things.export", "GET", "/export", accept="text/csv")
CREATE = Operation("things.create", "POST", "/things")
UPLOAD = Operation("things.upload", "POST", "/upload")
SPEAK = Operation("things.speak", "POST", "/speak", accept="audio/wav", billed=True)
WATCH = Operation("things.watch", "POST", "/watch", accept="text/event-stream", billed=True)


class AsyncThings(AsyncResource):
    """Things."""

    @cached_property
    def with_raw_response(self) -> AsyncThingsWithRawResponse:
        return AsyncThingsWithRawResponse(AsyncThings(self._requester.returning("raw")))

    @cached_property
    def with_streaming_response(self) -> AsyncThingsWithStreamingResponse:
        return AsyncThingsWithStreamingResponse(AsyncThings(self._requester.returning("streamed")))

    async def get(
        self,
        id: str,
        *,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        timeout: TimeoutTypes | NotGiven = not_given,
        deadline: float | NotGiven | None = not_given,
    ) -> Model:
        request = Request(
            GET,
            path={"id": id},
            extra_headers=extra_headers,
            extra_query=extra_query,
            timeout=timeout,
            deadline=deadline,
        )
        return await self._requester.model(request, Model.from_dict)

    async def raw(self) -> object:
        return await self._requester.custom(Request(RAW), read_json)

    def list(
        self, *, limit: int | Omit | None = omit, ending_before: str | Omit | None = omit
    ) -> AsyncPaginator[Model]:
        query = {"limit": limit, "ending_before": ending_before}
        return self._requester.page(Request(LIST, query=query), Model.from_dict)

    async def delete(self, id: str) -> None:
        return await self._requester.empty(Request(DELETE, path={"id": id}))

    async def export(self) -> str:
        return await self._requester.text(Request(EXPORT))

    async def create(
        self, *, name: str | Omit | None = omit, extra_body: Body | None = None
    ) -> Model:
        request = Request(CREATE, body={"name": name}, extra_body=extra_body)
        return await self._requester.model(request, Model.from_dict)

    async def upload(
        self, *, clip: FileTypes | Omit = omit, names: Sequence[str] | Omit = omit
    ) -> Model:
        request = Request(UPLOAD, form={"names[]": names}, files={"clip": clip})
        return await self._requester.model(request, Model.from_dict)

    async def speak(self) -> AsyncBinaryAPIResponse:
        return await self._requester.binary(Request(SPEAK, body={}))

    async def watch(self) -> AsyncStream[Model]:
        return await self._requester.stream(Request(WATCH, body={}), Model.from_dict)


class AsyncThingsWithRawResponse:
    """Things, as responses."""

    def __init__(self, things: AsyncThings) -> None:
        self.get = async_to_raw(things.get)
        self.delete = async_to_raw(things.delete)
        self.export = async_to_raw(things.export)
        self.list = async_to_raw(things.list)
        self.speak = things.speak
        self.watch = async_to_raw(things.watch)


class AsyncThingsWithStreamingResponse:
    """Things, as responses that are not read yet."""

    def __init__(self, things: AsyncThings) -> None:
        self.get = async_to_streamed(things.get)
        self.delete = async_to_streamed(things.delete)
        self.list = async_to_streamed(things.list)
        self.speak = async_to_streamed_binary(things.speak)
        self.watch = async_to_streamed(things.watch)


class AsyncTiny(AsyncAPIClient):
    """The client."""

    api_version = "2025-11-04"

    @cached_property
    def things(self) -> AsyncThings:
        return AsyncThings(self._requester)


async def until(ready: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(500):
        if ready():
            return
        await sleep(0.01)
    raise AssertionError("it never came to be")


def tiny(url: str, *, max_retries: int = 0, retry_generations: bool = False) -> AsyncTiny:
    """Make a client that does not retry unless it is told to."""
    return AsyncTiny(
        api_key="sk_test",
        base_url=url,
        max_retries=max_retries,
        retry_generations=retry_generations,
        timeout=5.0,
    )
