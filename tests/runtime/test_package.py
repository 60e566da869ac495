"""The package itself: what it costs to import, and that all its names are there."""

from __future__ import annotations

import ast
import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import cartesia
import cartesia.types
from cartesia._runtime.request import Operation
from cartesia_rest.exports import EXPORTS

PACKAGE = Path(cartesia.__file__).parent


def run(code: str, **environment: str) -> str:
    done = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "", "PYTHONPATH": ":".join(sys.path), **environment},
    )
    return done.stdout + done.stderr


def test_importing_costs_next_to_nothing() -> None:
    code = """
import sys
import cartesia
assert len(sys.modules) <= 120, len(sys.modules)
client = cartesia.Cartesia(api_key="k")
other = cartesia.AsyncCartesia(api_key="k")
print([name for name in ("httpx", "attr", "asyncio", "logging") if name in sys.modules])
"""
    assert run(code) == "[]\n"


def test_every_name_is_there_and_is_typed_as_it_is_found() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    typed = {
        alias.asname or alias.name: node.module
        for block in tree.body
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == {**EXPORTS, "types": "cartesia"}
    assert vars(cartesia)["__all__"] == dir(cartesia) == sorted(typed)
    for name in typed:
        assert getattr(cartesia, name) is not None
    assert cartesia.Client is cartesia.Cartesia
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = cartesia.nothing  # type: ignore[attr-defined]


def test_the_types_are_there() -> None:
    assert cartesia.types.Voice.__name__ == "Voice"
    assert "VoiceSpecifierParam" in dir(cartesia.types)
    assert getattr(cartesia.types, "__all__") == dir(cartesia.types)  # noqa: B009
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = cartesia.types.Nothing  # type: ignore[attr-defined]


def test_clients_say_where_they_are_imported_from() -> None:
    assert repr(cartesia.Cartesia).endswith("'cartesia.Cartesia'>")
    assert repr(cartesia.AsyncCartesia).endswith("'cartesia.AsyncCartesia'>")


def test_clients_send_the_version_of_the_document() -> None:
    import cartesia_rest

    headers = cartesia.Cartesia(api_key="k").default_headers
    assert headers["cartesia-version"] == cartesia_rest.API_VERSION
    assert headers["user-agent"] == f"cartesia-openapi/{cartesia.__version__}"


def test_what_was_not_given() -> None:
    omit = cartesia.omit
    assert not omit
    assert repr(omit) == "omit"
    assert cartesia.NOT_GIVEN is cartesia.not_given is omit
    assert isinstance(omit, cartesia.NotGiven)
    assert copy.deepcopy(omit) is omit
    assert pickle.loads(pickle.dumps(omit)) is omit  # noqa: S301  # our own


def test_an_operation_says_what_it_is() -> None:
    assert repr(Operation("voices.get", "GET", "/voices/{id}")) == (
        "Operation('voices.get', 'GET', '/voices/{id}')"
    )


@pytest.mark.parametrize(("level", "said"), [("debug", True), ("INFO", False), ("", False)])
def test_the_environment_turns_the_log_on(level: str, said: bool) -> None:
    code = """
import logging
from cartesia._runtime.options import configure_logging
configure_logging()
logging.getLogger("cartesia").debug("details")
"""
    assert ("details" in run(code, CARTESIA_LOG=level)) is said


def test_deep_json_is_read_or_refused_but_crashes_nothing() -> None:
    code = """
from cartesia._runtime.codec import decode_json
for text in (b"[" * 1_000_000, b'{"a":' * 1_000_000, b"[" * 100_000 + b"]" * 100_000):
    try:
        decode_json(text)
    except ValueError:
        print("refused")
"""
    assert run(code).split() == ["refused"] * 3
