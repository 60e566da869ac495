"""A client that validates every response against the document: status, media type and schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import httpx

from cartesia_mock.api.jsontypes import JSONValue, as_object, parse_json
from cartesia_mock.api.versions import served_date
from cartesia_mock.document.openapi_document import APIDocument, APIOperation
from cartesia_mock.document.schema_validation import SchemaValidator
from tests.mock.helpers import HEADERS, NO_TLS


@dataclass(frozen=True)
class ResponseChecker:
    """Holds answers to the document of their date; called by the client with each."""

    document: APIDocument
    schemas: SchemaValidator

    def dated(self, date: str) -> ResponseChecker:
        """Return the checker for the document of a date."""
        date = served_date(date, self.document.dates) if date else self.document.version
        return self if date == self.document.version else _checker(self.document, date)

    def client(self, url: str, **headers: str) -> httpx.Client:
        """Return a client with a key and the version of 2025-11-04 that checks what it gets."""
        return httpx.Client(
            base_url=url,
            headers={**HEADERS, **headers},
            timeout=30,
            verify=NO_TLS,
            event_hooks={"response": [self]},
        )

    def __call__(self, answer: httpx.Response) -> None:
        answer.read()
        self.dated(answer.request.headers.get("cartesia-version", "")).check(answer)

    def check(self, answer: httpx.Response) -> None:
        """Hold an answer to this document."""
        operation = self._operation(answer.request)
        if operation is None:
            return
        pointer = f"{operation.pointer}/responses"
        known = as_object(self.document.at(pointer))
        status = str(answer.status_code)
        assert answer.status_code < 500, answer.text
        place, node = self.document.find(f"{pointer}/{status if status in known else 'default'}")
        content = as_object(as_object(node).get("content"))
        assert "x-request-id" in answer.headers
        if not content:
            assert answer.content == b""
            return
        media = answer.headers["content-type"].partition(";")[0]
        assert media in content, f"{operation.id} answered {media}"
        if not media.startswith("audio/"):
            schema = f"{place}/content/{media.replace('/', '~1')}/schema"
            for value in _values(answer, media):
                assert self.schemas.problems(schema, value) == [], f"{operation.id}: {value}"

    def _operation(self, request: httpx.Request) -> APIOperation | None:
        fits = [
            operation
            for operation in self.document.operations
            if operation.method == request.method
            and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation.path), request.url.path)
        ]
        return min(fits, key=lambda operation: operation.path.count("{"), default=None)


@cache
def _checker(document: APIDocument, date: str) -> ResponseChecker:
    dated = document.dated(date)
    return ResponseChecker(dated, SchemaValidator(dated))


def _values(answer: httpx.Response, media: str) -> list[JSONValue]:
    if media == "application/json":
        return [parse_json(answer.content)]
    if media == "text/event-stream":
        return [parse_json(data) for data in re.findall(r"^data: (.*)$", answer.text, re.MULTILINE)]
    return [answer.text]
