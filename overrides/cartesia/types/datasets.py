"""The types of datasets."""

from __future__ import annotations

from cartesia.types._aliases import FileListResponse
from cartesia_rest.models import (
    Dataset,
    DatasetFile,
)

__all__ = ["Dataset", "DatasetFile", "FileListResponse"]
