"""Check that every handler has an operation: ``python -m cartesia_mock.handlers``."""

from __future__ import annotations

import sys

from cartesia_mock.document.openapi_document import APIDocument, InvalidDocumentError
from cartesia_mock.handlers.registration import http_handlers, websocket_handlers
from cartesia_mock.http.routing import check_served


def main() -> int:
    """Print what is wrong with the bundled document's handlers; return the exit status."""
    try:
        document = APIDocument.load()
        check_served(document, http_handlers(document), websocket_handlers(document))
    except InvalidDocumentError as error:
        for line in str(error).splitlines():
            print(f"cartesia_mock: {line}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
