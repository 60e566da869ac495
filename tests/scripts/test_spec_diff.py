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
