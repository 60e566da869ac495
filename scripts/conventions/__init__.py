"""Check that the document uses only what the generator supports, and says all that is needed.

openapi-python-client drops some constructs without a warning. Those, and the ones that our own
templates cannot print, are errors here, with the location in the document and the fix. So is what
the mock and the tests would miss: an example, a description, an answer for errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from scripts.bundle import DocumentError
from scripts.conventions.completeness import check_completeness
from scripts.conventions.examples import check_examples
from scripts.conventions.exclusive_fields import check_exclusive_fields
from scripts.conventions.extensions import check_extensions
from scripts.conventions.keywords import check_keywords
from scripts.conventions.name_conflicts import check_names
from scripts.conventions.operations import check_operations
from scripts.conventions.references import check_references
from scripts.conventions.schema_walk import Violation
from scripts.conventions.schemas import check_schemas
from scripts.conventions.unions import check_unions
from scripts.conventions.websockets import check_websockets
from scripts.view.document import Document


def check_conventions(document: Document) -> None:
    """Check what the generator needs, which is all that a document of a few lines must have.

    Args:
        document: The document.

    Raises:
        DocumentError: With one line per violation.
    """
    _raise(document, check_references(document))  # The other checks follow references.
    _raise(document, _needed_by_the_generator(document))


def check_document(document: Document) -> None:
    """Check everything: what the generator, the mock and the tests need.

    Args:
        document: The document.

    Raises:
        DocumentError: With one line per violation.
    """
    _raise(document, check_references(document))
    complete = (check_completeness(document), check_examples(document))
    unused = [
        f"{place}: nothing refers to it; refer to it, or remove it"
        for place in document.bundle.unused
    ]
    _raise(document, chain(_needed_by_the_generator(document), *complete), unused)


def _needed_by_the_generator(document: Document) -> Iterable[Violation]:
    return chain(
        check_schemas(document),
        check_unions(document),
        check_exclusive_fields(document),
        check_operations(document),
        check_extensions(document),
        check_websockets(document),
        check_names(document),
        check_keywords(document),
    )


def _raise(document: Document, found: Iterable[Violation], more: Sequence[str] = ()) -> None:
    faults = [f"{document.place(fault.pointer)}: {fault.text}" for fault in found]
    faults += more
    if faults:
        raise DocumentError(list(dict.fromkeys(faults)))
