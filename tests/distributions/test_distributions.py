"""What is published: the wheel, the source distribution, and the metadata of both."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

import cartesia

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NAME = f"cartesia_openapi-{PROJECT['version']}"
PACKAGES = {
    "cartesia": ROOT / "overrides" / "cartesia",
    "cartesia_rest": ROOT / "generated" / "cartesia_rest",
    "cartesia_mock": ROOT / "mock" / "cartesia_mock",
}
LARGEST_WHEEL = 800_000  # it is at 550,000 bytes
LARGEST_SOURCES = 1_500_000  # it is at 950,000 bytes


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a source distribution, and the wheel that was built from it, offline."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


@pytest.fixture
def wheel(built: Path) -> ZipFile:
    return ZipFile(built / f"{NAME}-py3-none-any.whl")


@pytest.fixture
def metadata(wheel: ZipFile) -> Message:
    return BytesParser().parsebytes(wheel.read(f"{NAME}.dist-info/METADATA"))


def source_files(folder: Path) -> set[str]:
    """The files of a package as git knows them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "."]
    listed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603
    return {name for name in listed.stdout.splitlines() if (folder / name).exists()}


def test_the_wheel_holds_the_three_packages_and_nothing_else(wheel: ZipFile) -> None:
    wanted = {
        f"{package}/{name}" for package, folder in PACKAGES.items() for name in source_files(folder)
    }
    about = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    assert set(wheel.namelist()) == wanted | {f"{NAME}.dist-info/{name}" for name in about}
    assert {"cartesia/py.typed", "cartesia_rest/py.typed"} <= set(wheel.namelist())
    assert "cartesia_mock/openapi.json" in wheel.namelist()
    assert wheel.read(f"{NAME}.dist-info/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()


def test_the_metadata_name_version_licence_pythons_and_every_extra(metadata: Message) -> None:
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    # PEP 639: a classifier of the licence may not stand beside its expression.
    classifiers = metadata.get_all("Classifier", [])
    assert not [each for each in classifiers if each.startswith("License ::")]
    assert metadata["Version"] == cartesia.__version__
    assert metadata["Requires-Python"] == ">=3.9"
    pythons = {each.rpartition(" ")[2] for each in classifiers if "Python :: 3." in each}
    assert pythons == {f"3.{minor}" for minor in range(9, 15)}
    assert metadata["Author"]
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (ROOT / "README.md").read_text("utf-8")
    extras = set(PROJECT["optional-dependencies"])
    assert set(metadata.get_all("Provides-Extra", [])) == extras
    assert {"websockets", "speedups", "aiohttp", "mock", "audio", "speech"} <= extras


def test_what_may_have_to_be_compiled_is_an_extra_of_its_own(metadata: Message) -> None:
    requirements = map(Requirement, metadata.get_all("Requires-Dist", []))
    ears = [each for each in requirements if each.name == "pocketsphinx"]
    assert [str(each.marker) for each in ears] == ['extra == "ears"']


def test_it_depends_on_little_and_starts_what_it_names(wheel: ZipFile, metadata: Message) -> None:
    requirements = map(Requirement, metadata.get_all("Requires-Dist", []))
    always = {each.name for each in requirements if each.marker is None}
    assert always == {"httpx", "httpcore", "attrs", "python-dateutil"}
    commands = wheel.read(f"{NAME}.dist-info/entry_points.txt").decode()
    for command, target in PROJECT["scripts"].items():
        assert f"{command} = {target}\n" in commands
        module = target.partition(":")[0].replace(".", "/")
        assert {f"{module}.py", f"{module}/__init__.py"} & set(wheel.namelist())


def test_the_source_distribution_builds_the_same_and_holds_the_tests(built: Path) -> None:
    with tarfile.open(built / f"{NAME}.tar.gz") as sources:
        names = {name.partition("/")[2] for name in sources.getnames()}
    assert {"LICENSE", "CHANGELOG.md", "openapi/openapi.yaml", "tests/conftest.py"} <= names
    left_over = {".venv", ".pythons", ".git", "node_modules", "__pycache__", "dist"}
    assert not [name for name in names if left_over & set(Path(name).parts)]
    assert {f"overrides/cartesia/{name}" for name in source_files(PACKAGES["cartesia"])} <= names


def test_both_are_small(built: Path) -> None:
    assert (built / f"{NAME}-py3-none-any.whl").stat().st_size < LARGEST_WHEEL
    assert (built / f"{NAME}.tar.gz").stat().st_size < LARGEST_SOURCES


@pytest.mark.parametrize(
    ("name", "crashes", "works"),
    [
        ("orjson", ["3.9.0", "3.9.14"], "3.9.15"),  # segmentation faults on deep JSON
        ("httpcore", ["1.0.5", "1.0.8"], "1.0.9"),  # needs an h11 that reads malformed chunks
    ],
)
def test_no_version_with_known_faults_is_allowed(name: str, crashes: list[str], works: str) -> None:
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    floors = [Requirement(text) for texts in lists for text in texts]
    (found,) = [floor for floor in floors if floor.name == name]
    assert not [version for version in crashes if version in found.specifier]
    assert works in found.specifier
