"""The list of dates, and the document of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.bundle import MAIN_FILE, DocumentError
from scripts.dated_versions import (
    Use,
    check_versions_of,
    default_version,
    main,
    read_versions,
)
from scripts.view.document import Document
from tests.generated.support import document, obj, operation, ref, text, write

OVERLAY = """\
overlay: 1.1.0
info: {title: A test, version: 1.0.0}
actions:
- target: $.info
  update: {version: "%s"}
"""
NEW = "2027-01-01"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A document of 2025-11-04 with one schema."""
    return write(
        tmp_path,
        document(
            paths={"/things": {"get": operation("things.get", ref("Thing"))}},
            schemas={"Thing": obj(("id",), id=text())},
        ),
    )


def dated(base: Path, uses: Mapping[str, str], overlays: Mapping[str, str]) -> Path:
    """Write dates and overlays beside a document."""
    lines = [f'"{date}": {use}\n' for date, use in uses.items()]
    (base.parent / "versions.yaml").write_text("".join(lines))
    (base.parent / "overlays").mkdir()
    for date, actions in overlays.items():
        (base.parent / "overlays" / f"{date}.yaml").write_text(OVERLAY % date + actions)
    return base


def test_without_a_list_there_is_the_date_of_the_document(base: Path) -> None:
    (only,) = read_versions(base)
    assert (only.date, only.use, only.module) == ("2025-11-04", Use.DEFAULT, "v2025_11_04")


def test_each_date_has_its_document(base: Path) -> None:
    change = "- target: $.components.schemas.Thing.properties\n  update: {more: {type: string}}\n"
    versions = read_versions(dated(base, {NEW: "client", "2025-11-04": "default"}, {NEW: change}))
    assert [(version.date, version.use) for version in versions] == [
        ("2025-11-04", Use.DEFAULT),
        (NEW, Use.CLIENT),
    ]
    assert default_version(versions).date == "2025-11-04"
    fields = [list(Document(each.bundle).component_properties("Thing")) for each in versions]
    assert fields == [["id"], ["id", "more"]]


def test_a_fault_of_the_result_is_told_by_the_line_of_the_overlay(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change = "- target: $.components.schemas.Thing.properties\n  update: {more: {type: string}}\n"
    dated(base, {NEW: "mock", "2025-11-04": "default"}, {NEW: change})
    fault = f"openapi/overlays/{NEW}.yaml:7: no description for the docstring; add one"
    assert fault in check_versions_of(base)
    assert main([f"--document={base}"]) == 1
    assert f"versions: {fault}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("uses", "said"),
    [
        ({"2025-11-04": "mock"}, ": the default is 2025-11-04, the `info.version` of the document"),
        ({"2025-11": "mock"}, ":1: '2025-11' is not a date of the form YYYY-MM-DD"),
        ({"2025-11-04": "x"}, ":1: 2025-11-04 is for one of default, client, mock, not 'x'"),
    ],
)
def test_a_list_that_says_nothing_useful_is_told(
    base: Path, uses: dict[str, str], said: str
) -> None:
    assert check_versions_of(dated(base, uses, {})) == [f"openapi/versions.yaml{said}"]


def test_a_date_and_its_overlay_belong_together(base: Path) -> None:
    dated(base, {"2025-11-04": "default", NEW: "mock"}, {"2028-01-01": ""})
    assert check_versions_of(base) == [
        "openapi/overlays/2028-01-01.yaml: versions.yaml has no such date"
    ]
    (base.parent / "overlays" / "2028-01-01.yaml").unlink()
    (fault,) = check_versions_of(base)
    assert fault.startswith(f"openapi/overlays/{NEW}.yaml: missing; write it, or remove {NEW}")


def test_an_overlay_must_set_its_date(base: Path) -> None:
    dated(base, {"2025-11-04": "default", NEW: "mock"}, {NEW: ""})
    (base.parent / "overlays" / f"{NEW}.yaml").write_text(OVERLAY % "2026-01-01")
    (fault,) = check_versions_of(base)
    assert fault == (
        f"openapi/overlays/{NEW}.yaml: `info.version` is 2026-01-01 in the result; update it to {NEW}"
    )


def test_an_overlay_may_extend_another(base: Path) -> None:
    schema = "{description: Said., type: string}"
    first = f"- target: $.components.schemas.Thing.properties\n  update: {{a: {schema}}}\n"
    second = f"extends: {NEW}.yaml\n"
    dated(base, {"2025-11-04": "default", NEW: "mock", "2027-02-02": "mock"}, {NEW: first})
    overlay = base.parent / "overlays" / "2027-02-02.yaml"
    overlay.write_text(second + OVERLAY % "2027-02-02" + first.replace("a:", "b:"))
    versions = read_versions(base)
    fields = [list(Document(each.bundle).component_properties("Thing")) for each in versions]
    assert fields == [["id"], ["id", "a"], ["id", "a", "b"]]
    at = "/components/schemas/Thing/properties"
    assert versions[2].bundle.place(f"{at}/a") == f"openapi/overlays/{NEW}.yaml:7"
    assert versions[2].bundle.place(f"{at}/b") == "openapi/overlays/2027-02-02.yaml:8"
    (base.parent / "overlays" / f"{NEW}.yaml").write_text(
        "extends: 2027-02-02.yaml\n" + OVERLAY % NEW
    )
    assert check_versions_of(base) == [
        f"openapi/overlays/2027-02-02.yaml: `extends` is ../openapi.yaml or another overlay, not {NEW}.yaml",
        f"openapi/overlays/{NEW}.yaml: `extends` is ../openapi.yaml or another overlay, not 2027-02-02.yaml",
    ]


@pytest.mark.untraced
def test_every_date_of_this_repository_is_sound() -> None:
    assert check_versions_of(MAIN_FILE) == []


def test_a_fault_of_the_document_itself_is_told_once(base: Path) -> None:
    dated(base, {"2025-11-04": "default", NEW: "mock"}, {NEW: ""})
    base.write_text(base.read_text().replace("things.get", "Things"))
    faults = check_versions_of(base)
    assert len(faults) == len(set(faults))
    with pytest.raises(DocumentError):
        read_versions(base.with_name("missing.yaml"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            """- target: $.components.schemas.Thing.properties
  update: {more: {$ref: '#/components/schemas/Nope'}}
""",
            ":7: '#/components/schemas/Nope' points to nothing; correct the name",
        ),
        (
            """- target: $.components.schemas
  update: {Loop: {$ref: '#/components/schemas/Loop'}}
""",
            ":7: it consists of itself; refer to it in a field or a list",
        ),
        (
            """- target: $.components.schemas
  update: {Loop: {description: A loop., anyOf: [{$ref: '#/components/schemas/Other'}]},
    Other: {description: A loop., oneOf: [{$ref: '#/components/schemas/Loop'}]}}
""",
            ":7: it consists of itself; refer to it in a field or a list",
        ),
    ],
)
def test_references_that_lead_nowhere_are_told(base: Path, change: str, said: str) -> None:
    dated(base, {NEW: "mock", "2025-11-04": "default"}, {NEW: change})
    assert f"openapi/overlays/{NEW}.yaml{said}" in check_versions_of(base)


def test_removed_components_are_told_where_they_are_used(base: Path) -> None:
    change = "- target: $.components.schemas\n  remove: true\n"
    dated(base, {NEW: "mock", "2025-11-04": "default"}, {NEW: change})
    assert any(
        "'#/components/schemas/Thing' points to nothing" in x for x in check_versions_of(base)
    )
