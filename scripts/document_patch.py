"""Write the difference of two documents as a JSON Patch (RFC 6902)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scripts.bundle import JSON, escape


def patch(old: JSON, new: JSON, pointer: str = "") -> Iterator[JSON]:
    """Yield the operations that make one document of another.

    Args:
        old: The document to change.
        new: The result.
        pointer: The JSON pointer to both, for what is inside of a document.

    Yields:
        Operations ``add``, ``remove`` and ``replace``. A list that differs is replaced as a whole.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in old:
            if key not in new:
                yield {"op": "remove", "path": f"{pointer}/{escape(key)}"}
        for key, value in new.items():
            at = f"{pointer}/{escape(key)}"
            if key in old:
                yield from patch(old[key], value, at)
            else:
                yield {"op": "add", "path": at, "value": value}
    elif old != new:
        yield {"op": "replace", "path": pointer, "value": new}
