"""Derive the sync half of every hand-written async/sync pair.

Async is written by hand in folders called ``_async``; the ``_sync`` folder beside each is derived
from it, file by file, and never edited. What truly differs between the two (sleeping, locks, the
reader of a socket) lives in hand-written pairs of modules with the same names inside, such as
``primitives.py``, which are not derived. A difference of a few lines is written inline::

    if True:  # ASYNC
        await asyncio.wait_for(...)
    else:  # SYNC
        self._condition.wait(...)

Run ``python -m scripts.unasync`` to write, ``--check`` to compare.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The program itself: to begin with a Python takes longer than all the rest.
RUFF = str(Path(sysconfig.get_path("scripts")) / "ruff")
SEARCHED = ("overrides", "tests")
HAND_WRITTEN_PAIRS = ("primitives.py", "websocket_transport.py")
HEADER = (
    "# Derived by `make generate` (scripts/unasync.py) from\n"
    "# {source}\n"
    "# Do not edit: change that file instead.\n"
)

# Applied in order: each pattern sees the result of those above.
SUBSTITUTIONS: tuple[tuple[str, str], ...] = (
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\b__aiter__\b", "__iter__"),
    (r"\b__anext__\b", "__next__"),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\baclose\b", "close"),
    (r"\bAsyncByteStream\b", "SyncByteStream"),
    (r"\baread\b", "read"),
    (r"\baiter_(bytes|raw|text|lines)\b", r"iter_\1"),
    (r"\b(Async)(CursorIDPage|Resource)\b", r"Sync\2"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\bDefaultAsync(?=HttpxClient\b)", "Default"),
    (r"\basync_(?=to_)", ""),
    (r"\b_async\b", "_sync"),
    (r"\bpytestmark = pytest\.mark\.anyio\n", ""),
)
"""Pattern and replacement; a pattern that no file uses is an error."""

_AWAITABLE = re.compile(r"\b(?:Awaitable\[|Coroutine\[Any, Any, )")
_MARK_ASYNC = re.compile(r"^(\s*)if True:  # ASYNC$")


class UnasyncError(Exception):
    """The sync half cannot be derived; the text says which file and why."""


def unwrap_awaitable(text: str) -> str:
    """Replace every ``Awaitable[T]`` and ``Coroutine[Any, Any, T]`` by ``T``."""
    while found := _AWAITABLE.search(text):
        depth, position = 1, found.end()
        while depth:
            depth += {"[": 1, "]": -1}.get(text[position], 0)
            position += 1
        text = text[: found.start()] + text[found.end() : position - 1] + text[position:]
    return text


def keep_sync_branches(lines: list[str], name: str) -> Iterator[str]:
    """Drop each ``if True:  # ASYNC`` branch; lift its ``else:  # SYNC`` branch into its place."""
    position = 0
    while position < len(lines):
        mark = _MARK_ASYNC.match(lines[position])
        if mark is None:
            yield lines[position]
            position += 1
            continue
        indent = mark.group(1)
        start = position
        position = _end_of_block(lines, position + 1, indent)
        otherwise = position
        while otherwise < len(lines) and not lines[otherwise].strip():
            otherwise += 1  # ruff puts blank lines behind a function
        if otherwise < len(lines) and lines[otherwise].startswith(f"{indent}else:"):
            position = otherwise
            if lines[position] != f"{indent}else:  # SYNC":
                raise UnasyncError(
                    f"{name}:{position + 1}: the branch must be marked 'else:  # SYNC'"
                )
            end = _end_of_block(lines, position + 1, indent)
            yield from (line[4:] if line.strip() else line for line in lines[position + 1 : end])
            position = end
        elif position == start + 1:
            raise UnasyncError(f"{name}:{start + 1}: an empty '# ASYNC' branch")


