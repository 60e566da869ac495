"""The day after: a date is added by one overlay and one line, and everything follows."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType

import pytest

import cartesia
import cartesia_rest
from cartesia import v2026_08_14
from cartesia_mock.document.openapi_document import APIDocument
from cartesia_mock.testing import serve
from scripts.bundle import MAIN_FILE
from scripts.generate import PUBLIC, Settings, files_of, generate

DATE, MODULE = "2027-01-01", "v2027_01_01"
OVERLAY = """\
overlay: 1.1.0
info:
  title: A date that there is not
  version: 1.0.0
extends: 2026-08-14.yaml
actions:
  - target: $.info
    update:
      version: "2027-01-01"
  - target: $.components.schemas
    update:
      Mood:
        type: object
        description: A mood of voices.
        required: [name]
        properties:
          name:
            type: string
            description: Its name.
      MoodListResponse:
        type: object
        description: The moods.
        required: [moods]
        properties:
          moods:
            type: array
            description: The moods.
            items:
              $ref: "#/components/schemas/Mood"
  - target: $.components.schemas.PronunciationDictUpdateRequest.properties
    update:
      note:
        type: string
        description: A note.
  - target: $.paths
    update:
      /moods:
        get:
          operationId: voices.list_moods
          tags: [voices]
          summary: List moods
          description: Lists the moods of voices.
          responses:
            "200":
              description: The moods.
              content:
                application/json:
                  schema:
                    $ref: "#/components/schemas/MoodListResponse"
                  examples:
                    one:
                      summary: One mood
                      value:
                        moods:
                          - name: serene
            default:
              $ref: "#/components/responses/Error"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is generated from this repository's documents and one date more."""
    folder = tmp_path_factory.mktemp("further")
    openapi = folder / "repository" / "openapi"
    shutil.copytree(MAIN_FILE.parent, openapi)
    (openapi / "overlays" / f"{DATE}.yaml").write_text(OVERLAY)
    with (openapi / "versions.yaml").open("a") as versions:
        versions.write(f'"{DATE}": client\n')
    output = folder / "output"
    output.mkdir()
    generate(Settings(openapi / "openapi.yaml", output, public=PUBLIC), output)
    return output


@pytest.fixture
def package(made: Path) -> Iterator[ModuleType]:
    """The public package of the date, importable beside the real ones."""
    paths = {cartesia: made / "cartesia", cartesia_rest: made / "cartesia_rest"}
    for parent, path in paths.items():
        parent.__path__.append(str(path))
    invalidate_caches()
    yield import_module(f"cartesia.{MODULE}")
    for parent, path in paths.items():
        parent.__path__.remove(str(path))
        vars(parent).pop(MODULE, None)
    for name in [name for name in sys.modules if MODULE in name]:
        del sys.modules[name]


def test_the_client_of_the_date_is_what_it_changes(made: Path) -> None:
    rest = made / "cartesia_rest" / MODULE
    # All else is taken from the package of the default date, or from that of 2026-08-14.
    assert {path for path in files_of(rest) if "__init__" not in path} == {
        "client.py",
        "exports.py",
        "models/mood.py",
        "models/mood_list_response.py",
        "params.py",
        "resources/pronunciation_dicts.py",
        "resources/voices.py",
    }
    assert (made / "api" / f"{DATE}.md").exists()


def test_the_other_packages_stay_as_they_are(made: Path) -> None:
    for name in ("v2026_08_14", "v2025_11_04"):
        assert files_of(made / "cartesia" / name) == files_of(PUBLIC.parent / name)
    real = files_of(Path(cartesia_rest.__path__[0]))
    new = files_of(made / "cartesia_rest")
    assert {path: text for path, text in new.items() if not path.startswith(MODULE)} == real


def test_the_date_is_used_like_any_other(made: Path, package: ModuleType) -> None:
    document = APIDocument.load(made / "openapi.json")
    assert document.dates[-1] == DATE
    with (
        serve(engine="tone", document=document) as url,
        package.Cartesia(api_key="k", base_url=url) as client,
    ):
        assert client.api_version == DATE
        listed = client.voices.list_moods()
        assert isinstance(listed, package.types.MoodListResponse)
        assert [mood.name for mood in listed.moods] == ["serene"]
        voice = next(iter(client.voices.list(limit=1, is_owner=False)))
        assert voice.access == "public"  # as of the date that it extends
        assert len(client.voices.list_accents().accents) == 79
        with cartesia.Cartesia(api_key="k", base_url=url) as default:
            assert default.voices.get(voice.id).is_public


def test_a_type_that_is_the_same_is_shared_with_the_default(package: ModuleType) -> None:
    assert package.types.Dataset is cartesia.types.Dataset
    assert package.types.Voice is not cartesia.types.Voice


def test_what_is_the_same_is_shared_with_an_earlier_date(package: ModuleType) -> None:
    for name in ("Voice", "VoiceMetadata", "Accent", "WebsocketError", "GenerationRequest"):
        mine = getattr(package.types, name)
        assert mine is getattr(v2026_08_14.types, name)
        assert mine is not getattr(cartesia.types, name, None)
    client, earlier = (
        module.Cartesia(api_key="k", base_url="http://127.0.0.1:9")
        for module in (package, v2026_08_14)
    )
    for resource in ("tts", "stt", "fine_tunes", "datasets"):
        assert type(getattr(client, resource)) is type(getattr(earlier, resource))
    for resource in ("voices", "pronunciation_dicts"):
        assert type(getattr(client, resource)) is not type(getattr(earlier, resource))
