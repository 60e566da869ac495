"""The types of agents, their calls, metrics and deployments."""

from __future__ import annotations

from cartesia.types._aliases import DeploymentListResponse
from cartesia_rest.models import (
    AgentCall,
    AgentTranscript,
    Deployment,
    Metric,
    MetricListResponse,
)

__all__ = [
    "AgentCall",
    "AgentTranscript",
    "Deployment",
    "DeploymentListResponse",
    "Metric",
    "MetricListResponse",
]
