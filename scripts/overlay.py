"""Apply an OpenAPI Overlay to the bundled document, and keep the location of each change.

An overlay (https://spec.openapis.org/overlay/latest.html) is a list of actions. The target of each
is a JSONPath (RFC 9535); what it selects is merged with ``update``, or with a ``copy`` of another
node, or removed. A target that selects nothing is an error, since it is a typing error or an action
that the base document has made superfluous.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, cast

import jsonpath_rfc9535 as jsonpath
import yaml

from scripts.bundle import JSON, Bundle, DocumentError, JSONMap, escape, read_node

Location: TypeAlias = tuple[str | int, ...]
"""The keys and indexes from the root of the document to a node."""

_OVERLAY_KEYS = frozenset({"overlay", "info", "extends", "actions"})
_ACTION_KEYS = frozenset({"target", "description", "update", "copy", "remove"})
_CHANGES = ("remove", "update", "copy")
"""The keys of an action that say what it does; it has exactly one."""


@dataclass(frozen=True)
class Action:
    """One action of an overlay."""

    target: str
    kind: str
    """``update``, ``copy`` or ``remove``."""
    value: JSON
    """What is merged, or the JSONPath of what is copied."""
    line: int
    lines: Mapping[str, int]
    """JSON pointer in the value -> the line of the overlay."""


@dataclass(frozen=True)
class Overlay:
    """One overlay file."""

    name: str
    """The file, as locations show it."""
    extends: str
    """The document that it is applied to, or the overlay that makes it; empty for the default."""
    actions: list[Action]


def read_overlay(file: Path, shown: str) -> Overlay:
    """Read and check an overlay.

    Args:
        file: The file.
        shown: How locations call it.

    Returns:
        Its actions.

    Raises:
        DocumentError: It is not an overlay; each line has a location and the fix.
        OSError: It cannot be read.
    """
    node, content = read_node(file, shown)
    lines = dict(_lines(node, "")) if node is not None else {}
    faults = [f"{shown}:{lines.get(at, 1)}: {text}" for at, text in _faults(content)]
    if faults:
        raise DocumentError(faults)
    overlay = _mapping(content)
    return Overlay(shown, str(overlay.get("extends", "")), list(_actions(overlay, lines)))


def _lines(node: yaml.Node, pointer: str) -> Iterator[tuple[str, int]]:
    """Yield the line of each node; that of an entry is the line of its key."""
    yield pointer, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            at = f"{pointer}/{escape(key.value)}"
            yield from _lines(value, at)
            yield at, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _lines(item, f"{pointer}/{index}")


def _faults(content: JSON) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an overlay: the JSON pointer, and the text."""
    if not isinstance(content, Mapping):
        yield "", "an overlay is a mapping of overlay, info and actions"
        return
    for key in content.keys() - _OVERLAY_KEYS:
        if not key.startswith("x-"):
            yield f"/{escape(key)}", f"{key!r} is not a key of an overlay"
    if not str(content.get("overlay", "")).startswith("1."):
        yield "/overlay", "`overlay` is the version of the specification, such as 1.1.0"
    if not {"title", "version"} <= _mapping(content.get("info")).keys():
        yield "/info", "`info` needs a title and a version"
    actions = content.get("actions")
    if not isinstance(actions, list) or not actions:
        yield "/actions", "`actions` is a list of at least one action"
        return
    for index, action in enumerate(actions):
        at = f"/actions/{index}"
        yield from ((at, text) for text in _action_faults(action))


def _action_faults(action: JSON) -> Iterator[str]:
    if not isinstance(action, Mapping):
        yield "an action is a mapping of target and update, copy or remove"
        return
    for key in sorted(action.keys() - _ACTION_KEYS):
        if not key.startswith("x-"):
            yield f"{key!r} is not a key of an action"
    if sum(action.get(kind) is not None for kind in _CHANGES) != 1:
        yield "an action has exactly one of update, copy and remove"
    if action.get("remove", True) is not True:
        yield "`remove` is true, or is left out"
    for key in ("target", "copy"):
        if key == "copy" and key not in action:
            continue
        path = action.get(key)
        try:
            jsonpath.compile(path if isinstance(path, str) else "")
        except jsonpath.JSONPathError as error:
            yield f"{key} {path!r} is not a JSONPath of RFC 9535: {str(error).splitlines()[0]}"


def _actions(content: JSONMap, lines: Mapping[str, int]) -> Iterator[Action]:
    listed = content["actions"]
    for index, node in enumerate(listed if isinstance(listed, list) else []):
        action = _mapping(node)
        kind = next(kind for kind in _CHANGES if kind in action)
        at = f"/actions/{index}"
        above = f"{at}/{kind}"
        inside = {
            pointer.removeprefix(above): line
            for pointer, line in lines.items()
            if pointer == above or pointer.startswith(f"{above}/")
        }
        target = str(action["target"])
        yield Action(target, kind, action[kind], lines[f"{at}/target"], inside)


def apply_overlay(bundle: Bundle, overlay: Overlay) -> Bundle:
    """Apply an overlay to a document, which stays as it is.

    Args:
        bundle: The document.
        overlay: The overlay.

    Returns:
        The new document, with the locations of its changes.

    Raises:
        DocumentError: An action selects nothing, or cannot be applied.
    """
    document = cast("dict[str, JSON]", deepcopy(bundle.document))
    patched = _Patched(document, overlay.name, dict(bundle.changes))
    for action in overlay.actions:
        patched.perform(action)
    if patched.faults:
        raise DocumentError(patched.faults)
    return Bundle(document, bundle.origins, changes=patched.changes)


