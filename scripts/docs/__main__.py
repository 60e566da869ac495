"""Write the source of the documentation site: ``python -m scripts.docs FOLDER``.

`make docs` builds the site from it. The pages of ``docs/`` are copied; the HTTP reference comes
from the OpenAPI document; pages of the Python reference name the modules they show docstrings of.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.bundle import MAIN_FILE, bundle
from scripts.docs import http_reference
from scripts.generate import ROOT
from scripts.view.document import Document

DOCS = ROOT / "docs"
SETTINGS = ROOT / "mkdocs.yml"
GENERATED = ROOT / "generated" / "cartesia_rest"

GUIDE = {
    "Home": "index.md",
    "Quickstart": "quickstart.md",
    "Text to speech": "text-to-speech.md",
    "Sockets and contexts": "sockets.md",
    "Speech to text": "speech-to-text.md",
    "Voices and pronunciation": "voices.md",
    "Errors and reliability": "errors.md",
    "Production": "production.md",
    "Testing without a key": "testing.md",
    "Command line": "command-line.md",
    "Examples": "examples.md",
    "From the vendor's package": "vendor-package.md",
    "API versions": "migrating",
    "Performance": "performance.md",
    "Every fault": "reliability.md",
}
"""Title -> page, or folder of pages; what does not exist is left out."""

PUBLIC = {
    "Clients": ("cartesia._client", "cartesia._runtime._sync.client"),
    "Responses and streams": (
        "cartesia._runtime._sync.responses",
        "cartesia._runtime._sync.stream",
        "cartesia._runtime._sync.pages",
        "cartesia._runtime._sync.websocket.speech",
    ),
    "Connections and contexts": (
        "cartesia_rest.sockets.tts",
        "cartesia_rest.sockets.manual_finalize",
        "cartesia_rest.sockets.auto_finalize",
        "cartesia._runtime._sync.websocket.connection",
        "cartesia._runtime._sync.websocket.context",
        "cartesia._runtime.websocket.connection_options",
        "cartesia._runtime.websocket.reconnection",
    ),
    "Errors": ("cartesia._runtime.errors",),
    "Models": ("cartesia._runtime.model",),
    "Sound": ("cartesia.audio",),
    "Subtitles": ("cartesia.subtitles",),
    "The mock server in tests": ("cartesia_mock.testing",),
}
"""Page of the Python reference -> the modules that are shown on it."""

_GENERATED_LINK = re.compile(r"\[`(\w+)`\]\((?:\.\./)+generated/([\w/]+)\.py\)")

_RELATIVE_LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)\s]+)\)")
_MARKED_CODE = re.compile(r"^```python (\w+)$", re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    """Write everything into a new folder.

    Args:
        arguments: The folder, which is replaced.
    """
    (folder,) = map(Path, arguments)
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / "pages"
    shutil.copytree(DOCS, pages)
    for page in pages.rglob("*.md"):
        folder_of_page = page.parent.relative_to(pages)
        page.write_text(for_site(page.read_text("utf-8"), folder_of_page), "utf-8")
    document = Document(bundle(MAIN_FILE))
    python = _write(pages / "python", _python_pages(document))
    http = _write(pages / "http", http_reference.pages(document))
    versions = [
        {f"Every method, {file.stem}": f"api/{file.name}"}
        for file in sorted((pages / "api").glob("*.md"))
    ]
    navigation = [
        *(
            {title: _pages_of(pages, place)}
            for title, place in GUIDE.items()
            if (pages / place).exists()
        ),
        {"Python reference": [{"Every method": "api.md"}, *versions, *python]},
        {"HTTP reference": http},
    ]
    settings = {"INHERIT": str(SETTINGS), "docs_dir": "pages", "nav": navigation}
    (folder / "mkdocs.yml").write_text(json.dumps(settings, indent=1), "utf-8")
    return 0


def _pages_of(pages: Path, place: str) -> str | list[str]:
    """Return a page, or all pages of a folder."""
    folder = pages / place
    if not folder.is_dir():
        return place
    return [f"{place}/{page.name}" for page in sorted(folder.glob("*.md"))]


def _write(folder: Path, pages: dict[str, str]) -> list[str]:
    folder.mkdir()
    for name, text in pages.items():
        (folder / name).write_text(text, "utf-8")
    return [f"{folder.name}/{name}" for name in pages]


def _python_pages(document: Document) -> dict[str, str]:
    pages = {_page_name(title): _python_page(title, modules) for title, modules in PUBLIC.items()}
    for tag in document.tags:
        module = tag.replace(".", "_")
        if (GENERATED / "resources" / f"{module}.py").exists():
            title = f"client.{tag}"
            pages[f"{module}.md"] = _python_page(title, [f"cartesia_rest.resources.{module}"])
    models = [file.stem for file in sorted((GENERATED / "models").glob("[a-z]*.py"))]
    pages["types.md"] = _python_page("Types", [f"cartesia_rest.models.{name}" for name in models])
    pages["params.md"] = _python_page("Types of arguments", ["cartesia_rest.params"])
    for folder in sorted(GENERATED.glob("v2*")):
        files = sorted(folder.glob("*/[a-z]*.py"))
        names = [
            ".".join(file.relative_to(ROOT / "generated").with_suffix("").parts) for file in files
        ]
        names.append(f"cartesia_rest.{folder.name}.params")
        pages[f"{folder.name}.md"] = _python_page(f"What differs in cartesia.{folder.name}", names)
    return pages


def _page_name(title: str) -> str:
    return f"{title.lower().replace(' ', '-')}.md"


def _python_page(title: str, modules: Sequence[str]) -> str:
    return "\n".join([f"# {title}", "", *(f"::: {module}\n" for module in modules)])


def for_site(text: str, folder: Path) -> str:
    """Adapt a page: to the reference, to titles of code, and to the files that are on the site.

    Links to modules lead to their pages of the Python reference; those to other files become text.

    Args:
        text: The page, whose links work in the repository.
        folder: Its folder, relative to ``docs/``.
    """

    def to_reference(found: re.Match[str]) -> str:
        name, module = found[1], found[2].replace("/", ".")
        return f"[`{name}`][{module}.{name}]"

    def if_on_site(found: re.Match[str]) -> str:
        place = os.path.normpath(folder / found[2])
        if not place.startswith(".."):
            return found[0]
        for title, modules in PUBLIC.items():
            if any(place.endswith(f"/{module.replace('.', '/')}.py") for module in modules):
                page = os.path.relpath(f"python/{_page_name(title)}", folder)
                return f"[{found[1]}]({page})"
        return found[1]

    text = _GENERATED_LINK.sub(to_reference, text)
    text = _RELATIVE_LINK.sub(if_on_site, text)
    return _MARKED_CODE.sub(r'```python title="\1"', text)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
