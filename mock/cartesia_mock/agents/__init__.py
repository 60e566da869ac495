"""Voice agents: the agents themselves, their calls, metrics, results and deployments."""

from __future__ import annotations

from cartesia_mock.agents import calls, deployments, metrics, results, summaries
from cartesia_mock.call import Handler

HANDLERS: dict[str, Handler] = {
    **summaries.HANDLERS,
    **calls.HANDLERS,
    **metrics.HANDLERS,
    **results.HANDLERS,
    **deployments.HANDLERS,
}
"""What answers each operation, by operationId."""
