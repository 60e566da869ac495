"""Hold the document to what the generator can carry; what it would lose in silence is an error here."""

from __future__ import annotations

from scripts.view.document import Document


def check_conventions(document: Document) -> None:
    """Check the bundled document."""
    del document
