"""The types that other code knows by another name than the document gives them."""

from __future__ import annotations

from cartesia_rest.models import DatasetFile, Deployment, MetricResult, PhoneNumber

__all__ = [
    "AgentListPhoneNumbersResponse",
    "DeploymentListResponse",
    "FileListResponse",
    "ResultExportResponse",
    "ResultListResponse",
]

AgentListPhoneNumbersResponse = list[PhoneNumber]
"""What `agents.list_phone_numbers` gives."""

DeploymentListResponse = list[Deployment]
"""What `agents.deployments.list` gives."""

FileListResponse = DatasetFile
"""One item of what `datasets.files.list` gives."""

ResultListResponse = MetricResult
"""One item of what `agents.metrics.results.list` gives."""

ResultExportResponse = str
"""What `agents.metrics.results.export` gives: CSV."""