@dataclass
class _Patched:
    """A document that is being changed."""

    document: dict[str, JSON]
    overlay: str
    changes: dict[str, str]
    faults: list[str] = field(default_factory=list[str])

    def perform(self, action: Action) -> None:
        locations = self.find(action.target)
        if not locations:
            self.fail(action, f"the target {action.target} selects nothing; correct or remove it")
        if action.kind == "remove":
            for location in reversed(locations):  # the last of a list first
                self.remove(location, action)
            return
        value, lines = action.value, action.lines
        if action.kind == "copy":
            sources = self.find(str(value))
            if len(sources) != 1:
                self.fail(action, f"`copy` {value} must select one node, not {len(sources)}")
                return
            value, lines = self.at(sources[0]), {"": action.line}
        for location in locations:
            self.update(location, value, lines, action)

    def fail(self, action: Action, text: str) -> None:
        self.faults.append(f"{self.overlay}:{action.line}: {text}")

    def find(self, path: str) -> list[Location]:
        found = jsonpath.find(path, cast("jsonpath.JSONValue", self.document))
        return sorted({node.location for node in found}, key=_order)

    def at(self, location: Location) -> JSON:
        node: JSON = self.document
        for token in location:
            node = cast("dict[str | int, JSON]", node)[token]
        return node

    def remove(self, location: Location, action: Action) -> None:
        if not location:
            self.fail(action, "the whole document cannot be removed")
            return
        above, last = self.at(location[:-1]), location[-1]
        pointer = _pointer(location)
        kept = {
            at: place
            for at, place in self.changes.items()
            if at != pointer and not at.startswith(f"{pointer}/")
        }
        if isinstance(above, list) and isinstance(last, int):
            del above[last]
            kept = {_moved(at, _pointer(location[:-1]), last): place for at, place in kept.items()}
            pointer = _pointer(location[:-1])  # another item has its index now
        elif isinstance(above, dict):
            del above[str(last)]
        self.changes = {**kept, pointer: f"{self.overlay}:{action.line}"}

    def update(
        self, location: Location, value: JSON, lines: Mapping[str, int], action: Action
    ) -> None:
        node, pointer = self.at(location), _pointer(location)
        if isinstance(node, dict) and isinstance(value, Mapping):
            self.merge(node, value, pointer, "", lines)
        elif isinstance(node, list):
            self.append(node, value, pointer, "", lines)
        elif not isinstance(node, dict) and not isinstance(value, Mapping | list) and location:
            cast("dict[str | int, JSON]", self.at(location[:-1]))[location[-1]] = value
            self.record(value, pointer, "", lines)
        else:
            self.fail(
                action,
                f"{action.target} selects {_kind(node)}, which cannot be merged with "
                f"{_kind(value)}; remove it first, and set it in the object above",
            )

    def merge(
        self,
        node: dict[str, JSON],
        value: JSONMap,
        pointer: str,
        inner: str,
        lines: Mapping[str, int],
    ) -> None:
        """Merge recursively: objects are merged, lists are joined, all else is replaced."""
        for key, new in value.items():
            at, below, old = f"{pointer}/{escape(key)}", f"{inner}/{escape(key)}", node.get(key)
            if isinstance(old, dict) and isinstance(new, Mapping):
                self.merge(old, new, at, below, lines)
            elif isinstance(old, list) and isinstance(new, list):
                self.append(old, new, at, below, lines)
            else:
                node[key] = deepcopy(new)
                self.record(new, at, below, lines)

    def append(
        self,
        node: list[JSON],
        value: JSON,
        pointer: str,
        inner: str,
        lines: Mapping[str, int],
    ) -> None:
        items = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, item in items:
            at = f"{pointer}/{len(node)}"
            node.append(deepcopy(item))
            self.record(item, at, inner if index is None else f"{inner}/{index}", lines)

    def record(self, value: JSON, pointer: str, inner: str, lines: Mapping[str, int]) -> None:
        """Note the line of a new value, and of everything in it."""
        line = lines.get(inner, lines[""])
        self.changes[pointer] = f"{self.overlay}:{line}"
        entries: Iterator[tuple[str | int, JSON]] = iter(())
        if isinstance(value, Mapping):
            entries = iter(value.items())
        elif isinstance(value, list):
            entries = iter(enumerate(value))
        for key, item in entries:
            token = escape(str(key))
            self.record(item, f"{pointer}/{token}", f"{inner}/{token}", lines)


def _mapping(node: JSON) -> JSONMap:
    return node if isinstance(node, Mapping) else {}


def _pointer(location: Location) -> str:
    return "".join(f"/{escape(str(token))}" for token in location)


def _order(location: Location) -> list[tuple[bool, int, str]]:
    """Sort locations so that the items of a list are in order."""
    return [
        (True, token, "") if isinstance(token, int) else (False, 0, token) for token in location
    ]


def _moved(pointer: str, above: str, removed: int) -> str:
    """Return the pointer of an item after one before it was removed from its list."""
    if not pointer.startswith(f"{above}/"):
        return pointer
    index, slash, rest = pointer.removeprefix(f"{above}/").partition("/")
    if int(index) < removed:
        return pointer
    return f"{above}/{int(index) - 1}{slash}{rest}"


def _kind(node: JSON) -> str:
    if isinstance(node, Mapping):
        return "an object"
    return "a list" if isinstance(node, list) else "a plain value"
