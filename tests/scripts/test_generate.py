"""The command: it writes whole, compares whole trees, and gives the same text each time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jinja2
import pytest

from scripts import generate as command
from scripts.bundle import DocumentError
from scripts.generate import Settings, compare, files_of, generate, main, swap_in
from scripts.view import generator_output
from scripts.view.package import PACKAGE
from tests.generated.support import document, obj, operation, ref, text, write

ROOT = Path(__file__).parents[2]

EXAMPLE = {"one": {"summary": "One.", "value": {"id": "a"}}}
THINGS = document(
    paths={
        "/things": {
            "get": operation(
                "things.get",
                description="Gives the thing.",
                externalDocs={"url": "https://example.com/things"},
                responses={
                    status: {
                        "description": "The thing.",
                        "content": {
                            "application/json": {"schema": ref("Thing"), "examples": EXAMPLE}
                        },
                    }
                    for status in ("200", "default")
                },
            )
        }
    },
    schemas={"Thing": obj(("id",), id=text(), other=text())},
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the document gives, made once."""
    folder = tmp_path_factory.mktemp("made")
    generate(Settings(write(folder, THINGS), folder, None), folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A document, and where its package goes."""
    file = write(tmp_path, THINGS)
    bundled, reference = tmp_path / "mock" / "openapi.json", tmp_path / "api.md"
    return Settings(file, tmp_path / "generated", bundled, reference=reference)


@pytest.fixture
def fresh(settings: Settings, made: Path) -> Path:
    """What the document gives, swapped in."""
    swap_in(settings, made)
    return made


def arguments(settings: Settings, *more: str) -> list[str]:
    """The command line for these settings."""
    places = {"document": settings.document, "output": settings.output}
    found = [f"--{name}={path}" for name, path in places.items()]
    return [*found, f"--bundled={settings.bundled}", f"--reference={settings.reference}", *more]


def test_everything_is_there_and_compares_equal(settings: Settings, fresh: Path) -> None:
    assert compare(settings, fresh) == []
    assert settings.bundled is not None
    assert json.loads(settings.bundled.read_text())["info"]["version"] == "2025-11-04"
    names = files_of(settings.output / PACKAGE)
    assert {"py.typed", "client.py", "models/thing.py", "resources/things.py"} <= names.keys()


def test_an_edited_a_missing_and_a_stale_file_are_each_named(
    settings: Settings, fresh: Path
) -> None:
    package = settings.output / PACKAGE
    (package / "client.py").write_text("# edited\n")
    (package / "models" / "thing.py").unlink()
    (package / "models" / "gone.py").write_text("")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "client.pyc").write_text("")
    assert compare(settings, fresh) == [
        f"{package}/client.py: edited, or out of date with the document or the templates",
        f"{package}/models/gone.py: stale, it is no longer generated",
        f"{package}/models/thing.py: missing",
    ]


def test_the_bundled_document_is_compared_too(settings: Settings, fresh: Path) -> None:
    assert settings.bundled is not None
    settings.bundled.write_text("{}")
    (fault,) = compare(settings, fresh)
    assert fault == f"{settings.bundled}: edited, or out of date with the document"
    settings.bundled.unlink()
    assert compare(settings, fresh) == [f"{settings.bundled}: missing"]


def test_the_list_of_methods_is_written_and_compared_too(settings: Settings, fresh: Path) -> None:
    assert settings.reference is not None
    said = settings.reference.read_text("utf-8")
    assert "- `get()` -> `Thing`<br>\n  `GET /things` Do things.get." in said
    assert "Types: [`Thing`](../generated/cartesia_rest/models/thing.py)\n" in said
    settings.reference.write_text(said.replace("`get()`", "`fetch()`"), "utf-8")
    assert compare(settings, fresh) == [
        f"{settings.reference}: edited, or out of date with the document"
    ]


def test_writing_replaces_the_package_as_a_whole(settings: Settings, fresh: Path) -> None:
    package = settings.output / PACKAGE
    (package / "stale.py").write_text("")
    swap_in(settings, fresh)
    assert files_of(package) == files_of(fresh / PACKAGE)
    assert [path.name for path in settings.output.iterdir()] == [PACKAGE]


def test_the_command_writes_then_compares(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(settings)) == 0
    assert main(arguments(settings, "--check")) == 0
    assert capsys.readouterr().err == ""
    (settings.output / PACKAGE / "params.py").write_text("")
    assert main(arguments(settings, "--check")) == 1
    said = capsys.readouterr().err
    assert f"check-generated: {settings.output}/{PACKAGE}/params.py: edited" in said
    assert "check-generated: run `make generate` and commit what it writes" in said


def test_a_fault_in_the_document_is_told_and_leaves_everything_as_it_was(
    settings: Settings, fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.document.write_text(settings.document.read_text().replace('"type": "object"', '"x":1'))
    before = files_of(settings.output)
    assert main(arguments(settings)) == 1
    assert "generate: openapi/openapi.yaml#/components/schemas/Thing" in capsys.readouterr().err
    assert files_of(settings.output) == before


def test_another_output_leaves_what_is_beside_the_projects_own(tmp_path: Path) -> None:
    beside = (command.BUNDLED, command.REFERENCE)
    before = [path.read_bytes() for path in beside]
    file = write(tmp_path, THINGS)
    assert main([f"--document={file}", f"--output={tmp_path / 'out'}"]) == 0
    assert [path.read_bytes() for path in beside] == before
    assert (tmp_path / "out" / PACKAGE / "client.py").exists()


@pytest.mark.untraced
def test_the_text_does_not_depend_on_the_order_of_sets(settings: Settings, fresh: Path) -> None:
    wanted = files_of(fresh / PACKAGE)
    for seed in ("1", "42"):
        output = settings.output.with_name(f"seed_{seed}")
        subprocess.run(  # noqa: S603
            [sys.executable, "-m", "scripts.generate", f"--document={settings.document}",
             f"--output={output}"],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True,
        )  # fmt: skip
        assert files_of(output / PACKAGE) == wanted


def test_a_template_that_uses_what_is_not_there_fails(settings: Settings, tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(command.TEMPLATES, templates)
    (templates / "resources_init.py.jinja").write_text("{{ sourc }}")
    strict = Settings(settings.document, settings.output, None, templates)
    with pytest.raises(jinja2.UndefinedError, match="'sourc' is undefined"):
        generate(strict, tmp_path)


def test_a_template_that_prints_no_python_fails(settings: Settings, tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(command.TEMPLATES, templates)
    (templates / "resources_init.py.jinja").write_text("def (")
    broken = Settings(settings.document, settings.output, None, templates)
    with pytest.raises(RuntimeError, match=r"(?s)not valid Python.*resources/__init__\.py"):
        generate(broken, tmp_path)


def test_other_versions_of_the_tools_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(generator_output.PINNED, "ruff", "0.0.1")
    with pytest.raises(DocumentError, match=r"ruff is .* written for 0\.0\.1.*pip install ruff=="):
        generator_output.check_versions()


def test_the_pinned_versions_are_those_of_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    for name, version in generator_output.PINNED.items():
        assert f'"{name}=={version}"' in project


@pytest.mark.parametrize(
    ("schemas", "said"),
    [
        (
            {"Thing": obj(id={"type": "integer", "default": "x", "description": "Bad default."})},
            "openapi-python-client: ",
        ),
        (
            {"Thing": {"description": "A list in a list.", "type": "array", "items": ref("Thing")}},
            "openapi-python-client: ",
        ),
    ],
)
def test_an_error_or_warning_of_the_generator_is_fatal(
    tmp_path: Path, schemas: dict[str, object], said: str
) -> None:
    file = write(tmp_path, document(schemas=schemas))
    with pytest.raises(DocumentError, match=said):
        generate(Settings(file, tmp_path, None), tmp_path)


def test_the_projects_own_package_is_fresh() -> None:
    assert main(["--check"]) == 0
