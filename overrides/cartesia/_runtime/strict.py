"""Whether an object that was read is what the document promises; asked for by strict clients alone.

Models take whatever comes. Here their annotations, which say what should have come, are read and
compared. That is slow, and nothing of it is loaded unless it is wanted.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Literal, cast, get_args, get_origin

from cartesia._runtime.errors import APIResponseValidationError
from cartesia._runtime.model import Model, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import httpx

_LONGEST_SHOWN = 60


def check(response: httpx.Response, value: object, where: str = "") -> None:
    """Refuse an object that is not what the document promises.

    Args:
        response: The answer that it came in.
        value: A model, or a list of models.
        where: Its place in the answer; empty for all of it.

    Raises:
        APIResponseValidationError: It is not; the text names the first value that differs.
    """
    fault = find_fault(value, where)
    if fault is not None:
        text = f"the server's answer is not what the API promises: {fault}"
        raise APIResponseValidationError(response, _plain(value), message=text)


def find_fault(value: object, where: str = "") -> str | None:
    """Compare a model, or each of a list, with what the document promises.

    Args:
        value: The model or models.
        where: Its place in the answer.

    Returns:
        The place of the first value that differs, and what it should be; None where all is well.
    """
    if isinstance(value, list):
        items = enumerate(cast("list[object]", value))
        return _first(find_fault(item, f"{where}[{number}]") for number, item in items)
    if isinstance(value, Model):
        return _first(_faults_of_fields(value, where))
    return _differs(value, "an object", where or "the whole of it")


def _faults_of_fields(model: Model, where: str) -> Iterator[str | None]:
    kind = type(model)
    package = kind.__module__.rpartition(".")[0]
    for field in fields_of(kind):
        place = f"{where}.{field.key}" if where else field.key
        value: object = getattr(model, field.name)
        yield _Checker(package, place).fault(value, _parsed(kind.__annotations__[field.name]))


def _first(faults: Iterable[str | None]) -> str | None:
    return next((fault for fault in faults if fault is not None), None)


@cache
def _parsed(annotation: str) -> ast.expr:
    return ast.parse(annotation, mode="eval").body


class _Checker:
    """Compares the value at one place with an annotation of a generated model."""

    def __init__(self, package: str, where: str) -> None:
        self.package = package
        self.where = where

    def fault(self, value: object, node: ast.expr) -> str | None:
        """Give what is wrong with a value, None if nothing is."""
        if isinstance(node, ast.BinOp):
            return self._either(value, [node.left, node.right])
        if isinstance(node, ast.Subscript):
            return self._inside(value, node)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "_models":
            return self._named(value, getattr(import_module(self.package), node.attr))
        name = ast.unparse(node).rpartition(".")[2]
        return None if _is_plain(value, name) else _differs(value, name, self.where)

    def _either(self, value: object, nodes: list[ast.expr]) -> str | None:
        faults = [self.fault(value, node) for node in nodes]
        if None in faults:
            return None
        if type(value) is Model:  # a kind that is newer than this version
            return None
        # A fault inside of the value comes from the alternative that it is.
        inner = [fault for fault in faults if not str(fault).startswith(f"`{self.where}`")]
        wanted = " or ".join(_shown(node) for node in nodes)
        return inner[0] if inner else _differs(value, wanted, self.where)

    def _inside(self, value: object, node: ast.Subscript) -> str | None:
        outer = ast.unparse(node.value).rpartition(".")[2]
        if outer == "Literal":
            listed = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return self._one_of(value, [ast.literal_eval(one) for one in listed])
        if outer == "list" and isinstance(value, list):
            items = enumerate(cast("list[object]", value))
            return _first(
                _Checker(self.package, f"{self.where}[{number}]").fault(item, node.slice)
                for number, item in items
            )
        if outer == "dict" and isinstance(value, Mapping):
            inner = cast("ast.Tuple", node.slice).elts[1]
            entries = cast("Mapping[str, object]", value).items()
            return _first(
                _Checker(self.package, f"{self.where}.{key}").fault(item, inner)
                for key, item in entries
            )
        return _differs(value, _shown(node), self.where)

    def _named(self, value: object, kind: object) -> str | None:
        """Compare with a type of the document: a model, a list of values, or a union."""
        if isinstance(kind, type):
            if isinstance(value, kind):
                return find_fault(value, self.where)
            return _differs(value, kind.__name__, self.where)
        if get_origin(kind) is Literal:
            return self._one_of(value, get_args(kind))
        return self._either(value, [_parsed(one.__forward_arg__) for one in get_args(kind)])

    def _one_of(self, value: object, values: Sequence[object]) -> str | None:
        # Compared with their types: to Python, True is 1.
        if any(value == one and type(value) is type(one) for one in values):
            return None
        return _differs(value, f"one of {', '.join(map(repr, values))}", self.where)


def _is_plain(value: object, name: str) -> bool:
    if name == "object":
        return True
    if name == "float":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    kinds = {"str": str, "bool": bool, "datetime": datetime, "None": type(None)}
    return isinstance(value, kinds[name])


def _differs(value: object, wanted: str, where: str) -> str:
    shown = "missing or null" if value is None else repr(value)
    if len(shown) > _LONGEST_SHOWN:
        shown = f"{shown[:_LONGEST_SHOWN]}..."
    return f"`{where}` must be {wanted}, but is {shown}"


def _shown(node: ast.expr) -> str:
    return ast.unparse(node).replace("_models.", "").replace("_builtins.", "")


def _plain(value: object) -> object:
    """Give what came, for the error."""
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[object]", value)]
    return value.to_dict() if isinstance(value, Model) else value
