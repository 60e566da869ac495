"""Generate ``generated/cartesia_rest``, ``docs/api.md`` and the bundled document from ``openapi/``.

The default date is generated as a whole, and each other date with a client as what differs from it
and from the dates before, with a public package of its own (``overrides/cartesia/v2026_08_14``).

Run ``python -m scripts.generate`` to write, ``--check`` to compare. Files are written to a
temporary folder first, so that an error leaves the old output untouched.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import StrictUndefined
from openapi_python_client import Project

from scripts.bundle import JSON, MAIN_FILE, Bundle, DocumentError
from scripts.conventions import check_conventions, check_document
from scripts.dated_packages import HEADER, dated_package, is_dated
from scripts.dated_versions import DatedVersion, Use, default_version, read_versions
from scripts.document_patch import patch
from scripts.type_modules import SOURCE, type_modules
from scripts.view.document import Document
from scripts.view.generator_output import check_versions, load_config, parse
from scripts.view.package import PACKAGE, PUBLIC_PACKAGE, OutputFile, Package

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
OUTPUT = ROOT / "generated"
BUNDLED = ROOT / "mock" / "cartesia_mock" / "openapi.json"
REFERENCE = ROOT / "docs" / "api.md"
PUBLIC = ROOT / "overrides" / "cartesia" / "__init__.py"

RUFF = (
    # Templates import every name that their output may use; unused imports are removed here.
    ("check", "--fix", "--quiet", "--select", "F401"),
    ("check", "--fix", "--quiet", "--select", "I"),
    ("format", "--quiet"),
)
RUFF_SETTINGS = ("--isolated", "--no-cache", "--target-version", "py39", "--line-length", "100")
FIRST_PARTY = ("--config", 'lint.isort.known-first-party = ["cartesia", "cartesia_rest"]')


class GeneratedPackage(Project):
    """openapi-python-client's project, with our templates and file layout."""

    def print_files(self, package: Package, folder: Path, reference: Path) -> None:
        """Print every file of a package.

        Args:
            package: What is printed.
            folder: The folder of the package.
            reference: The folder for ``api.md``.
        """
        self.env.undefined = StrictUndefined
        for file in package.files():
            self._print(file, folder)
        self._print(package.reference(), reference)

    def _print(self, file: OutputFile, folder: Path) -> None:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        text = self.env.get_template(file.template).render(
            source=file.source, template=file.template, **file.variables
        )
        path.write_text(text, encoding=self.config.file_encoding)


@dataclass(frozen=True)
class Settings:
    """The paths that the generator reads and writes.

    Attributes:
        document: The main file of the document.
        output: The folder that holds the generated package.
        bundled: Where the bundled document is written; None for nowhere. The differences of the
            other dates are written beside it.
        templates: The folder of the templates.
        reference: Where the list of all methods is written; None for nowhere. Those of the other
            dates are written into the folder ``api`` beside it.
        public: The ``__init__.py`` of the public package, whose names are tabulated, and which that
            of each date is derived from; None for neither.
        is_public_written: Whether the derived public packages and modules are written.
    """

    document: Path = MAIN_FILE
    output: Path = OUTPUT
    bundled: Path | None = BUNDLED
    templates: Path = TEMPLATES
    reference: Path | None = None
    public: Path | None = PUBLIC
    is_public_written: bool = False

    @property
    def beside(self) -> dict[str, Path]:
        """The files outside of the package: name in the new output -> destination."""
        found = {"openapi.json": self.bundled, "api.md": self.reference}
        if self.public and self.is_public_written:
            found |= {path: self.public.parent / path for path in type_modules()}
        return {name: path for name, path in found.items() if path is not None}

    @property
    def folders(self) -> dict[str, Path]:
        """The folders that are replaced as a whole: name in the new output -> destination."""
        found = {PACKAGE: self.output / PACKAGE}
        if self.bundled:
            found["versions"] = self.bundled.parent / "versions"
        if self.reference:
            found["api"] = self.reference.parent / "api"
        return found


def generate(settings: Settings, folder: Path) -> Document:
    """Generate everything into an empty folder.

    Args:
        settings: Where the document and the templates are.
        folder: Where to put ``cartesia_rest``, ``openapi.json`` and the like.

    Returns:
        The bundled document.

    Raises:
        DocumentError: The document is invalid; each line has a location and the fix.
        jinja2.UndefinedError: A template uses an attribute that the view does not have.
        RuntimeError: The output is not valid Python.
    """
    check_versions()
    versions = read_versions(settings.document)
    default = default_version(versions)
    made = [_generate_version(settings, folder, default)]
    for version in versions:
        if version.use is Use.CLIENT:
            made.append(_generate_version(settings, folder, version, made))
        if version is not default:
            write_patch(default.bundle, version, folder / "versions" / f"{version.date}.json")
    for path, text in type_modules().items():
        module = folder / path
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(HEADER.format(source=SOURCE) + text, "utf-8")
    (folder / PACKAGE / "py.typed").touch()
    format_python(folder / PACKAGE, RUFF)
    format_python(folder / PUBLIC_PACKAGE, RUFF[1:])
    (folder / "openapi.json").write_text(dump(default.bundle.document), encoding="utf-8")
    return made[0].document


