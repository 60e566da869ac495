"""Every link of the document leads somewhere: each is followed once, from creation to deletion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import httpx
import pytest

from cartesia_mock.testing import serve
from scripts.bundle import JSON, JSONMap
from scripts.view.document import mapping, text
from tests.contract.dates import version
from tests.contract.figures import figures
from tests.contract.instances import document, faults
from tests.contract.operations import Called, examples, operations
from tests.contract.recorder import audio

HEADERS = {"authorization": "Bearer good", "cartesia-version": version().date}
NOTHING = {204, 404}
FIRST = 4
"""How many items of a list are tried."""


class Step(NamedTuple):
    """One request of the walk."""

    operation: Called
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JSON
    name: str
    """The link that leads here."""

    @property
    def is_end(self) -> bool:
        """Whether something is gone after it."""
        return self.operation.raw.method == "delete"

    @property
    def target(self) -> tuple[str, ...]:
        """What it is about."""
        return tuple(self.path.values())


class Walk:
    """Follows links, deletions last."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.followed: set[str] = set()
        """The links that led somewhere."""
        self.sent = 0
        self.deleted: set[tuple[str, ...]] = set()

    def run(self) -> None:
        """Make things, and follow whatever comes; then list what there is; in the end delete."""
        makers = [step for step in roots() if step.operation.raw.method == "post"]
        going, lists, ends = makers, [step for step in roots() if step not in makers], list[Step]()
        been: set[tuple[str, tuple[str, ...]]] = set()
        while queue := going or lists or ends:
            step = queue.pop(0)
            if (step.name, step.target) in been or self.is_idle(step):
                continue
            if step.name:
                been.add((step.name, step.target))
            for link in self.take(step):
                (ends if link.is_end else going).append(link)

    def is_idle(self, step: Step) -> bool:
        """Whether a step shows nothing new: its link was followed, and those of its answer were."""
        further = {f"{place} {name}" for place, name, _ in links_of(step.operation)}
        return step.name in self.followed and further <= self.followed

    def take(self, step: Step) -> Iterator[Step]:
        """Take one step; give the links of its answer."""
        answer = self.send(step)
        if any(set(gone) <= set(step.target) for gone in self.deleted):
            assert answer.status_code in NOTHING, f"{step.name}: {answer.text}"
            self.followed.add(step.name)
            return
        # Not all that is listed has everything, a call that failed no recording: the next one may.
        if answer.status_code == httpx.codes.NOT_FOUND:
            return
        status, content = step.operation.answer
        assert answer.status_code == status, f"{step.name}: {answer.text}"
        for media in content.values():
            if answer.headers["content-type"].startswith("application/json"):
                ref = text(mapping(media, "schema"), "$ref")
                assert not ref or faults(ref[1:], answer.json()) == []
        if step.name:
            self.followed.add(step.name)
        if step.is_end:
            self.deleted.add(step.target)
        yield from links(step, answer)

    def send(self, step: Step) -> httpx.Response:
        """Make the request of a step."""
        raw = step.operation.raw
        self.sent += 1
        files = {
            argument.wire: ("clip.wav", audio())
            for argument in step.operation.arguments()
            if argument.place == "file"
        }
        fields = dict(mapping({"it": step.body}, "it"))
        if "name" in fields:
            fields["name"] = f"{fields['name']}_{self.sent}"  # some are unique
        is_json = step.operation.media == "application/json"
        return self.client.request(
            raw.method.upper(),
            raw.path.format(**step.path),
            params=dict(step.query),
            json=fields if is_json else None,
            data=None if is_json else {k: v for k, v in fields.items() if k not in files},
            files=None if is_json else files or None,
        )


def roots() -> Iterator[Step]:
    """Return the requests that need no id and lead on, with the examples of the document."""
    for operation in operations().values():
        if "{" not in operation.raw.path and any(links_of(operation)):
            yield step_to(operation, {}, None, "")


def step_to(operation: Called, said: Mapping[str, str], body: JSON, name: str) -> Step:
    """Make a step; what is not said about it is taken from the examples of the document."""
    path: dict[str, str] = {}
    query: dict[str, str] = {}
    for node, _ in document().parameters(operation.raw):
        wire, place = text(node, "name"), text(node, "in")
        if wire in said or node.get("required") is True:
            value = said.get(wire, str(node.get("example")))
            (path if place == "path" else query)[wire] = value
    node, _ = document().resolve(mapping(operation.raw.node, "requestBody"))
    shown = [value for media in mapping(node, "content").values() for value in examples(media)]
    return Step(operation, path, query, body or (shown[0] if shown else None), name)


def links(step: Step, answer: httpx.Response) -> Iterator[Step]:
    """Return the links of an answer that its contents can fill, for the first items of a list."""
    for place, name, link in links_of(step.operation):
        target = operations()[text(link, "operationId")]
        for item in range(FIRST):
            said = {
                wire: value(expression, item, step, answer)
                for wire, expression in mapping(link, "parameters").items()
            }
            body = {
                wire: value(part, item, step, answer)
                for wire, part in mapping(link, "requestBody").items()
            }
            filled = {wire: str(found) for wire, found in said.items() if found is not None}
            if len(filled) == len(said):
                yield step_to(target, filled, dict(body), f"{place} {name}")


def links_of(operation: Called) -> Iterator[tuple[str, str, JSONMap]]:
    """Return the links of an operation's answers."""
    for response in mapping(operation.raw.node, "responses").values():
        found, _ = document().resolve(mapping({"it": response}, "it"))
        for name, link in mapping(found, "links").items():
            yield operation.id, name, document().resolve(mapping({"it": link}, "it"))[0]


def value(expression: JSON, item: int, step: Step, answer: httpx.Response) -> JSON:
    """Evaluate a runtime expression, for another item of a list than the first; None for nothing."""
    shown = str(expression)
    if shown.startswith("$request.path."):
        return step.path[shown.removeprefix("$request.path.")]
    if not shown.startswith("$response.body#/"):
        return expression
    found: JSON = answer.json()
    for token in shown.removeprefix("$response.body#/").split("/"):
        if isinstance(found, list):
            found = found[item] if item < len(found) else None
        else:
            found = mapping({"it": found}, "it").get(token)
    return found


@pytest.fixture(scope="module")
def walk() -> Iterator[Walk]:
    with (
        serve(api_key="good", engine="tone", training_seconds=0) as url,
        httpx.Client(base_url=url, headers=HEADERS, timeout=30) as client,
    ):
        walk = Walk(client)
        walk.run()
        yield walk


def test_every_link_is_followed(walk: Walk) -> None:
    there = {f"{id_} {name}" for each in operations().values() for id_, name, _ in links_of(each)}
    figures.count("links of the document, each followed", len(there))
    assert sorted(there - walk.followed) == []


def test_what_is_deleted_is_gone(walk: Walk) -> None:
    assert walk.deleted
    for target in walk.deleted:
        for operation in operations().values():
            places = [
                argument.wire for argument in operation.arguments() if argument.place == "path"
            ]
            is_about = operation.raw.path.endswith("}") and len(places) == len(target)
            if is_about and operation.raw.method == "get":
                path = operation.raw.path.format(**dict(zip(places, target, strict=True)))
                assert walk.client.get(path).status_code == httpx.codes.NOT_FOUND, path
