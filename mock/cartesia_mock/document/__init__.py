"""The OpenAPI document that is served, and validation against its schemas."""

from __future__ import annotations

from cartesia_mock.document.openapi_document import (
    BUNDLED_DOCUMENT,
    APIDocument,
    APIOperation,
    InvalidDocumentError,
    RequestBody,
    WebSocketSpec,
)
from cartesia_mock.document.schema_validation import SchemaValidator

__all__ = [
    "BUNDLED_DOCUMENT",
    "APIDocument",
    "APIOperation",
    "InvalidDocumentError",
    "RequestBody",
    "SchemaValidator",
    "WebSocketSpec",
]
