"""The sync half of the package is what the async half says, line for line."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import unasync

ASYNC = '''\
"""Read, asynchronously."""

from collections.abc import AsyncIterator, Awaitable, Callable

from package._async.primitives import sleep


class AsyncReader:
    async def __aenter__(self) -> "AsyncReader":
        return self

    async def read_all(self, get: Callable[[], Awaitable[list[int]]]) -> AsyncIterator[int]:
        async with self as reader:
            async for item in reader.aiter_bytes():
                yield item
        if True:  # ASYNC
            await sleep(1)

            await sleep(2)
        else:  # SYNC
            sleep(3)

        await self.aclose()
'''

SYNC = '''\
# Derived by `make generate` (scripts/unasync.py) from
# overrides/package/_async/reader.py
# Do not edit: change that file instead.
"""Read, asynchronously."""

from collections.abc import Callable, Iterator

from package._sync.primitives import sleep


class Reader:
    def __enter__(self) -> "Reader":
        return self

    def read_all(self, get: Callable[[], list[int]]) -> Iterator[int]:
        with self as reader:
            for item in reader.iter_bytes():
                yield item
        sleep(3)

        self.close()
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    package = tmp_path / "overrides" / "package"
    (package / "_async").mkdir(parents=True)
    (package / "_sync").mkdir()
    (package / "_async" / "reader.py").write_text(ASYNC)
    (package / "_async" / "primitives.py").write_text(
        "async def sleep(seconds: float) -> None: ...\n"
    )
    (package / "_sync" / "primitives.py").write_text("def sleep(seconds: float) -> None: ...\n")
    (tmp_path / "tests").mkdir()
    return tmp_path


def run(root: Path, *arguments: str) -> int:
    return unasync.main(["--root", str(root), *arguments])


def test_derives_the_sync_text(root: Path) -> None:
    assert run(root) == 0
    assert (root / "overrides/package/_sync/reader.py").read_text() == SYNC
    assert (root / "overrides/package/_sync/primitives.py").read_text().startswith("def sleep")


def test_writing_twice_changes_nothing(root: Path) -> None:
    run(root)
    path = root / "overrides/package/_sync/reader.py"
    before = path.stat().st_mtime_ns
    run(root)
    assert path.stat().st_mtime_ns == before


def test_check_names_edited_missing_and_stale_files(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sync = root / "overrides/package/_sync"
    assert run(root, "--check") == 1
    assert "overrides/package/_sync/reader.py: missing" in capsys.readouterr().err
    run(root)
    (sync / "reader.py").write_text(SYNC + "\n# edited\n")
    (sync / "gone.py").write_text("")
    assert run(root, "--check") == 1
    said = capsys.readouterr().err
    assert "_sync/reader.py: differs" in said
    assert "_sync/gone.py: stale" in said
    assert run(root) == 0
    assert not (sync / "gone.py").exists()


def test_check_names_a_substitution_that_nothing_uses(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(root)
    assert run(root, "--check") == 1
    assert "nothing uses the substitution" in capsys.readouterr().err


def test_a_pair_needs_both_hand_written_halves(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "overrides/package/_sync/primitives.py").unlink()
    assert run(root, "--check") == 1
    assert "has no hand-written twin" in capsys.readouterr().err


def test_a_branch_that_is_not_marked_is_an_error(root: Path) -> None:
    lines = ["if True:  # ASYNC", "    pass", "else:", "    pass"]
    with pytest.raises(unasync.UnasyncError, match=r"x\.py:3: the branch must be marked"):
        list(unasync.keep_sync_branches(lines, "x.py"))


def test_blank_lines_may_stand_before_the_other_branch() -> None:
    lines = ["if True:  # ASYNC", "    def f(): ...", "", "else:  # SYNC", "    def g(): ...", "x"]
    assert list(unasync.keep_sync_branches(lines, "x.py")) == ["def g(): ...", "x"]


def test_an_empty_branch_is_an_error() -> None:
    with pytest.raises(unasync.UnasyncError, match="an empty '# ASYNC' branch"):
        list(unasync.keep_sync_branches(["if True:  # ASYNC"], "x.py"))


def test_what_is_not_python_is_an_error(root: Path) -> None:
    (root / "overrides/package/_async/reader.py").write_text("def (:\n")
    with pytest.raises(unasync.UnasyncError, match="is not Python"):
        unasync.derive_all(root, set())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Awaitable[int]", "int"),
        ("Callable[[], Awaitable[list[tuple[int, str]]]]", "Callable[[], list[tuple[int, str]]]"),
        ("Awaitable[Awaitable[T]]", "T"),
    ],
)
def test_unwraps_awaitables(text: str, wanted: str) -> None:
    assert unasync.unwrap_awaitable(text) == wanted


def test_the_repository_is_fresh() -> None:
    assert unasync.check(unasync.ROOT) == []
