# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/tiny.py
# Do not edit: change that file instead.
"""A tiny API of our own, as the generator would print it: each verb of the requester once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from cartesia._runtime._sync.client import APIClient
from cartesia._runtime._sync.pages import Paginator
from cartesia._runtime._sync.primitives import sleep
from cartesia._runtime._sync.resource import (
    SyncResource,
    to_raw,
    to_streamed,
    to_streamed_binary,
)
from cartesia._runtime._sync.responses import BinaryAPIResponse
from cartesia._runtime._sync.stream import Stream
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


class Things(SyncResource):
    """Things."""

    @cached_property
    def with_raw_response(self) -> ThingsWithRawResponse:
        return ThingsWithRawResponse(Things(self._requester.returning("raw")))

    @cached_property
    def with_streaming_response(self) -> ThingsWithStreamingResponse:
        return ThingsWithStreamingResponse(Things(self._requester.returning("streamed")))

    def get(
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
        return self._requester.model(request, Model.from_dict)

    def raw(self) -> object:
        return self._requester.custom(Request(RAW), read_json)

    def list(
        self, *, limit: int | Omit | None = omit, ending_before: str | Omit | None = omit
    ) -> Paginator[Model]:
        query = {"limit": limit, "ending_before": ending_before}
        return self._requester.page(Request(LIST, query=query), Model.from_dict)

    def delete(self, id: str) -> None:
        return self._requester.empty(Request(DELETE, path={"id": id}))

    def export(self) -> str:
        return self._requester.text(Request(EXPORT))

    def create(self, *, name: str | Omit | None = omit, extra_body: Body | None = None) -> Model:
        request = Request(CREATE, body={"name": name}, extra_body=extra_body)
        return self._requester.model(request, Model.from_dict)

    def upload(self, *, clip: FileTypes | Omit = omit, names: Sequence[str] | Omit = omit) -> Model:
        request = Request(UPLOAD, form={"names[]": names}, files={"clip": clip})
        return self._requester.model(request, Model.from_dict)

    def speak(self) -> BinaryAPIResponse:
        return self._requester.binary(Request(SPEAK, body={}))

    def watch(self) -> Stream[Model]:
        return self._requester.stream(Request(WATCH, body={}), Model.from_dict)


class ThingsWithRawResponse:
    """Things, as responses."""

    def __init__(self, things: Things) -> None:
        self.get = to_raw(things.get)
        self.delete = to_raw(things.delete)
        self.export = to_raw(things.export)
        self.list = to_raw(things.list)
        self.speak = things.speak
        self.watch = to_raw(things.watch)


class ThingsWithStreamingResponse:
    """Things, as responses that are not read yet."""

    def __init__(self, things: Things) -> None:
        self.get = to_streamed(things.get)
        self.delete = to_streamed(things.delete)
        self.list = to_streamed(things.list)
        self.speak = to_streamed_binary(things.speak)
        self.watch = to_streamed(things.watch)


class Tiny(APIClient):
    """The client."""

    api_version = "2025-11-04"

    @cached_property
    def things(self) -> Things:
        return Things(self._requester)


def until(ready: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(500):
        if ready():
            return
        sleep(0.01)
    raise AssertionError("it never came to be")


def tiny(url: str, *, max_retries: int = 0, retry_generations: bool = False) -> Tiny:
    """Make a client that does not retry unless it is told to."""
    return Tiny(
        api_key="sk_test",
        base_url=url,
        max_retries=max_retries,
        retry_generations=retry_generations,
        timeout=5.0,
    )
