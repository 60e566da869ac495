"""What the generator would lose in silence is an error that names the place and the fix."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from scripts.bundle import Bundle, DocumentError, bundle
from scripts.conventions import check_conventions
from scripts.view.document import Document
from tests.generated.support import body, document, obj, operation, ref, text, write

GONE = object()


def base() -> dict[str, object]:
    """A document that keeps all conventions and has one of everything."""
    return document(
        tags=("client", "things", "things.parts"),
        paths={
            "/things/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": text()},
                ],
                "post": operation(
                    "things.make",
                    ref("Thing"),
                    requestBody=body("MakeThing"),
                    parameters=[{"name": "limit", "in": "query", "schema": text()}],
                ),
            },
            "/things/parts": {"get": operation("things.parts.list", ref("Event"))},
            "/socket": {
                "get": operation(
                    "things.connect",
                    status="101",
                    extensions={
                        "x-websocket": {
                            "name": "Things",
                            "client": ref("MakeThing"),
                            "server": ref("Event"),
                            "context": {
                                "key": "name",
                                "request": ref("MakeThing"),
                                "per_message": ["count"],
                                "ends": ["done"],
                            },
                        }
                    },
                )
            },
        },
        schemas={
            "Thing": obj(("name",), name=text(), kind=ref("Kind"), part=ref("Part")),
            "MakeThing": obj(("name",), name=text(), count=text(), part=ref("Part")),
            "Kind": text(enum=["a", "b"]),
            "Part": {**obj(("id",), id=text()), "x-shorthand": "id"},
            "Done": obj(("type",), type=text(const="done"), data=text(contentEncoding="base64")),
            "Failure": {**obj(("type",), type=text(const="error")), "x-python-base": "ErrorEvent"},
            "Event": {
                "description": "An event.",
                "oneOf": [ref("Done"), ref("Failure")],
                "discriminator": {
                    "propertyName": "type",
                    "mapping": {
                        "done": "#/components/schemas/Done",
                        "error": "#/components/schemas/Failure",
                    },
                },
            },
            "Untagged": {"description": "Either.", "anyOf": [ref("Part"), ref("Thing")]},
        },
    )


def changed(pointer: str, value: object) -> dict[str, object]:
    """Return the base document with one value set, or taken away."""
    whole = copy.deepcopy(base())
    node: object = whole
    *above, last = [token.replace("~1", "/") for token in pointer.split("/")[1:]]
    for token in above:
        if isinstance(node, list):
            node = node[int(token)]
        else:
            assert isinstance(node, dict)
            node = node.setdefault(token, {})
    if isinstance(node, list):
        node[int(last)] = value
    else:
        assert isinstance(node, dict)
        if value is GONE:
            del node[last]
        else:
            node[last] = value
    return whole


def faults(folder: Path, whole: dict[str, object]) -> list[str]:
    """Return what is wrong with a document."""
    try:
        check_conventions(Document(bundle(write(folder, whole))))
    except DocumentError as error:
        return error.faults
    return []


def test_the_base_document_keeps_all_conventions(tmp_path: Path) -> None:
    assert faults(tmp_path, base()) == []


THING = "/components/schemas/Thing"
NAME = f"{THING}/properties/name"
PART = f"{THING}/properties/part"
EVENT = "/components/schemas/Event"
MAKE = "/paths/~1things~1{id}/post"
LIST = "/paths/~1things~1parts/get"
LIMIT = f"{MAKE}/parameters/0"
SOCKET = "/paths/~1socket/get"
PARAMETER_ID = "/paths/~1things~1{id}/parameters/0"
BODY = f"{MAKE}/requestBody"
JSON_BODY = f"{BODY}/content/application~1json"
ANSWER = f"{MAKE}/responses/200"
JSON_ANSWER = f"{ANSWER}/content/application~1json"

CASES: list[tuple[str, object, str, str]] = [
    # where, what is put there, where the error points, what it says
    # Lost in silence by openapi-python-client
    (f"{THING}/allOf", [ref("Part")], THING, "'allOf' hides where a field comes from; write the fields"),
    (f"{THING}/anyOf", [ref("Part")], THING, "`anyOf` together with `properties` and `type` drops"),
    (f"{EVENT}/anyOf", [ref("Part")], EVENT, "`anyOf` together with `anyOf` and `oneOf` drops"),
    ("/components/schemas/Untagged/anyOf/0", {"required": ["id"]}, "/components/schemas/Untagged",
     "`anyOf` of bare `required` drops the whole schema"),
    (f"{THING}/not", {"required": ["name"]}, f"{THING}/not", "`not` says which fields exclude each other"),
    (f"{THING}/not", {"required": ["kind", "name"]}, f"{THING}/not", ""),
    (f"{THING}/not", {"required": ["kind", "gone"]}, f"{THING}/not", "`not` says which fields exclude each other"),
    (f"{THING}/x-id-of", ["Gone"], f"{THING}/x-id-of", "'Gone' is not an object of the document with a required id"),
    (f"{PART}/minLength", 3, PART, "'minLength' beside a $ref is dropped; move it to the referenced schema"),
    (f"{LIMIT}/schema", GONE, LIMIT, "one with `content` is dropped without a warning"),
    (f"{LIMIT}/content", {}, LIMIT, "parameter 'limit' needs a `schema`"),
    (f"{LIMIT}/schema/description", GONE, LIMIT, "parameter 'limit' has no description"),
    ("/webhooks", {}, "/webhooks", "webhooks are dropped by the generator"),
    (f"{LIST}/operationId", "things.make", LIST, "is the same as that of openapi/openapi.yaml#/paths/"),
    (f"{MAKE}/servers", [], f"{MAKE}/servers", "`servers` of an operation are dropped"),
    (f"{MAKE}/callbacks", {}, f"{MAKE}/callbacks", "`callbacks` of an operation are dropped"),
    (f"{NAME}/readOnly", True, NAME, "'readOnly' is ignored; make one schema for requests"),
    (f"{THING}/additionalProperties", False, THING, "makes clients drop fields that a newer server adds"),
    (f"{THING}/additionalProperties", text(), THING, "beside `properties` is dropped"),
    (f"{JSON_ANSWER}/schema", GONE, JSON_ANSWER, "is read as an empty response; add one"),
    (f"{ANSWER}/content/text~1event-stream", {"schema": ref("Event")}, f"{ANSWER}/content",
     "of JSON or events one is dropped; make an operation of each"),
    # Other versions of OpenAPI, and words that nobody reads
    ("/openapi", "3.0.3", "/openapi", "this is OpenAPI 3.0.3; the generator reads 3.1"),
    (f"{NAME}/nullable", True, NAME, "'nullable' is OpenAPI 3.0; write `type: [..., \"null\"]`"),
    (f"{THING}/$defs", {}, THING, "'$defs' is not read"),
    (f"{THING}/title", "Thing", THING, "'title' would rename the class"),
    (f"{NAME}/not", {}, NAME, "'not' is dropped by the generator; move it to the description"),
    # Names
    (PART, obj(id=text()), PART, "a nested object gets a name from its location"),
    (NAME, text(enum=["a"]), NAME, "an unnamed enum gets a name from its location"),
    (NAME, {"description": "x", "anyOf": [text(), ref("Part")]}, NAME,
     "an unnamed union is dropped; name it under schemas/"),
    ("/components/schemas/thing", text(), "/components/schemas/thing", "names a class; write it"),
    ("/components/schemas/Make_Thing", text(), "/components/schemas/Make_Thing",
     "the module 'make_thing' is already used by schema 'MakeThing'"),
    (f"{THING}/properties/kind/x-aliases", ["part"], PART,
     "the attribute 'part' is already used by field 'kind'"),
    (f"{THING}/properties/1st", text(), f"{THING}/properties/1st",
     "'1st' is not a valid Python name for attribute; give it another by x-python-name"),
    (f"{THING}/properties/list", text(), f"{THING}/properties/list",
     "the attribute 'list' is already used by every model"),
    (f"{THING}/properties/classmethod", text(), f"{THING}/properties/classmethod",
     "the attribute 'classmethod' is already used by every model"),
    (f"{THING}/properties/field", text(), f"{THING}/properties/field", ""),
    ("/components/schemas/Done/properties/audio", text(),
     "/components/schemas/Done/properties/audio", "the attribute 'audio' is already used by"),
    ("/components/schemas/Failure/properties/error", text(), "/components/schemas/Failure",
     "the attribute 'error' hides that of ErrorEvent"),
    (f"{LIMIT}/name", "timeout", LIMIT, "the argument 'timeout' is already used by every call"),
    (f"{LIMIT}/name", "omit", LIMIT, "the argument 'omit' is already used by every call"),
    (f"{LIMIT}/name", "write_out", LIMIT, "the argument 'write_out' is already used by every call"),
    (f"{LIMIT}/x-python-name", "id_of", LIMIT, "the argument 'id_of' is already used by every call"),
    ("/components/schemas/MakeThing/properties/Request", text(),
     "/components/schemas/MakeThing/properties/Request",
     "the argument 'Request' is already used by every call"),
    ("/components/schemas/MakeThing/properties/write_out", text(),
     "/components/schemas/MakeThing/properties/write_out",
     "the argument 'write_out' is already used by every context"),
    ("/components/schemas/MakeThing/properties/begin", text(),
     "/components/schemas/MakeThing/properties/begin",
     "the argument 'begin' is already used by every context"),
    (f"{LIMIT}/name", "name", "/components/schemas/MakeThing/properties/name",
     "the argument 'name' is already used by parameter 'name'"),
    (f"{MAKE}/x-aliases", [{"name": "connect"}], SOCKET,
     "the method 'connect' is already used by things.make"),
    (f"{MAKE}/operationId", "things.parts", MAKE, "the method 'parts' is already used by the tag"),
    (f"{SOCKET}/x-websocket/legacy", "make", f"{SOCKET}/x-websocket/legacy",
     "the method 'make' is already used by things.make"),
    # Descriptions
    (f"{NAME}/description", GONE, NAME, "no description for the docstring; add one"),
    (f"{MAKE}/summary", GONE, MAKE, "no summary, so the method would have no docstring"),
    (f"{ANSWER}/description", "", ANSWER, "no description of the response"),
    # Values and types
    ("/components/schemas/Kind/enum", ["a", False], "/components/schemas/Kind",
     "the values of an enum are all strings or all integers, these are bool, str"),
    ("/components/schemas/Kind/enum", ["a", "a"], "/components/schemas/Kind", "is given twice"),
    (f"{NAME}/const", 1.5, NAME, "`const` is a string, a boolean or an integer"),
    (f"{NAME}/type", ["string", "integer"], NAME, 'a list of types is one type and "null"'),
    (f"{NAME}/type", ["string"], NAME, 'a list of types is one type and "null"'),
    (f"{NAME}/type", "text", NAME, "there is no type 'text' in OpenAPI"),
    (f"{NAME}/type", "array", NAME, "an array without `items` has items of unknown type"),
    (f"{NAME}/format", "email", NAME, "the format 'email' is unknown to the client"),
    (f"{LIMIT}/schema/format", "binary", f"{LIMIT}/schema", "a file is a field of a form"),
    # Unions
    (f"{EVENT}/discriminator/mapping/error", GONE, f"{EVENT}/discriminator",
     "`mapping` and variants differ in Failure; give each variant its tag"),
    ("/components/schemas/Done/properties/type/const", "end", "/components/schemas/Done",
     "the variant 'done' of Event needs a required field 'type' with `const: done`"),
    ("/components/schemas/Thing/required", ["id"], "/components/schemas/Untagged", ""),
    ("/components/schemas/Untagged/anyOf", [ref("Part"), ref("Part")],
     "/components/schemas/Untagged", "nothing distinguishes Part from Part; add a discriminator"),
    # Operations
    (f"{MAKE}/operationId", "makeThing", MAKE, "'makeThing' is not `<tag>.<method>`"),
    (f"{MAKE}/tags", ["things", "parts"], f"{MAKE}/tags", "the tags must be just [things]"),
    (f"{MAKE}/operationId", "others.make", f"{MAKE}/tags", "the tag 'others' is not declared"),
    (f"{LIMIT}/in", "header", LIMIT, "a parameter in header is never sent"),
    (f"{LIMIT}/explode", False, LIMIT, "the client writes query parameters in style form"),
    (f"{LIMIT}/schema", ref("Part"), LIMIT, "is an object, which cannot be written in a URL"),
    (f"{PARAMETER_ID}/required", False, PARAMETER_ID, "a path parameter is required"),
    (f"{BODY}/required", False, BODY, "say `required: true`"),
    (f"{BODY}/content/multipart~1form-data", {"schema": ref("MakeThing")}, f"{BODY}/content",
     "a body is either application/json or multipart/form-data"),
    (f"{JSON_BODY}/schema", ref("Kind"), JSON_BODY, "is a $ref to a named object"),
    (f"{MAKE}/responses/201", {"description": "x"}, f"{MAKE}/responses", "2 successful responses"),
    # Extensions
    ("/x-thing", 1, "/x-thing", "x-thing is ignored on a root; none are allowed there"),
    ("/tags/1/x-thing", 1, "/tags/1/x-thing", "ignored on a tag; only x-python-name are allowed"),
    (f"{MAKE}/x-pagination", "pages", f"{MAKE}/x-pagination", "x-pagination must be cursor"),
    (f"{MAKE}/x-billed", "yes", f"{MAKE}/x-billed", "x-billed must be true or false"),
    (f"{MAKE}/x-aliases", ["make"], f"{MAKE}/x-aliases", "must be a list of {name, deprecated?"),
    (f"{NAME}/x-aliases", "alias", f"{NAME}/x-aliases", "must be a list of Python names"),
    (f"{NAME}/x-python-name", "a b", f"{NAME}/x-python-name", "must be a Python name"),
    (f"{THING}/x-python-base", "Base", f"{THING}/x-python-base", "must be ErrorEvent"),
    (f"{THING}/x-shorthand", "kind", f"{THING}/x-shorthand", "here that is name"),
    (f"{ANSWER}/x-thing", 1, f"{ANSWER}/x-thing", "x-thing is ignored on a response"),
    (f"{JSON_ANSWER}/x-thing", 1, f"{JSON_ANSWER}/x-thing", "ignored on a media type"),
    (f"{SOCKET}/x-websocket/x", 1, f"{SOCKET}/x-websocket", "must be a mapping of name, client"),
    (f"{SOCKET}/x-websocket/context/key", "id", f"{SOCKET}/x-websocket/context",
     "the request has no field 'id'; name one of name, count, part"),
    (f"{SOCKET}/x-websocket/context/stream", "feed", f"{SOCKET}/x-websocket/context/stream",
     "`per_message` needs exactly one required field"),
    (f"{SOCKET}/x-websocket/context/stream", "a b", f"{SOCKET}/x-websocket", "must be a mapping"),
    (f"{SOCKET}/x-websocket/text", "word", f"{SOCKET}/x-websocket/text",
     "'text' is for a socket without contexts; remove one of the two"),
    (f"{SOCKET}/x-websocket/text", "xml", f"{SOCKET}/x-websocket", "or text (json or word)"),
    (f"{SOCKET}/x-websocket/binary", "video", f"{SOCKET}/x-websocket", "binary (audio)"),
    (f"{SOCKET}/x-websocket/finish", 5, f"{SOCKET}/x-websocket", "finish and ends"),
    (f"{THING}/x-parallel-arrays", {"nme": "names"}, f"{THING}/x-parallel-arrays",
     "the object has no field 'nme'; name one of name, kind, part"),
    (f"{THING}/x-parallel-arrays", {}, f"{THING}/x-parallel-arrays", "must be a mapping of fields"),
    (f"{THING}/x-parallel-arrays", ["name"], f"{THING}/x-parallel-arrays", "must be a mapping of"),
    (f"{SOCKET}/responses", {"200": {"description": "x"}}, f"{SOCKET}/x-websocket",
     "a WebSocket needs a GET with a response 101"),
]  # fmt: skip


def test_a_method_of_a_socket_may_not_have_the_name_of_another(tmp_path: Path) -> None:
    whole = changed(f"{SOCKET}/x-websocket/context/per_message", ["name", "count"])
    context = f"{SOCKET}/x-websocket/context"
    node = whole["paths"]
    assert isinstance(node, dict)
    node["/socket"]["get"]["x-websocket"]["context"]["stream"] = "make"
    assert any(
        fault.startswith(
            f"openapi/openapi.yaml#{context}/stream: the method 'make' is already used by"
        )
        for fault in faults(tmp_path, whole)
    )


@pytest.mark.parametrize(("where", "value", "place", "said"), CASES)
def test_a_break_of_a_convention_names_its_place_and_the_fix(
    tmp_path: Path, where: str, value: object, place: str, said: str
) -> None:
    found = faults(tmp_path, changed(where, value))
    wanted = f"openapi/openapi.yaml#{place}: "
    if not said:
        assert not any(fault.startswith(wanted) for fault in found)
        return
    assert any(fault.startswith(wanted) and said in fault for fault in found), found


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    whole = changed(f"{NAME}/nullable", True)
    whole["openapi"] = "3.2.0"
    assert len(faults(tmp_path, whole)) == 2


def test_the_projects_own_document_keeps_the_conventions() -> None:
    root = Path(__file__).parents[2]
    check_conventions(Document(bundle(root / "openapi" / "openapi.yaml")))


def test_a_document_without_paths_or_components_is_no_crash() -> None:
    check_conventions(Document(Bundle({"openapi": "3.1.0"}, {"": "here#"})))