def _generate_version(
    settings: Settings, folder: Path, version: DatedVersion, bases: Sequence[Package] = ()
) -> Package:
    document = Document(version.bundle)
    check_conventions(document)
    config = load_config(settings.templates / "config.yml", settings.document, folder / PACKAGE)
    parsed = parse(document, config)
    project = GeneratedPackage(
        openapi=parsed.data, config=config, custom_template_path=settings.templates
    )
    module = version.module if bases else ""
    public: str | None = None
    if settings.public:
        derived = dated_package(settings.public, version)
        public = derived["__init__.py"] if bases else settings.public.read_text("utf-8")
        for path, text in derived.items():
            file = folder / PUBLIC_PACKAGE / version.module / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    package = Package(document, parsed, public, bases, module)
    reference = folder / "api" / version.date if bases else folder
    project.print_files(package, folder / PACKAGE / module, reference)
    if bases:
        (reference / "api.md").rename(folder / "api" / f"{version.date}.md")
        reference.rmdir()
    return package


def missing(document: Document) -> list[str]:
    """Say what the mock and the tests need, and the document that was generated from lacks."""
    try:
        check_document(document)
    except DocumentError as error:
        return error.faults
    return []


def dump(content: JSON) -> str:
    """Write a bundled document as JSON text."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def write_patch(base: Bundle, version: DatedVersion, file: Path) -> None:
    """Write the document of a date as a JSON Patch (RFC 6902) of the default one.

    Args:
        base: The document of the default date.
        version: The date.
        file: Where to write it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dump(list(patch(base.document, version.bundle.document))), "utf-8")


def format_python(folder: Path, commands: Sequence[tuple[str, ...]]) -> None:
    """Format generated modules with fixed ruff settings.

    Args:
        folder: Where they are; nothing is done if it is missing.
        commands: The arguments of ruff, for each time that it is run.

    Raises:
        RuntimeError: They are not valid Python.
    """
    if not folder.exists():
        return
    for verb, *arguments in commands:
        extra = FIRST_PARTY if verb == "check" else ()
        command = [sys.executable, "-m", "ruff", verb, *RUFF_SETTINGS, *extra, *arguments, "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(
                f"the generated text is not valid Python:\n{done.stdout}{done.stderr}"
            )


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder by path, except bytecode caches."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def compare(settings: Settings, folder: Path) -> list[str]:
    """Compare the existing output with the new one.

    Args:
        settings: Where the existing output is.
        folder: The new output of `generate`.

    Returns:
        One line per file that is edited, missing or stale.
    """
    faults: list[str] = []
    for name, place in folders(settings, folder).items():
        wanted, found = files_of(folder / name), files_of(place)
        for path in sorted(wanted.keys() | found.keys()):
            shown = shown_path(place / path)
            if path not in found:
                faults.append(f"{shown}: missing")
            elif path not in wanted:
                faults.append(f"{shown}: stale, it is no longer generated")
            elif wanted[path] != found[path]:
                faults.append(f"{shown}: edited, or out of date with the document or the templates")
    for name, place in settings.beside.items():
        if not place.exists():
            faults.append(f"{shown_path(place)}: missing")
        elif place.read_bytes() != (folder / name).read_bytes():
            faults.append(f"{shown_path(place)}: edited, or out of date with the document")
    return faults


def folders(settings: Settings, folder: Path) -> dict[str, Path]:
    """Return the folders that are replaced as a whole, with those of the derived packages.

    Args:
        settings: Where the existing output is.
        folder: The new output of `generate`.

    Returns:
        The destination of each, by its path in the new output.
    """
    found = settings.folders
    if settings.public and settings.is_public_written:
        public = settings.public.parent
        dated = {path.name for path in public.iterdir() if is_dated(path.name)}
        dated |= {path.name for path in (folder / PUBLIC_PACKAGE).iterdir()}
        found |= {f"{PUBLIC_PACKAGE}/{name}": public / name for name in sorted(dated)}
    return found


def shown_path(path: Path) -> str:
    """Return a path relative to the repository, where it is inside."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def swap_in(settings: Settings, folder: Path) -> None:
    """Replace the old output with the new one as a whole."""
    for name, place in folders(settings, folder).items():
        _replace_folder(folder / name, place)
    for name, path in settings.beside.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, path)


def _replace_folder(new: Path, target: Path) -> None:
    """Replace a folder; where there is no new one, it is removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (target.with_name(f".{target.name}.{word}") for word in ("fresh", "old"))
    for left_over in (fresh, old):
        shutil.rmtree(left_over, ignore_errors=True)
    if new.exists():
        shutil.copytree(new, fresh)
    if target.exists():
        target.rename(old)
    if fresh.exists():
        fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; give the exit status."""
    parser = argparse.ArgumentParser(description="Generate the client from the OpenAPI document.")
    parser.add_argument(
        "--check", action="store_true", help="compare only; fail when anything differs"
    )
    parser.add_argument(
        "--document", type=Path, default=MAIN_FILE, help="the main file of the document"
    )
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, help="the folder that holds the generated package"
    )
    parser.add_argument(
        "--bundled", type=Path, help="where the bundled document goes (by default beside the mock)"
    )
    parser.add_argument(
        "--reference", type=Path, help="where the list of all methods goes (by default docs/api.md)"
    )
    options = parser.parse_args(arguments)
    bundled: Path | None = options.bundled
    reference: Path | None = options.reference
    is_here = options.output == OUTPUT
    if is_here:
        bundled, reference = bundled or BUNDLED, reference or REFERENCE
    settings = Settings(
        options.document,
        options.output,
        bundled,
        reference=reference,
        is_public_written=is_here,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            document = generate(settings, folder)
        except DocumentError as error:
            for fault in error.faults:
                print(f"generate: {fault}", file=sys.stderr)
            return 1
        if not options.check:
            swap_in(settings, folder)
            for fault in missing(document):
                print(f"generate: `make lint` will ask for this: {fault}")
            return 0
        faults = compare(settings, folder)
    for fault in faults:
        print(f"check-generated: {fault}", file=sys.stderr)
    if faults:
        print("check-generated: run `make generate` and commit what it writes", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
