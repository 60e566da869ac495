"""Check that the document uses only what the generator supports.

openapi-python-client drops some constructs without a warning. Those, and the ones that our own
templates cannot print, are errors here, with the location in the document and the fix.
"""

from __future__ import annotations

from itertools import chain

from scripts.bundle import DocumentError
from scripts.conventions.exclusive_fields import check_exclusive_fields
from scripts.conventions.extensions import check_extensions
from scripts.conventions.name_conflicts import check_names
from scripts.conventions.operations import check_operations
from scripts.conventions.schemas import check_schemas
from scripts.conventions.unions import check_unions
from scripts.view.document import Document


def check_conventions(document: Document) -> None:
    """Check the bundled document.

    Args:
        document: The document.

    Raises:
        DocumentError: With one line per violation.
    """
    found = chain(
        check_schemas(document),
        check_unions(document),
        check_exclusive_fields(document),
        check_operations(document),
        check_extensions(document),
        check_names(document),
    )
    faults = [f"{document.place(fault.pointer)}: {fault.text}" for fault in found]
    if faults:
        raise DocumentError(list(dict.fromkeys(faults)))
