"""The source of the documentation site: what is copied, and what is made of the document."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scripts.bundle import MAIN_FILE, bundle
from scripts.docs import http_reference
from scripts.docs.__main__ import GUIDE, PUBLIC, for_site, main
from scripts.generate import ROOT
from scripts.view.document import Document
from tests.generated.support import document, obj, operation, ref, text, write


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "stale").mkdir()
    assert main([str(folder)]) == 0
    assert not (folder / "stale").exists()
    return folder


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return http_reference.pages(Document(bundle(MAIN_FILE)))


def places(navigation: object) -> list[str]:
    """Every page of a navigation, in order."""
    if isinstance(navigation, str):
        return [navigation]
    inner = navigation.values() if isinstance(navigation, dict) else navigation
    assert not isinstance(inner, str)
    return [place for item in inner for place in places(item)]  # type: ignore[attr-defined]


def test_every_page_is_in_the_navigation_once(site: Path) -> None:
    settings = json.loads((site / "mkdocs.yml").read_text("utf-8"))
    listed = places(settings["nav"])
    there = [page.relative_to(site / "pages") for page in (site / "pages").rglob("*.md")]
    assert sorted(listed) == sorted(page.as_posix() for page in there)
    assert listed[0] == GUIDE["Home"]
    assert Path(settings["INHERIT"]).exists()


def test_every_resource_and_every_public_module_has_a_page(site: Path) -> None:
    shown = "".join(page.read_text("utf-8") for page in (site / "pages" / "python").glob("*.md"))
    resources = (ROOT / "generated" / "cartesia_rest" / "resources").glob("[a-z]*.py")
    wanted = [f"cartesia_rest.resources.{file.stem}" for file in resources]
    for module in [*wanted, *(module for modules in PUBLIC.values() for module in modules)]:
        assert f"::: {module}\n" in shown


def test_links_to_generated_files_become_links_to_the_reference(site: Path) -> None:
    said = (site / "pages" / "api.md").read_text("utf-8")
    assert "[`Voice`][cartesia_rest.models.voice.Voice]" in said
    assert "[`VoiceSpecifierParam`][cartesia_rest.params.VoiceSpecifierParam]" in said
    assert "generated/" not in said.partition("# Every method")[2]


@pytest.mark.parametrize(
    ("folder", "text", "adapted"),
    [
        ("", "[the notes](../README.md#x)", "the notes"),
        ("", "[here](voices.md)", "[here](voices.md)"),
        ("", "[it](../mock/cartesia_mock/testing.py)", "[it](python/the-mock-server-in-tests.md)"),
        ("api", "[it](../../overrides/cartesia/audio.py)", "[it](../python/sound.md)"),
        ("api", "[up](../voices.md), [out](../../README.md)", "[up](../voices.md), out"),
        ("", "```python before\n1\n```", '```python title="before"\n1\n```'),
        (
            "",
            "[`Voice`](../generated/cartesia_rest/params.py)",
            "[`Voice`][cartesia_rest.params.Voice]",
        ),
    ],
)
def test_a_page_is_adapted_to_what_is_on_the_site(folder: str, text: str, adapted: str) -> None:
    assert for_site(text, Path(folder)) == adapted


def test_every_operation_and_every_schema_of_the_document_is_told(pages: dict[str, str]) -> None:
    told = "".join(pages.values())
    api = Document(bundle(MAIN_FILE))
    for one in api.operations:
        assert f"`{one.method.upper()} {one.path}`" in told
    for name in api.schemas:
        assert f"\n## {name}\n" in pages["schemas.md"]
    assert set(re.findall(r"schemas\.md#(\w+)", told)) <= {name.lower() for name in api.schemas}


def test_an_operation_is_told_with_its_parameters_request_and_responses(
    pages: dict[str, str],
) -> None:
    said = pages["stt.md"].partition("## Transcribe a file\n")[2]
    assert "In Python: `client.stt.transcribe(...)`." in said
    assert "| `encoding` | query | [STTEncoding](schemas.md#sttencoding) |  |" in said
    assert "### Request: `multipart/form-data`" in said
    assert "| 200 | `application/json`: [STTTranscribeResponse](" in said
    assert '"text": "Hello there."' not in said.partition("### Responses")[0]


def test_a_socket_is_told_with_its_messages(pages: dict[str, str]) -> None:
    said = pages["tts.md"]
    assert "### Messages to the server\n\n[WebsocketClientEvent](schemas.md" in said
    assert "### Messages from it\n\n[WebsocketResponse](schemas.md" in said


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (text(), "string"),
        ({"type": ["string", "null"], "format": "date-time"}, "string (date-time) or null"),
        (
            {"type": "array", "items": {"$ref": "#/components/schemas/Other"}},
            "list of [Other](schemas.md#other)",
        ),
        ({"const": "raw"}, '`"raw"`'),
        ({"enum": ["a", 1]}, '`"a"` `1`'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({}, "any"),
        ({"description": "One | two\nlines."}, "any"),
    ],
)
def test_the_type_of_a_field_is_told(schema: dict[str, object], told: str, tmp_path: Path) -> None:
    made = document(
        paths={"/things": {"get": operation("things.get", ref("Thing"))}},
        schemas={"Thing": obj(("id",), id=schema), "Other": obj((), id=text())},
    )
    said = http_reference.pages(Document(bundle(write(tmp_path, made))))["schemas.md"]
    described = str(schema.get("description", "")).replace("\n", " ").replace("|", "\\|")
    assert f"\n| `id` | {told} | yes | {described} |\n" in said
