"""The package of each date: all public names, lazily, and of one date alone."""

from __future__ import annotations

import subprocess
import sys
import warnings
from importlib import import_module

import pytest

import cartesia
import cartesia.v2025_11_04
import cartesia.v2026_08_14
from cartesia import types as default_types
from cartesia.v2026_08_14 import types as new_types

DATES = {"v2025_11_04": "2025-11-04", "v2026_08_14": "2026-08-14"}
CLIENTS = {"Cartesia", "AsyncCartesia", "Client", "AsyncClient"}


@pytest.mark.parametrize("module", DATES)
def test_every_public_name_is_there(module: str) -> None:
    package = import_module(f"cartesia.{module}")
    assert dir(package) == dir(cartesia)
    assert package.__version__ == cartesia.__version__
    for name in dir(cartesia):
        is_same = getattr(package, name) is getattr(cartesia, name)
        differs = name == "types" or (name in CLIENTS and module == "v2026_08_14")
        assert is_same is not differs, name


@pytest.mark.parametrize(("module", "date"), DATES.items())
def test_a_client_tells_its_date_and_sends_it(module: str, date: str) -> None:
    package = import_module(f"cartesia.{module}")
    for kind in (package.Cartesia, package.AsyncCartesia):
        assert kind.api_version == date
        assert kind(api_key="k").default_headers["cartesia-version"] == date


def test_the_default_is_the_date_of_the_document() -> None:
    assert cartesia.Cartesia.api_version == "2025-11-04"
    assert dir(cartesia.v2025_11_04.types) == dir(default_types)
    for name in dir(default_types):
        if name not in {"agents", "datasets", "stt"}:
            assert getattr(cartesia.v2025_11_04.types, name) is getattr(default_types, name)


def test_a_type_that_is_the_same_is_one_class_for_both_dates() -> None:
    shared = {
        name
        for name in dir(new_types)
        if getattr(new_types, name) is getattr(default_types, name, 0)
    }
    assert {"Dataset", "WebsocketChunk", "VoiceLocale", "RawOutputFormatParam"} <= shared
    # VoicePage has the same text, but is of other voices.
    assert not {"Voice", "VoicePage", "VoiceAccent", "GenerationRequestParam"} & shared


@pytest.mark.parametrize("inner", ["agents", "agents.metrics", "datasets", "stt"])
def test_the_submodules_of_types_are_there_too(inner: str) -> None:
    found = import_module(f"cartesia.v2026_08_14.types.{inner}")
    assert set(dir(found)) == set(dir(new_types)) - {"agents", "datasets", "stt"}
    assert found.Voice is new_types.Voice


@pytest.mark.parametrize(
    ("used", "own"), [("cartesia", ""), ("cartesia.v2026_08_14", "v2026_08_14")]
)
def test_the_client_of_a_date_loads_nothing_of_another(used: str, own: str) -> None:
    """Nothing but what both share is loaded: no module of the date, nor one that the date has."""
    code = (
        f"import sys; from {used} import Cartesia\n"
        "client = Cartesia(api_key='k')\n"
        "client.voices, client.tts, client.stt, client.datasets\n"
        f"from {used}.types import Voice, Dataset\n"
        "print(*(name for name in sys.modules if name.startswith('cartesia')))"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    if own:
        assert f"cartesia_rest.{own}.models.voice" in loaded
        assert not loaded & {
            "cartesia_rest.models.voice",
            "cartesia_rest.resources.voices",
            "cartesia_rest.resources.tts",
            "cartesia_rest.client",
            "cartesia._client",
        }
    else:
        assert "cartesia_rest.models.voice" in loaded
        assert not [name for name in loaded if ".v20" in name]


@pytest.mark.parametrize(
    ("date", "way_out"),
    [
        ("2026-08-14", "import Cartesia from `cartesia.v2026_08_14`"),
        ("2026-03-01", "there is no client of that version"),
        ("no date", "there is no client of that version"),
    ],
)
@pytest.mark.parametrize("kind", [cartesia.Cartesia, cartesia.AsyncCartesia])
def test_a_header_of_another_date_warns_at_the_line_of_the_caller(
    kind: type[cartesia.Cartesia], date: str, way_out: str
) -> None:
    with pytest.warns(UserWarning, match=f"Cartesia-Version: {date} is sent") as caught:
        client = kind(api_key="k", default_headers={"Cartesia-Version": date})
    assert way_out in str(caught[0].message)
    assert caught[0].filename == __file__
    assert client.default_headers["cartesia-version"] == date


def test_a_header_of_the_same_date_does_not_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cartesia.Cartesia(api_key="k", default_headers={"cartesia-version": "2025-11-04"})
        cartesia.v2026_08_14.Cartesia(
            api_key="k", default_headers={"cartesia-version": "2026-08-14"}
        )
    monkeypatch.setenv("CARTESIA_CUSTOM_HEADERS", "Cartesia-Version: 2026-08-14")
    with pytest.warns(UserWarning, match="2026-08-14 is sent"):
        cartesia.Cartesia(api_key="k")
