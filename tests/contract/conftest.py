"""How hard a contract run tries."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

from tests.contract.figures import EXAMPLES

settings.register_profile(
    "contract",
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    # Instances of deep schemas are large and slow to make; that says nothing of what is tested.
    suppress_health_check=[*HealthCheck],
)
