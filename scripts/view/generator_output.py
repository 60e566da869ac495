"""The result of openapi-python-client; no other module uses its objects.

openapi-python-client parses and checks the document and decides which fields a model has, which
values an enum has, and what an operation takes and returns. What its objects do not carry (names of
unions, descriptions, extensions) is read from the document itself by the view; this module checks
that both agree, so that nothing is dropped without an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import version
from pathlib import Path

from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.bodies import Body as RequestBody
from openapi_python_client.parser.bodies import BodyType
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.responses import Response
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import ClassName, PythonIdentifier

from scripts.bundle import DocumentError
from scripts.view.document import Document, RawOperation
from scripts.view.media_types import binary_media_types
from scripts.view.shapes import SchemaKind

PINNED = {"openapi-python-client": "0.29.1", "ruff": "0.17.6"}
"""The versions that decide the generated text, as in pyproject.toml."""


class BodyKind(Enum):
    """How the body of a successful response is read."""

    JSON = "json"
    BYTES = "bytes"
    TEXT = "text"
    NOTHING = "nothing"


@dataclass(frozen=True)
class ParsedOperation:
    """openapi-python-client's view of one operation, with wire names."""

    path: tuple[str, ...]
    query: tuple[str, ...]
    body: str | None
    """``json`` or ``files``; None without a body."""
    response: BodyKind
    errors: tuple[str, ...]
    """Status patterns of the error responses."""


@dataclass(frozen=True)
class Parsed:
    """openapi-python-client's view of the whole document."""

    data: GeneratorData
    models: dict[str, dict[str, bool]]
    """Schema name -> wire name of each field -> whether it is required."""
    enums: dict[str, tuple[str | int, ...]]
    operations: dict[str, ParsedOperation]


def check_versions() -> None:
    """Check that the pinned versions are installed.

    Raises:
        DocumentError: A version differs; the message says what to install.
    """
    faults = [
        f"{name} is {found}, but the templates are written for {wanted}; "
        f"run `pip install {name}=={wanted}` (or `make setup`)"
        for name, wanted in PINNED.items()
        if (found := version(name)) != wanted
    ]
    if faults:
        raise DocumentError(faults)


def load_config(file: Path, document: Path, output: Path) -> Config:
    """Read ``templates/config.yml`` into the generator's configuration."""
    return Config.from_sources(
        ConfigFile.load_from_path(file),
        meta_type=MetaType("none"),
        document_source=document,
        file_encoding="utf-8",
        overwrite=True,
        output_path=output,
    )


def parse(document: Document, config: Config) -> Parsed:
    """Parse the document with openapi-python-client.

    Args:
        document: The bundled document.
        config: The generator's configuration.

    Returns:
        The result, as plain data.

    Raises:
        DocumentError: It reports an error or a warning, or its result differs from the document.
    """
    # All of them are handed on as bytes; openapi-python-client knows this one only.
    binary = dict.fromkeys(binary_media_types(document), "application/octet-stream")
    config.content_type_overrides.update(binary)
    data = GeneratorData.from_dict(dict(document.root), config=config)
    if isinstance(data, GeneratorError):
        raise DocumentError([_explain(data)])
    complaints: list[GeneratorError] = list(data.errors)
    for collection in data.endpoint_collections_by_tag.values():
        complaints += collection.parse_errors
    if complaints:
        raise DocumentError([_explain(complaint) for complaint in complaints])
    parsed = Parsed(
        data,
        models=_models(document, data.models),
        enums=_enums(document, data.enums),
        operations=_operations(document, data, config),
    )
    _compare(document, parsed)
    return parsed


def _explain(complaint: GeneratorError) -> str:
    parts = [part for part in (complaint.header, complaint.detail) if part]
    data = getattr(complaint, "data", None)
    if data is not None:
        dumped = data.model_dump_json(exclude_unset=True, by_alias=True, fallback=_text)
        parts.append(f"in {dumped[:300]}")
    return f"openapi-python-client: {' '.join(' '.join(parts).split())}"


def _text(value: object) -> str:
    return value.get_untrusted_value() if isinstance(value, UntrustedString) else str(value)


def _models(document: Document, models: Iterable[ModelProperty]) -> dict[str, dict[str, bool]]:
    by_class = {model.class_info.name: model for model in models}
    found: dict[str, dict[str, bool]] = {}
    for name in document.schemas:
        model = by_class.pop(ClassName(name, ""), None)
        if model is None or document.kind(name) is not SchemaKind.MODEL:
            continue
        fields = [*(model.required_properties or ()), *(model.optional_properties or ())]
        found[name] = {_text(field.name): field.required for field in fields}
    return found


