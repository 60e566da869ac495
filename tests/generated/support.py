"""Documents written in tests, generated and imported there."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from scripts.generate import Settings, generate

DESCRIBED = {"description": "Said in a sentence."}


def text(**more: object) -> dict[str, object]:
    """A described string."""
    return {"type": "string", **DESCRIBED, **more}


def obj(required: tuple[str, ...] = (), **properties: object) -> dict[str, object]:
    """A described object schema."""
    return {"type": "object", **DESCRIBED, "required": list(required), "properties": properties}


def ref(name: str, section: str = "schemas") -> dict[str, object]:
    """A reference to a component."""
    return {"$ref": f"#/components/{section}/{name}"}


def content(schema: Mapping[str, object], media: str = "application/json") -> dict[str, object]:
    """The content of a body or an answer."""
    return {"content": {media: {"schema": schema}}}


def operation(
    id_: str,
    answer: Mapping[str, object] | None = None,
    media: str = "application/json",
    status: str = "200",
    extensions: Mapping[str, object] | None = None,
    **more: object,
) -> dict[str, object]:
    """An operation that answers as told."""
    answered = content(answer, media) if answer is not None else {}
    return {
        "operationId": id_,
        "tags": [id_.rpartition(".")[0]],
        "summary": f"Do {id_}",
        "responses": {status: {"description": "The answer.", **answered}},
        **more,
        **(extensions or {}),
    }


def body(schema: str, media: str = "application/json") -> dict[str, object]:
    """A request body that is a named schema."""
    return {"required": True, **content(ref(schema), media)}


def document(
    paths: Mapping[str, object] | None = None,
    schemas: Mapping[str, object] | None = None,
    tags: tuple[str, ...] = ("client", "things"),
) -> dict[str, object]:
    """A whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "A test", "version": "2025-11-04"},
        "tags": [{"name": name, "description": f"All about {name}."} for name in tags],
        "paths": dict(paths or {}),
        "components": {"schemas": dict(schemas or {})},
    }


def write(folder: Path, content_: Mapping[str, object]) -> Path:
    """Write a document as ``openapi/openapi.yaml``; JSON is YAML."""
    file = folder / "openapi" / "openapi.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content_, indent=1), "utf-8")
    return file


def generate_into(folder: Path, content_: Mapping[str, object]) -> Path:
    """Generate the package of a document; give the folder that holds it."""
    output = folder / "generated"
    output.mkdir(parents=True)
    generate(Settings(document=write(folder, content_), output=output, bundled=None), output)
    return output


@contextmanager
def imported(folder: Path) -> Generator[ModuleType]:
    """Import ``cartesia_rest`` from this folder in place of the real one, for a while."""

    def loaded() -> dict[str, ModuleType]:
        return {
            name: module
            for name, module in sys.modules.items()
            if name.partition(".")[0] == "cartesia_rest"
        }

    before = loaded()
    for name in before:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module("cartesia_rest")
    finally:
        sys.path.remove(str(folder))
        for name in loaded():
            del sys.modules[name]
        sys.modules.update(before)


def part(package: ModuleType, name: str) -> Any:
    """Return a module of an imported package; its names are those of the test's document."""
    return importlib.import_module(f"{package.__name__}.{name}")
