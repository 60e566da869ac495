"""The agents that a new server knows, with the calls that they had."""

from __future__ import annotations

from pathlib import Path

from cartesia_mock.jsontypes import Fields, JSONObject, as_list, as_object, parse_json
from cartesia_mock.state import Records, State

_BUNDLED = Path(__file__).with_name("seed.json")


def sow(state: State) -> None:
    """Put the agents, and everything that belongs to them, into a new state."""
    seed = Fields(as_object(parse_json(_BUNDLED.read_bytes())))
    _add(state.agents, seed, "agents")
    _add(state.templates, seed, "templates")
    _add(state.metrics, seed, "metrics")
    _add(state.phone_numbers, seed, "phone_numbers", parent="agent_id")
    _add(state.deployments, seed, "deployments", parent="agent_id")
    _add(state.results, seed, "results", parent="agentId")
    for each in as_list(seed.data["agent_metrics"]):
        link = Fields(as_object(each))
        attach(state, link.text("agent_id"), link.text("metric_id"))
    dialogues = seed.object("dialogues")
    for each in as_list(seed.data["calls"]):
        call = as_object(each)
        dialogue = dialogues.object(Fields(call).text("dialogue"))
        del call["dialogue"]
        add_call(state, call, [as_object(turn) for turn in as_list(dialogue.data.get("turns"))])


def add_call(state: State, call: JSONObject, turns: list[JSONObject]) -> None:
    """Keep a call.

    Args:
        state: Where.
        call: The call as the API gives it, without its transcript.
        turns: Its turns, without the times at which they are said.
    """
    fields = Fields(call)
    agent = Fields(state.agents.get(fields.text("agent_id")))
    record: JSONObject = {"call": call, "turns": [*turns], "voice": agent.text("tts_voice")}
    state.calls.add(fields.text("id"), record, parent=agent.text("id"))


def attach(state: State, agent_id: str, metric_id: str) -> None:
    """Put a metric to the later calls of an agent; once is as good as twice."""
    key = link_id(agent_id, metric_id)
    if state.agent_metrics.find(key) is None:
        link: JSONObject = {"agent_id": agent_id, "metric_id": metric_id}
        state.agent_metrics.add(key, link, parent=agent_id)


def link_id(agent_id: str, metric_id: str) -> str:
    """Name the link between an agent and a metric."""
    return f"{agent_id} {metric_id}"


def _add(records: Records, seed: Fields, name: str, *, parent: str | None = None) -> None:
    for each in as_list(seed.data[name]):
        body = as_object(each)
        fields = Fields(body)
        records.add(fields.text("id"), body, parent=fields.text(parent) if parent else None)
