"""What a change of the document means for users is told, and what breaks them is told apart."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path

import pytest

from scripts.spec_diff import Change, compare, main, report
from tests.scripts.spec_changes import CASES, DOCUMENT, Edit, Node, changes, fields, read, schema


@pytest.mark.parametrize(
    ("edit", "there", "back"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_change_is_told_and_so_is_its_opposite(
    edit: Edit, there: list[str], back: list[str]
) -> None:
    def shown(found: list[Change]) -> list[str]:
        return sorted(f"{change.kind}{'!' * change.breaks} {change.text}" for change in found)

    assert shown(changes(edit)) == sorted(there)
    assert shown(changes(edit, back=True)) == sorted(back)


def test_a_type_of_both_sides_is_judged_for_each() -> None:
    def edit(it: Node) -> None:
        fields(it, "Cup")["pot"] = {"$ref": "#/components/schemas/Pot"}

    both = copy.deepcopy(DOCUMENT)
    edit(both)
    stricter = copy.deepcopy(both)
    schema(stricter, "Pot")["required"] = ["size"]
    assert {(change.text, change.breaks) for change in compare(read(both), read(stricter))} == {
        ("`size` of `Pot` in requests must be given now.", True),
        ("`size` of `Pot` in responses is always there now.", False),
    }


def test_the_report_counts_and_puts_what_breaks_first() -> None:
    found = [
        Change("Added", "Tea."),
        Change("Changed", "Sugar is salt now.", breaks=True),
        Change("Added", "A cup, which must be given.", breaks=True),
        Change("Added", "Tea."),
    ]
    assert report(found) == (
        "3 changes, 2 of them breaking.\n"
        "\n### Added\n\n"
        "- **Breaking:** A cup, which must be given.\n"
        "- Tea.\n"
        "\n### Changed\n\n"
        "- **Breaking:** Sugar is salt now.\n"
    )
    assert report([]) == "Nothing changes for users.\n"


def test_many_values_are_counted() -> None:
    both = copy.deepcopy(DOCUMENT)
    it = copy.deepcopy(DOCUMENT)
    schemas = it["components"]["schemas"]
    name = next(name for name, node in schemas.items() if "enum" in node)
    schemas[name]["enum"] = [*schemas[name]["enum"], *(f"new-{index}" for index in range(20))]
    texts = {change.text for change in compare(read(both), read(it))}
    assert texts
    assert all(
        text.startswith("20 values (`new-0`, `new-1`, `new-2` and so on) of") for text in texts
    )


def test_two_dates_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--from", "2025-11-04", "--to", "2026-08-14"]) == 0
    told = capsys.readouterr().out
    assert "- `voices.list_accents`: GET /accents.\n" in told
    assert "- **Breaking:** `is_public` of `Voice` in responses.\n" in told
    assert main(["--from", "2025-11-04", "--to", "2025-11-04"]) == 0
    assert capsys.readouterr().out == "Nothing changes for users.\n"
    assert main(["--from", "2025-11-04", "--to", "2026-01-01"]) == 1
    assert (
        "spec-diff: there is no version 2026-01-01; there are 2024-06-10" in capsys.readouterr().err
    )
    with pytest.raises(SystemExit):
        main(["--from", "2025-11-04"])


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of a small document."""
    folder = tmp_path / "openapi"
    folder.mkdir()
    (folder / "openapi.yaml").write_text(
        "openapi: 3.1.0\n"
        "info: {title: Tea, version: '1'}\n"
        "paths:\n"
        "  /cups:\n"
        "    get: {operationId: cups.list, responses: {'204': {description: none}}}\n"
    )
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "Tea"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)  # noqa: S603, S607
    return tmp_path


def test_the_command_compares_with_a_revision(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = repository / "openapi" / "openapi.yaml"
    assert main(["HEAD", "--document", str(document)]) == 0
    assert capsys.readouterr().out == "Nothing changes for users.\n"
    document.write_text(document.read_text().replace("/cups", "/mugs"))
    assert main(["HEAD", "--document", str(document)]) == 0
    assert "`cups.list` is GET /mugs now, it was GET /cups." in capsys.readouterr().out


def test_a_revision_that_is_none_is_named(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = repository / "openapi" / "openapi.yaml"
    assert main(["v9", "--document", str(document)]) == 1
    assert "git has no document at 'v9'" in capsys.readouterr().err


def test_a_document_that_cannot_be_read_is_an_error(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = repository / "openapi" / "openapi.yaml"
    document.write_text("paths: {/tea: {$ref: 'nowhere.yaml#/tea'}}\n")
    assert main(["HEAD", "--document", str(document)]) == 1
    assert capsys.readouterr().err.startswith("spec-diff: ")
