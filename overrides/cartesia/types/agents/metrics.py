"""The types of what metrics found."""

from __future__ import annotations

from cartesia.types._aliases import (
    ResultExportResponse,
    ResultListResponse,
)
from cartesia_rest.models import MetricResult

__all__ = ["MetricResult", "ResultExportResponse", "ResultListResponse"]
