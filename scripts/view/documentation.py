"""The docstrings of generated methods, from the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scripts.bundle import JSONMap
from scripts.view import prose
from scripts.view.answers import Answer, Verb
from scripts.view.arguments import Argument
from scripts.view.document import Document, RawOperation, mapping, text
from scripts.view.worlds import World

ERRORS = {
    "400": "BadRequestError",
    "401": "AuthenticationError",
    "403": "PermissionDeniedError",
    "404": "NotFoundError",
    "409": "ConflictError",
    "422": "UnprocessableEntityError",
    "429": "RateLimitError",
    "5XX": "InternalServerError",
    "default": "APIStatusError",
}
"""Status of an error answer -> exception of the runtime."""

INDENT = 8


def method(
    document: Document,
    raw: RawOperation,
    world: World,
    answer: Answer,
    arguments: Sequence[Argument],
) -> list[str]:
    """Write the docstring of a method, as lines."""
    summary, described = text(raw.node, "summary"), text(raw.node, "description")
    if not summary:
        summary, described = prose.first_sentence(described)
    entries = [(argument.name, argument.documentation) for argument in arguments]
    entries += [(option.name, option.documentation) for option in answer.options]
    parts = [
        prose.paragraphs(described, INDENT),
        [page(raw)],
        prose.section("Args", entries, INDENT),
    ]
    if returns := _returns(answer, world):
        parts.append(prose.section("Returns", [("", returns)], INDENT))
    parts.append(prose.section("Raises", list(_raises(document, raw, answer)), INDENT))
    return prose.docstring(summary, parts)


def page(raw: RawOperation) -> str:
    """Give verb and path of an operation, and the vendor's page about it where one is named."""
    called = f"`{raw.method.upper()} {raw.path}`"
    url = text(mapping(raw.node, "externalDocs"), "url")
    return f"{called}: {url}" if url else called


def alias(raw: RawOperation, node: JSONMap) -> list[str]:
    """Write the docstring of an older name of a method."""
    summary = text(raw.node, "summary") or prose.first_sentence(text(raw.node, "description"))[0]
    if text(node, "returns") == "iterator":
        summary = f"{summary.rstrip('.')}, piece by piece"
    more = f"An older name of `{raw.name}`, whose arguments it takes."
    if node.get("deprecated") is True:
        more = f"Deprecated: use `{raw.name}`, whose arguments it takes."
    return prose.docstring(summary, [[more]])


def legacy_socket(raw: RawOperation) -> list[str]:
    """Write the docstring of the older method that connects at once."""
    more = f"Deprecated: use `{raw.name}`, whose arguments it takes, and its contexts."
    summary = "Connect, for one request at a time"
    return prose.docstring(summary, [[more]])


def _returns(answer: Answer, world: World) -> str:
    said = prose.ended(answer.description)
    match answer.verb:
        case Verb.EMPTY:
            return ""
        case Verb.PAGE if world.is_async:
            return (
                f"{said} Await it for the first page; iterate over it for the items of all pages."
            )
        case Verb.PAGE:
            return f"{said} Iterate over it for the items of all pages."
        case Verb.STREAM:
            return f"{said} Iterate over it; close it to stop early."
        case Verb.CONNECT:
            with_ = "async with" if world.is_async else "with"
            return f"A manager that connects when it is entered: `{with_} ... as connection`."
        case _:
            return said


def _raises(document: Document, raw: RawOperation, answer: Answer) -> Iterator[tuple[str, str]]:
    if answer.verb is Verb.CONNECT:
        yield "CartesiaError", "Entering the manager failed; its subclass tells why."
        return
    responses = mapping(raw.node, "responses")
    for status, name in ERRORS.items():
        node = responses.get(status)
        if isinstance(node, Mapping):
            found = text(document.resolve(node)[0], "description")
            yield name, " ".join(found.split())
    yield "APIConnectionError", "The server cannot be reached, or does not answer in time."