def _end_of_block(lines: list[str], position: int, indent: str) -> int:
    """Return the index of the first line after ``position`` that is no longer inside the block."""
    end = position
    while position < len(lines):
        line = lines[position]
        if line.strip() and not line.startswith(indent + " "):
            break
        position += 1
        if line.strip():
            end = position
    return end


def derive(source: str, name: str, used: set[str]) -> str:
    """Return the sync text of an async module.

    Args:
        source: The text of the async module.
        name: Its path, for the header and for errors.
        used: The patterns that were used so far; those used here are added.

    Returns:
        The sync text, not yet formatted.
    """
    text = "\n".join(keep_sync_branches(source.split("\n"), name))
    for pattern, replacement in SUBSTITUTIONS:
        text, count = re.subn(pattern, replacement, text)
        if count:
            used.add(pattern)
    return HEADER.format(source=name) + unwrap_awaitable(text)


def format_python(text: str, filename: Path) -> str:
    """Format and sort the imports of one module as the project does, through ruff."""
    for command in (
        ["check", "--fix", "--quiet", "--select", "I,F401,UP037", "--exit-zero"],
        ["format", "--quiet"],
    ):
        arguments = [*command, "--no-cache", "--stdin-filename", str(filename), "-"]
        ruff = [RUFF, *arguments]
        done = subprocess.run(ruff, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UnasyncError(f"{filename}: the derived text is not Python: {done.stderr.strip()}")
        text = done.stdout
    return text


def derive_all(root: Path, used: set[str]) -> dict[Path, str]:
    """Return the wanted text of every derived file by path; note the patterns used."""
    wanted: dict[Path, str] = {}
    for top in SEARCHED:
        for folder in sorted((root / top).rglob("_async")):
            sync_folder = folder.with_name("_sync")
            for path in sorted(folder.rglob("*.py")):
                twin = sync_folder / path.relative_to(folder)
                name = path.relative_to(root).as_posix()
                if path.name in HAND_WRITTEN_PAIRS:
                    if not twin.exists():
                        raise UnasyncError(
                            f"{name} has no hand-written twin {twin.relative_to(root)}"
                        )
                    continue
                wanted[twin] = format_python(derive(path.read_text("utf-8"), name, used), twin)
    return wanted


def stale_files(root: Path, wanted: dict[Path, str]) -> list[Path]:
    """Return the files in ``_sync`` folders that nothing is derived to any more."""
    return [
        path
        for top in SEARCHED
        for folder in sorted((root / top).rglob("_sync"))
        for path in sorted(folder.rglob("*.py"))
        if path not in wanted and path.name not in HAND_WRITTEN_PAIRS
    ]


def check(root: Path) -> list[str]:
    """Compare the derived files with what they should be; give one line for each that differs."""
    used: set[str] = set()
    wanted = derive_all(root, used)
    faults = [
        f"{path.relative_to(root)}: stale, its async source is gone"
        for path in stale_files(root, wanted)
    ]
    faults += [
        f"scripts/unasync.py: nothing uses the substitution {pattern!r}; remove it"
        for pattern, _ in SUBSTITUTIONS
        if pattern not in used
    ]
    for path, text in wanted.items():
        if not path.exists():
            faults.append(f"{path.relative_to(root)}: missing")
        elif path.read_text("utf-8") != text:
            faults.append(f"{path.relative_to(root)}: differs from what its async source gives")
    return faults


def write(root: Path) -> None:
    """Write every derived file and remove the stale ones."""
    wanted = derive_all(root, set())
    for path in stale_files(root, wanted):
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; give the exit status."""
    parser = argparse.ArgumentParser(description="Derive _sync from _async.")
    parser.add_argument(
        "--check", action="store_true", help="compare only; fail when anything differs"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder to work in")
    options = parser.parse_args(arguments)
    try:
        if not options.check:
            write(options.root)
            return 0
        faults = check(options.root)
    except UnasyncError as error:
        faults = [str(error)]
    for fault in faults:
        print(f"unasync: {fault}", file=sys.stderr)
    if faults:
        print("unasync: run `make generate`", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
