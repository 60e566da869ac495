"""Describe the changes of the Python interface that break users' code, as griffe finds them.

Run ``python -m scripts.api_diff [REVISION]``: what the git revision had, the last tag by default,
is compared with the working tree.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import griffe

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cartesia_rest", "cartesia")  # the second exports names of the first
SEARCH_PATHS = ("overrides", "generated")
_COLOUR = re.compile(r"\x1b\[\d+m")


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Print each breaking change.

    Args:
        arguments: The revision to compare with, such as a tag; the last tag by default.
        root: The root of the repository.

    Returns:
        0 if nothing breaks, 1 if something does, 2 if there is nothing to compare with.
    """
    base = next(filter(None, arguments), None) or _git(root, "describe", "--tags", "--abbrev=0")
    if not base:
        print(
            "api-diff: there is no tag yet, or none was fetched; name a revision: "
            "make api-diff BASE=main",
            file=sys.stderr,
        )
        return 2
    if not _git(root, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}"):
        print(f"api-diff: git has no revision {base!r}", file=sys.stderr)
        return 2
    old, new = _load(root, base), _load(root)
    lines = {
        _COLOUR.sub("", change.explain(griffe.ExplanationStyle.ONE_LINE))
        for package in PACKAGES
        for change in griffe.find_breaking_changes(old[package], new[package])
    }
    for line in sorted(lines):
        print(line)
    print(f"{len(lines) or 'no'} breaking changes of the Python interface since {base}")
    return int(bool(lines))


def _git(root: Path, *command: str) -> str:
    """Return what git prints, which is nothing if it fails."""
    done = subprocess.run(
        ["git", *command],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def _load(root: Path, revision: str | None = None) -> griffe.ModulesCollection:
    """Read both packages, of a revision or of the working tree, without importing them."""
    modules = griffe.ModulesCollection()
    for package in PACKAGES:
        if revision is None:
            griffe.load(
                package,
                search_paths=[root / path for path in SEARCH_PATHS],
                modules_collection=modules,
                allow_inspection=False,
                resolve_aliases=True,
            )
        else:
            griffe.load_git(
                package,
                ref=revision,
                repo=root,
                search_paths=SEARCH_PATHS,
                modules_collection=modules,
                allow_inspection=False,
                resolve_aliases=True,
            )
        _publish(modules[package])
    return modules


def _publish(module: griffe.Module) -> None:
    """Mark the names that a module exports by ``import X as X``, which griffe takes for private."""
    for name, member in module.members.items():
        if isinstance(member, griffe.Alias):
            member.public = re.search(rf"\bas {name}\b", module.source) is not None
        elif isinstance(member, griffe.Module):
            _publish(member)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
