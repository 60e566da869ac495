"""Hold the document to what the generator can carry.

openapi-python-client loses some things in silence; what it would lose, and what our own view could
not print, is an error here, which names the place in the document and the way out.
"""

from __future__ import annotations

from itertools import chain

from scripts.bundle import DocumentError
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
        DocumentError: With one line for each fault.
    """
    found = chain(
        check_schemas(document),
        check_unions(document),
        check_operations(document),
        check_extensions(document),
        check_names(document),
    )
    faults = [f"{document.place(fault.pointer)}: {fault.text}" for fault in found]
    if faults:
        raise DocumentError(list(dict.fromkeys(faults)))
