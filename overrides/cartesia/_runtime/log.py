"""The one logger: it is told what is called and how it went, never keys, texts or audio.

``CARTESIA_LOG=debug`` (or ``info``) in the environment turns it on without a line of code.
"""

from __future__ import annotations

import logging
import os

logger = logging.getLogger("cartesia")


def obey_environment() -> None:
    """Turn the logger on if the environment asks for it."""
    level = {"debug": logging.DEBUG, "info": logging.INFO}.get(
        os.environ.get("CARTESIA_LOG", "").lower()
    )
    if level is not None:
        logging.basicConfig(format="[%(asctime)s %(name)s %(levelname)s] %(message)s")
        logger.setLevel(level)
