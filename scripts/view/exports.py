"""The view of the public names: the module that defines each."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def exports(text: str, package: str) -> list[tuple[str, str]]:
    """List the names that a package imports under ``TYPE_CHECKING``.

    Args:
        text: Its ``__init__.py``.
        package: Its name.

    Returns:
        Each name and the module that defines it; or that is it, relative to the package.
    """
    return sorted(name for node in ast.parse(text).body for name in _typed_names(node, package))


def _typed_names(node: ast.stmt, package: str) -> Iterator[tuple[str, str]]:
    if not isinstance(node, ast.If) or ast.unparse(node.test) != "TYPE_CHECKING":
        return
    for statement in node.body:
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                is_module = statement.module == package
                yield alias.name, f".{alias.name}" if is_module else str(statement.module)
