"""Make one OpenAPI document of the several files under ``openapi/``.

Each ``$ref`` to another file, or to a name at the top of the same file, becomes a reference to a
named component (``../schemas/voices.yaml#/Voice`` -> ``#/components/schemas/Voice``); path items
are put in place. References inside extensions are followed too. The bundle records the source
of each component and operation, for the headers of generated files and for error messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

JSON: TypeAlias = "Mapping[str, JSON] | Sequence[JSON] | str | int | float | bool | None"
"""A value of the document."""

JSONMap: TypeAlias = Mapping[str, JSON]

MAIN_FILE = Path(__file__).resolve().parent.parent / "openapi" / "openapi.yaml"
"""The main file of the project's own document."""

SECTIONS = {
    "parameters": "parameters",
    "responses": "responses",
    "requestBody": "requestBodies",
    "requestBodies": "requestBodies",
    "headers": "headers",
    "links": "links",
    "examples": "examples",
    "securitySchemes": "securitySchemes",
}
"""Key above a reference -> section of ``components`` it belongs to; any other key: ``schemas``."""

LITERALS = frozenset({"example", "default", "enum", "const", "value", "defaults"})
"""Keys whose value is data: a ``$ref`` in there is none."""

NAMES_BELOW = frozenset(
    {"properties", "responses", "headers", "links", "content", "examples", "parameters"}
)
"""Keys whose value maps free names, so that a property called ``default`` is not a default."""


class DocumentError(Exception):
    """The document cannot be used; one line per problem, with its location and the fix."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = list(faults)


@dataclass(frozen=True)
class Bundle:
    """The bundled document, and the source of each part."""

    document: JSONMap
    origins: Mapping[str, str]
    """JSON pointer in the bundle -> ``openapi/schemas/voices.yaml#/Voice``."""
    unused: Sequence[str] = ()
    """The parts of the files that nothing refers to, named as the origins are."""
    changes: Mapping[str, str] = field(default_factory=dict[str, str])
    """JSON pointer in the bundle -> the overlay and the line that changed it."""

    def place(self, pointer: str) -> str:
        """Return the location in the sources of a JSON pointer in the bundle.

        It is the file and the pointer, or the file and the line of an overlay. Where an overlay
        changed only a part of the object, it is both.
        """
        head, tail = self._known(pointer)
        if head in self.changes:
            return f"{self.changes[head]}{tail and '#'}{tail}"
        below = next(iter(self._changes_below(pointer)), None)
        return f"{self.origins[head]}{tail}{f' (changed by {below})' if below else ''}"

    def source(self, pointer: str) -> str:
        """Return what a generated file names as its source: as `place`, without lines."""
        head, tail = self._known(pointer)
        if head in self.changes:
            return self.changes[head].rpartition(":")[0]
        overlays = {place.rpartition(":")[0] for place in self._changes_below(pointer)}
        return " and ".join([f"{self.origins[head]}{tail}", *sorted(overlays)])

    def _known(self, pointer: str) -> tuple[str, str]:
        """Split a pointer into the longest part whose source is known, and the rest."""
        head, tail = pointer, ""
        while head and head not in self.origins and head not in self.changes:
            head, _, last = head.rpartition("/")
            tail = f"/{last}{tail}"
        return head, tail

    def _changes_below(self, pointer: str) -> Iterator[str]:
        return (place for at, place in self.changes.items() if at.startswith(f"{pointer}/"))


