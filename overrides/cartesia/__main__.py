"""``python -m cartesia`` is the command ``cartesia-voice``."""

import sys

from cartesia.cli import main

if __name__ == "__main__":
    sys.exit(main(program="python -m cartesia"))
