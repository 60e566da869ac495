"""Aliases for the types of responses that no schema names (``x-response-name``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from scripts.view import prose
from scripts.view.document import Document, RawOperation, text
from scripts.view.method_result import OUT_OF_CALL, MethodResult, RequesterMethod
from scripts.view.methods import Method
from scripts.view.python_names import snake_case


@dataclass(frozen=True)
class ResponseAlias:
    """An alias for the type of a response."""

    name: str
    module: str
    type: str
    """The type, as an expression."""
    about: str
    documentation: list[str]
    source: str = dataclass_field(compare=False)


def response_aliases(document: Document, methods: Iterable[Method]) -> Iterator[ResponseAlias]:
    """Yield the aliases, each a module of the package of models.

    Args:
        document: The document.
        methods: All methods.

    Raises:
        DocumentError: The type of a response cannot have an alias, or the name is taken.
    """
    raws = {raw.id: raw for raw in document.operations}
    for method in methods:
        raw = raws[method.id]
        name = text(raw.node, "x-response-name")
        if not name:
            continue
        if name in document.schemas:
            raise document.fault(
                f"{raw.pointer}/x-response-name", f"{name!r} is a schema; choose another name"
            )
        what = "one item of what" if method.result.verb is RequesterMethod.PAGE else "what"
        about = f"{what} `{method.id}` gives"
        described = prose.described(f"{about[0].upper()}{about[1:]}.", 0)
        type_ = _type(document, raw, method.result)
        yield ResponseAlias(
            name, snake_case(name), type_, about, described, document.source(raw.pointer)
        )


def _type(document: Document, raw: RawOperation, result: MethodResult) -> str:
    if result.verb is RequesterMethod.TEXT:
        return "str"
    if result.shape is None or result.verb is RequesterMethod.STREAM:
        raise document.fault(
            f"{raw.pointer}/x-response-name", "only a response in JSON or text can have a name"
        )
    return OUT_OF_CALL.annotate(result.shape)
