"""The view of the public names: the module that defines each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def exports(package: Path) -> list[tuple[str, str]]:
    """List the names that a package imports under ``TYPE_CHECKING``.

    Args:
        package: Its ``__init__.py``.

    Returns:
        Each name and the module that defines it, or is it.
    """
    tree = ast.parse(package.read_text("utf-8"))
    return sorted(name for node in tree.body for name in _typed_names(node, package.parent.name))


def _typed_names(node: ast.stmt, package: str) -> Iterator[tuple[str, str]]:
    if not isinstance(node, ast.If) or ast.unparse(node.test) != "TYPE_CHECKING":
        return
    for statement in node.body:
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                is_module = statement.module == package
                yield alias.name, f"{package}.{alias.name}" if is_module else str(statement.module)
