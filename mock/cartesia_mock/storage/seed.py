"""Initial data: agents with their calls, metrics and results."""

from __future__ import annotations

from pathlib import Path

from cartesia_mock.api.jsontypes import JSONFields, JSONObject, as_list, as_object, parse_json
from cartesia_mock.storage import Records, Storage

_SEED = Path(__file__).with_name("seed.json")


def seed_agents(storage: Storage) -> None:
    """Add the agents, and everything that belongs to them, to a new storage."""
    seed = JSONFields(as_object(parse_json(_SEED.read_bytes())))
    _add(storage.agents, seed, "agents")
    _add(storage.templates, seed, "templates")
    _add(storage.metrics, seed, "metrics")
    _add(storage.phone_numbers, seed, "phone_numbers", parent="agent_id")
    _add(storage.deployments, seed, "deployments", parent="agent_id")
    _add(storage.results, seed, "results", parent="agentId")
    for each in as_list(seed.data["agent_metrics"]):
        link = JSONFields(as_object(each))
        attach_metric(storage, link.text("agent_id"), link.text("metric_id"))
    dialogues = seed.object("dialogues")
    for each in as_list(seed.data["calls"]):
        call = as_object(each)
        dialogue = dialogues.object(JSONFields(call).text("dialogue"))
        del call["dialogue"]
        add_call(storage, call, [as_object(turn) for turn in as_list(dialogue.data.get("turns"))])


def add_call(storage: Storage, call: JSONObject, turns: list[JSONObject]) -> None:
    """Store a call.

    Args:
        storage: The storage.
        call: The call as the API returns it, without its transcript.
        turns: Its turns, without timestamps.
    """
    fields = JSONFields(call)
    agent = JSONFields(storage.agents.get(fields.text("agent_id")))
    record: JSONObject = {"call": call, "turns": [*turns], "voice": agent.text("tts_voice")}
    storage.calls.add(fields.text("id"), record, parent=agent.text("id"))


def attach_metric(storage: Storage, agent_id: str, metric_id: str) -> None:
    """Assign a metric to an agent; idempotent."""
    key = link_id(agent_id, metric_id)
    if storage.agent_metrics.find(key) is None:
        link: JSONObject = {"agent_id": agent_id, "metric_id": metric_id}
        storage.agent_metrics.add(key, link, parent=agent_id)


def link_id(agent_id: str, metric_id: str) -> str:
    """Return the identifier of the assignment of a metric to an agent."""
    return f"{agent_id} {metric_id}"


def _add(records: Records, seed: JSONFields, name: str, *, parent: str | None = None) -> None:
    for each in as_list(seed.data[name]):
        body = as_object(each)
        fields = JSONFields(body)
        records.add(fields.text("id"), body, parent=fields.text(parent) if parent else None)
