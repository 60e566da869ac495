"""The logger of this package, which never logs keys, texts or audio.

``CARTESIA_LOG=debug`` (or ``info``) in the environment turns it on.
"""

from __future__ import annotations

import logging
import os

logger = logging.getLogger("cartesia")


def configure_from_environment() -> None:
    """Set the level of the logger that ``CARTESIA_LOG`` asks for, if it does."""
    level = {"debug": logging.DEBUG, "info": logging.INFO}.get(
        os.environ.get("CARTESIA_LOG", "").lower()
    )
    if level is not None:
        logging.basicConfig(format="[%(asctime)s %(name)s %(levelname)s] %(message)s")
        logger.setLevel(level)
