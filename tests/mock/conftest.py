"""A mock server on the loopback interface, and plain httpx and websockets clients."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from cartesia_mock.document.openapi_document import APIDocument
from cartesia_mock.document.schema_validation import SchemaValidator
from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS, NO_TLS, OLD, VOICE, Connect
from tests.mock.response_checker import ResponseChecker


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with serve(engine="tone") as base:
        yield base


@pytest.fixture
def http(url: str) -> Iterator[httpx.Client]:
    """A client with a key and the version of 2025-11-04."""
    with httpx.Client(base_url=url, headers=HEADERS, timeout=30, verify=NO_TLS) as client:
        yield client


@pytest.fixture
def bare(url: str) -> Iterator[httpx.Client]:
    """A client without key and version."""
    with httpx.Client(base_url=url, timeout=30, verify=NO_TLS) as client:
        yield client


@pytest.fixture(scope="session")
def document() -> APIDocument:
    return APIDocument.load()


@pytest.fixture(scope="session")
def schemas(document: APIDocument) -> SchemaValidator:
    return SchemaValidator(document)


@pytest.fixture(scope="session")
def checker(document: APIDocument, schemas: SchemaValidator) -> ResponseChecker:
    return ResponseChecker(document, schemas)


@pytest.fixture
def api(checker: ResponseChecker) -> Iterator[httpx.Client]:
    """A client of a new server, which holds every answer to the document."""
    with serve(engine="tone") as base, checker.client(base) as client:
        yield client


@pytest.fixture
def speech_request() -> dict[str, Any]:
    """A request that /tts/bytes, /tts/sse and, with a context_id, the socket accept."""
    return {
        "model_id": "sonic-3",
        "transcript": "Hello there.",
        "voice": {"mode": "id", "id": VOICE},
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000},
    }


@pytest.fixture
def open_socket(url: str) -> Connect:
    @asynccontextmanager
    async def open_it(
        path: str = "/tts/websocket", *, base: str | None = None, version: str = OLD
    ) -> AsyncGenerator[ClientConnection]:
        address = (base or url).replace("http", "ws", 1) + path
        headers = {**HEADERS, "cartesia-version": version}
        async with connect(address, additional_headers=headers) as socket:
            yield socket

    return open_it
