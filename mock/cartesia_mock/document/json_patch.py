"""JSON Patch (RFC 6902), as far as the documents of the dates need it."""

from __future__ import annotations

from collections.abc import Sequence

from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue, as_object


def apply_patch(value: JSONObject, patch: Sequence[JSONValue]) -> JSONObject:
    """Apply a patch to a document, which stays as it is.

    Args:
        value: The document.
        patch: The operations `add`, `remove` and `replace`, on entries of objects.

    Returns:
        The new document; it shares with the old one what the patch leaves unchanged.
    """
    for step in patch:
        operation = JSONFields(as_object(step))
        path = [
            token.replace("~1", "/").replace("~0", "~")
            for token in operation.text("path").split("/")[1:]
        ]
        is_removed = operation.text("op") == "remove"
        value = _changed(value, path, operation.data.get("value"), is_removed=is_removed)
    return value


def _changed(
    node: JSONObject, path: list[str], value: JSONValue, *, is_removed: bool
) -> JSONObject:
    key, *rest = path
    if rest:
        below = _changed(as_object(node.get(key)), rest, value, is_removed=is_removed)
        return {**node, key: below}
    if is_removed:
        return {name: entry for name, entry in node.items() if name != key}
    return {**node, key: value}
