"""The OpenAPI document that is served, and validation against its schemas."""

from __future__ import annotations

from cartesia_mock.document.openapi_document import APIDocument

__all__ = ["APIDocument"]