def escape(token: str) -> str:
    """Write a key as a token of a JSON pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """Read a token of a JSON pointer."""
    return token.replace("~1", "/").replace("~0", "~")


_MAX_DEPTH, _MAX_VALUES = 100, 200_000

_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, JSON] = {"": None, "~": None, "null": None, "true": True, "false": False}


def check_size(node: yaml.Node) -> None:
    """Refuse what would not end, or take very long: aliases that multiply, and deep nesting.

    Args:
        node: The root of a file.

    Raises:
        yaml.MarkedYAMLError: The file has too many values, or too many levels.
    """
    pending = [(node, 0)]
    count = 0
    while pending:
        here, depth = pending.pop()
        count += 1
        if depth > _MAX_DEPTH or count > _MAX_VALUES:
            problem = f"this is more than {_MAX_DEPTH} levels or {_MAX_VALUES} values in all"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=here.start_mark)
        if isinstance(here, yaml.MappingNode):
            pending += [(value, depth + 1) for _, value in here.value]
        elif isinstance(here, yaml.SequenceNode):
            pending += [(item, depth + 1) for item in here.value]


def value_of(node: yaml.Node) -> JSON:
    """Read a scalar as YAML 1.2 does: ``no``, dates and keys are strings."""
    if isinstance(node, yaml.MappingNode):
        result: dict[str, JSON] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key is not plain text", problem_mark=key.start_mark
                )
            if key.value in result:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} is given twice", problem_mark=key.start_mark
                )
            result[key.value] = value_of(value)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [value_of(item) for item in node.value]
    text = str(node.value)
    if getattr(node, "style", None):  # in quotes, or a block
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else _WORDS.get(text, text)


@dataclass(frozen=True)
class _Target:
    """What a reference points to: a file and a pointer in it."""

    file: Path
    pointer: str


@dataclass
class _Bundler:
    root: Path
    """The main file."""
    base: Path
    """The folder that places are named from."""
    files: dict[Path, JSON] = field(default_factory=dict[Path, JSON])
    components: dict[str, dict[str, JSON]] = field(default_factory=dict[str, dict[str, JSON]])
    targets: dict[tuple[str, str], _Target] = field(default_factory=dict[tuple[str, str], _Target])
    origins: dict[str, str] = field(default_factory=dict[str, str])
    faults: list[str] = field(default_factory=list[str])

    def name(self, file: Path, pointer: str = "") -> str:
        try:
            shown = file.relative_to(self.base).as_posix()
        except ValueError:
            shown = file.name
        return f"{shown}#{pointer}" if pointer else shown

    def load(self, file: Path) -> JSON:
        if file not in self.files:
            self.files[file] = read_yaml(file, self.name(file))
        return self.files[file]

    def find(self, target: _Target) -> JSON:
        """Return the node a target names, or raise ``KeyError``."""
        node = self.load(target.file)
        for token in target.pointer.split("/")[1:]:
            node = dict(_items(node))[unescape(token)]
        return node

    def follow(self, target: _Target) -> tuple[_Target, JSON]:
        """Follow references; return the last target and its node, or raise ``KeyError``."""
        seen: set[_Target] = set()
        node = self.find(target)
        while ref := _reference(node):
            if target in seen:
                raise KeyError(ref)
            seen.add(target)
            target = self.target(ref, target.file)
            node = self.find(target)
        return target, node

    def target(self, ref: str, file: Path) -> _Target:
        path, _, pointer = ref.partition("#")
        return _Target((file.parent / path).resolve() if path else file, pointer)

    def run(self) -> Bundle:
        main = self.load(self.root)
        if not isinstance(main, Mapping):
            raise DocumentError([f"{self.name(self.root)}: not a mapping"])
        self.origins[""] = self.name(self.root) + "#"
        document: dict[str, JSON] = {}
        for key, value in main.items():
            if key == "paths":
                document[key] = self.paths(value)
            elif key != "components":
                document[key] = self.walk(value, self.root, f"/{escape(key)}", "")
        self.own_components(main.get("components"))
        document["components"] = {
            section: dict(sorted(entries.items()))
            for section, entries in sorted(self.components.items())
        }
        if self.faults:
            raise DocumentError(self.faults)
        return Bundle(document, self.origins, self.unused())

    def unused(self) -> list[str]:
        """Name what is in the files beside the main one and in no part of the bundle."""
        used = set(self.origins.values())
        places = [
            self.name(file, f"/{escape(name)}")
            for file in sorted(self.root.parent.glob("*/*.yaml"))
            if file.parent.name != "overlays"
            for name, _ in _items(self.load(file))
        ]
        return [place for place in places if place not in used]

    def paths(self, paths: JSON) -> dict[str, JSON]:
        """Inline each path item."""
        result: dict[str, JSON] = {}
        for path, entry in _items(paths):
            pointer = f"/paths/{escape(path)}"
            target, item, ref = _Target(self.root, pointer), entry, _reference(entry)
            try:
                if ref is not None:
                    target, item = self.follow(self.target(ref, self.root))
            except (KeyError, OSError):
                self.dangling(str(ref), self.root, pointer)
                continue
            self.origins[pointer] = self.name(target.file, target.pointer)
            result[path] = self.walk(item, target.file, target.pointer, "")
        return result

    def own_components(self, components: JSON) -> None:
        """Copy the ``components`` of the main file."""
        for section, entries in _items(components):
            for name, entry in _items(entries):
                pointer = f"/components/{section}/{escape(name)}"
                if ref := _reference(entry):
                    self.reference(ref, self.root, pointer, section)
                else:
                    self.component(section, name, _Target(self.root, pointer))

    def walk(
        self, node: JSON, file: Path, pointer: str, section: str, *, names: bool = False
    ) -> JSON:
        """Copy a node with its references made to point into the bundle.

        ``names``: the keys of this node are free names, not OpenAPI keywords.
        """
        if isinstance(node, Mapping):
            copy: dict[str, JSON] = {}
            for key, value in node.items():
                below = f"{pointer}/{escape(key)}"
                if names:
                    copy[key] = self.walk(value, file, below, section)
                elif key == "$ref" and isinstance(value, str):
                    copy[key] = self.reference(value, file, pointer, section)
                elif key == "mapping" and pointer.endswith("/discriminator"):
                    copy[key] = {
                        tag: self.reference(str(ref), file, f"{below}/{escape(tag)}", "schemas")
                        for tag, ref in _items(value)
                    }
                elif key in LITERALS:
                    copy[key] = value
                else:
                    copy[key] = self.walk(
                        value, file, below, self.section(key, section), names=key in NAMES_BELOW
                    )
            return copy
        if isinstance(node, list):
            return [
                self.walk(item, file, f"{pointer}/{index}", section)
                for index, item in enumerate(node)
            ]
        return node

    @staticmethod
    def section(key: str, above: str) -> str:
        """Return which section a reference below ``key`` belongs to."""
        if key in {"schema", "properties", "items"} or above == "schemas":
            return "schemas"
        return SECTIONS.get(key, above)

    def reference(self, ref: str, file: Path, pointer: str, section: str) -> str:
        """Make the target of ``ref`` a component; return the reference to it."""
        section = section or "schemas"
        target = self.target(ref, file)
        tokens = target.pointer.split("/")[1:]
        if not tokens:
            self.faults.append(
                f"{self.name(file, pointer)}: {ref!r} names a whole file; "
                "name one object in it, as in 'schemas/voices.yaml#/Voice'"
            )
            return ref
        if tokens[0] == "components" and len(tokens) == 3:  # noqa: PLR2004 - #/components/<section>/<name>
            section = tokens[1]
        name = unescape(tokens[-1])
        if not self.component(section, name, target):
            self.dangling(ref, file, pointer)
        return f"#/components/{section}/{escape(name)}"

    def component(self, section: str, name: str, target: _Target) -> bool:
        """Add a component once; return whether its target exists."""
        try:
            target, node = self.follow(target)
        except (KeyError, OSError):
            return False
        known = self.targets.get((section, name))
        if known is not None:
            if known != target:
                self.faults.append(
                    f"{self.name(target.file, target.pointer)}: the name {name!r} is taken by "
                    f"{self.name(known.file, known.pointer)}; rename one of the two"
                )
            return True
        self.targets[section, name] = target
        self.origins[f"/components/{section}/{escape(name)}"] = self.name(
            target.file, target.pointer
        )
        entries = self.components.setdefault(section, {})
        entries[name] = self.walk(node, target.file, target.pointer, section)
        return True

    def dangling(self, ref: str, file: Path, pointer: str) -> None:
        self.faults.append(
            f"{self.name(file, pointer)}: {ref!r} points to nothing; "
            "correct the file name or the name after '#/'"
        )


def _reference(node: JSON) -> str | None:
    """Return the target of a node that consists of a ``$ref`` alone."""
    items = dict(_items(node))
    ref = items.get("$ref")
    return ref if isinstance(ref, str) and len(items) == 1 else None


def _items(node: JSON) -> Iterator[tuple[str, JSON]]:
    if isinstance(node, Mapping):
        yield from node.items()


def read_yaml(file: Path, shown: str | None = None) -> JSON:
    """Read one YAML file, strictly.

    Args:
        file: The file.
        shown: How error texts call it.

    Returns:
        Its content.

    Raises:
        DocumentError: It is not YAML, or a key is given twice.
        OSError: It cannot be read.
    """
    return read_node(file, shown)[1]


def read_node(file: Path, shown: str | None = None) -> tuple[yaml.Node | None, JSON]:
    """Read one YAML file as `read_yaml` does.

    Args:
        file: The file.
        shown: How error texts call it.

    Returns:
        Its tree, which has the lines, and its content.

    Raises:
        DocumentError: It is not YAML, or a key is given twice.
        OSError: It cannot be read.
    """
    loader = getattr(
        yaml, "CSafeLoader", yaml.SafeLoader
    )  # the C loader, where libyaml is installed
    try:
        node = yaml.compose(file.read_text("utf-8"), loader)
        if node is not None:
            check_size(node)
        return node, None if node is None else value_of(node)
    except yaml.YAMLError as error:
        raise DocumentError([f"{shown or file}: {_explain(error)}"]) from error
    except UnicodeDecodeError as error:
        raise DocumentError(
            [f"{shown or file}: {error.reason} at byte {error.start}; save the file as UTF-8"]
        ) from error


def _explain(error: yaml.YAMLError) -> str:
    """Say what is wrong with YAML, where, and what to do."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return f"{' '.join(str(error).split())}; correct the YAML there"
    said = " ".join(filter(None, (error.context, error.problem)))
    mark = error.problem_mark
    where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"{said}{where}; correct the YAML there: indentation, a missing space, colon or quote"


def bundle(main: Path) -> Bundle:
    """Bundle ``main`` and everything it refers to into one document.

    Args:
        main: The main file, such as ``openapi/openapi.yaml``; places are named from the folder
            above it.

    Returns:
        The document, and where its parts came from.

    Raises:
        DocumentError: Two things have one name, a reference points to nothing, or a file is no
            YAML.
    """
    main = main.resolve()
    try:
        return _Bundler(main, main.parent.parent).run()
    except OSError as error:
        raise DocumentError([f"{main}: {error.strerror}"]) from error
