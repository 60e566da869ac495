"""What the socket modules promise as modules: which of them needs which library, and which waits."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cartesia._runtime.websocket.session

CORE = Path(cartesia._runtime.websocket.session.__file__).parent


def test_without_the_extra_it_is_named() -> None:
    code = """
import sys
sys.modules["websockets"] = None
from types import SimpleNamespace
from cartesia._runtime._sync.websocket.connection import Connection, ConnectionManager
from cartesia._runtime.request import Operation, Request
from tests.runtime.websocket.wordbook import TTS
requester = SimpleNamespace(socket_defaults=dict)
manager = ConnectionManager(requester, Connection, TTS, Request(Operation("o", "GET", "/")))
try:
    manager.enter()
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run(  # noqa: S603 # the interpreter of these tests
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("CartesiaError")
    assert "cartesia-openapi[websockets]" in done.stdout
    assert "httpx" not in done.stdout


@pytest.mark.parametrize("path", sorted(CORE.glob("*.py")), ids=lambda path: path.name)
def test_the_core_waits_for_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & {"asyncio", "anyio", "concurrent", "select", "threading", "time"}
    assert not [
        node for node in ast.walk(tree) if isinstance(node, (ast.Await, ast.AsyncFunctionDef))
    ]
