"""Rewrite the expected output of the golden cases: ``make golden``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from scripts.generate import Settings, generate
from scripts.view.package import PACKAGE

CASES = Path(__file__).parent / "golden"


def cases() -> list[Path]:
    """Return the folder of each case."""
    return sorted(path for path in CASES.iterdir() if path.is_dir())


def generate_case(case: Path, folder: Path) -> Path:
    """Generate a case into an empty folder; give the package."""
    document = case / "openapi" / "openapi.yaml"
    generate(Settings(document=document, output=folder, bundled=None, public=None), folder)
    return folder / PACKAGE


def main() -> None:
    """Rewrite every case."""
    for case in cases():
        with tempfile.TemporaryDirectory() as name:
            fresh = generate_case(case, Path(name))
            shutil.rmtree(case / "expected", ignore_errors=True)
            shutil.copytree(fresh, case / "expected")
        sys.stdout.write(f"golden: {case.name}\n")


if __name__ == "__main__":
    main()
