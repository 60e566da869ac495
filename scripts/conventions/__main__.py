"""Check the document, as `make lint` does: ``python -m scripts.conventions [openapi.yaml]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.bundle import DocumentError, bundle
from scripts.conventions import check_document
from scripts.view.document import Document

MAIN = Path(__file__).resolve().parents[2] / "openapi" / "openapi.yaml"


def main(arguments: Sequence[str]) -> int:
    """Print every fault of a document; give the exit status.

    Args:
        arguments: The main file of the document; the project's own by default.
    """
    try:
        check_document(Document(bundle(Path(arguments[0]) if arguments else MAIN)))
    except DocumentError as error:
        for fault in error.faults:
            print(f"conventions: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