def _enums(document: Document, enums: Iterable[object]) -> dict[str, tuple[str | int, ...]]:
    literals = [enum for enum in enums if isinstance(enum, LiteralEnumProperty)]
    by_class = {enum.class_info.name: enum for enum in literals}
    found: dict[str, tuple[str | int, ...]] = {}
    for name in document.schemas:
        # The listed part of an open enum (anyOf) is a class of its own for the generator.
        enum = by_class.get(ClassName(name, "")) or by_class.get(ClassName(f"{name}Type0", ""))
        if enum is not None and document.kind(name) is SchemaKind.ENUM:
            values = {value if isinstance(value, int) else _text(value) for value in enum.values}
            wanted = _listed(document, name)
            found[name] = tuple(value for value in wanted if value in values)
    return found


def _listed(document: Document, name: str) -> list[str | int]:
    schema = document.schemas[name]
    values = (document.open_values(schema) or schema).get("enum")
    return [v for v in values if isinstance(v, str | int)] if isinstance(values, list) else []


def _operations(
    document: Document, data: GeneratorData, config: Config
) -> dict[str, ParsedOperation]:
    endpoints = {
        endpoint.name: endpoint
        for collection in data.endpoint_collections_by_tag.values()
        for endpoint in collection.endpoints
    }
    found: dict[str, ParsedOperation] = {}
    for raw in document.operations:
        endpoint = endpoints.pop(PythonIdentifier(raw.id, config.field_prefix), None)
        if endpoint is None:
            raise document.fault(
                raw.pointer, f"openapi-python-client dropped the operation {raw.id!r}"
            )
        found[raw.id] = _operation(document, raw, endpoint)
    return found


def _operation(document: Document, raw: RawOperation, endpoint: Endpoint) -> ParsedOperation:
    successes = [response for response in endpoint.responses.patterns if _is_success(response)]
    if len(successes) != 1:
        raise document.fault(
            f"{raw.pointer}/responses",
            f"{len(successes)} successful responses; an operation needs exactly one of 101 and 2xx",
        )
    return ParsedOperation(
        path=tuple(_text(parameter.name) for parameter in endpoint.path_parameters),
        query=tuple(_text(parameter.name) for parameter in endpoint.query_parameters),
        body=_body_kind(document, raw, endpoint.bodies),
        response=_body_of(successes[0]),
        errors=tuple(
            response.status_code.pattern
            for response in endpoint.responses
            if not _is_success(response)
        ),
    )


def _is_success(response: Response) -> bool:
    codes = response.status_code.range
    return codes is not None and (codes[0] == 101 or 200 <= codes[0] < 300)  # noqa: PLR2004


def _body_of(response: Response) -> BodyKind:
    return {
        "response.json()": BodyKind.JSON,
        "response.content": BodyKind.BYTES,
        "response.text": BodyKind.TEXT,
    }.get(response.source["attribute"], BodyKind.NOTHING)


def _body_kind(document: Document, raw: RawOperation, bodies: list[RequestBody]) -> str | None:
    if not bodies:
        return None
    if len(bodies) > 1 or bodies[0].body_type not in {BodyType.JSON, BodyType.FILES}:
        raise document.fault(
            f"{raw.pointer}/requestBody/content",
            "a body is either application/json or multipart/form-data; leave one of them",
        )
    return str(bodies[0].body_type)


def _compare(document: Document, parsed: Parsed) -> None:
    """Check that no field, value or parameter of the document was dropped."""
    faults: list[str] = []
    for name in document.schemas:
        pointer = f"/components/schemas/{name}"
        kind = document.kind(name)
        if kind is SchemaKind.MODEL:
            wanted = {
                wire: field.required for wire, field in document.component_properties(name).items()
            }
            _differences(faults, document.place(pointer), wanted, parsed.models.get(name, {}))
        elif kind is SchemaKind.ENUM:
            values = dict.fromkeys(_listed(document, name), True)
            seen = dict.fromkeys(parsed.enums.get(name, ()), True)
            _differences(faults, document.place(pointer), values, seen)
    for raw in document.operations:
        seen_operation = parsed.operations[raw.id]
        wanted_parameters = {str(node.get("name")): True for node, _ in document.parameters(raw)}
        seen_parameters = dict.fromkeys((*seen_operation.path, *seen_operation.query), True)
        _differences(faults, document.place(raw.pointer), wanted_parameters, seen_parameters)
    if faults:
        raise DocumentError(faults)


def _differences(
    faults: list[str], place: str, wanted: dict[str | int, bool] | dict[str, bool], seen: object
) -> None:
    if wanted != seen:
        lost = ", ".join(sorted(str(key) for key in wanted if key not in seen))  # type: ignore[operator]
        faults.append(
            f"{place}: openapi-python-client reads this differently"
            f"{f', it drops {lost}' if lost else ''}; see the conventions in openapi/README.md"
        )
