"""The docstrings of generated methods."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.bundle import JSONMap
from scripts.view import prose
from scripts.view.arguments import Argument
from scripts.view.document import RawOperation, mapping, text
from scripts.view.flavours import Flavour
from scripts.view.method_result import MethodResult, RequesterMethod

INDENT = 8


def method(
    raw: RawOperation,
    flavour: Flavour,
    result: MethodResult,
    arguments: Sequence[Argument],
) -> list[str]:
    """Write the docstring of a method, as lines."""
    summary, described = text(raw.node, "summary"), text(raw.node, "description")
    if not summary:
        summary, described = prose.first_sentence(described)
    entries = [(argument.name, argument.documentation) for argument in arguments]
    entries += [(option.name, option.documentation) for option in result.options]
    parts = [
        prose.wrap(f"Deprecated: {raw.deprecation}.", INDENT) if raw.deprecation else [],
        prose.paragraphs(described, INDENT),
        [page(raw)],
        prose.section("Args", entries, INDENT),
    ]
    if returns := _returns(result, flavour):
        parts.append(prose.section("Returns", [("", returns)], INDENT))
    parts.append(prose.section("Raises", [("CartesiaError", _failure(raw, result))], INDENT))
    return prose.docstring(summary, parts)


def page(raw: RawOperation) -> str:
    """Return HTTP method and path of an operation, and the link to the vendor's page, if any."""
    called = f"`{raw.method.upper()} {raw.path}`"
    url = text(mapping(raw.node, "externalDocs"), "url")
    return f"{called}: {url}" if url else called


def alias(raw: RawOperation, node: JSONMap) -> list[str]:
    """Write the docstring of an alias of a method."""
    summary = text(raw.node, "summary") or prose.first_sentence(text(raw.node, "description"))[0]
    if text(node, "returns") == "iterator":
        summary = f"{summary.rstrip('.')}, piece by piece"
    more = f"An alias of `{raw.name}`."
    if node.get("deprecated") is True:
        more = f"Deprecated: use `{raw.name}`. The arguments are the same."
    return prose.docstring(summary, [[more]])


def legacy_socket(raw: RawOperation) -> list[str]:
    """Write the docstring of the deprecated method that connects at once."""
    more = f"Deprecated: use `{raw.name}` and its contexts. The arguments are the same."
    summary = "Connect a WebSocket for one request at a time"
    return prose.docstring(summary, [[more]])


def _returns(result: MethodResult, flavour: Flavour) -> str:
    said = prose.ended(result.description)
    match result.verb:
        case RequesterMethod.EMPTY:
            return ""
        case RequesterMethod.PAGE if flavour.is_async:
            return (
                f"{said} Await it for the first page; iterate over it for the items of all pages."
            )
        case RequesterMethod.PAGE:
            return f"{said} Iterate over it for the items of all pages."
        case RequesterMethod.STREAM:
            return f"{said} Iterate over it; close it to stop early."
        case RequesterMethod.CONNECT:
            with_ = "async with" if flavour.is_async else "with"
            return f"A manager that connects when it is entered: `{with_} ... as connection`."
        case _:
            return said


def _failure(raw: RawOperation, result: MethodResult) -> str:
    """Describe in one line how a call fails; the exceptions have docstrings of their own."""
    if result.verb is RequesterMethod.CONNECT:
        return "Entering the manager failed; see its subclasses."
    if "404" in mapping(raw.node, "responses"):
        return "The call failed; see its subclasses (`NotFoundError`: no such id)."
    return "The call failed; see its subclasses."
