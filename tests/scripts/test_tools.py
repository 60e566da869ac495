"""The tools that judge this repository are pinned, so that none of their releases can."""

from __future__ import annotations

import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))


def test_every_tool_is_pinned_exactly() -> None:
    groups = PROJECT["dependency-groups"]
    tools = [tool for name in ("generate", "dev") for tool in groups[name] if isinstance(tool, str)]
    assert len(tools) > 10
    assert [tool for tool in tools if "==" not in tool] == []
