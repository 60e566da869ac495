"""What all tests share: the event loop and the mock server."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from pathlib import Path

import certifi
import pytest
from hypothesis import settings

from cartesia_mock.testing import serve
from tests.untraced import FOLDERS, leave_out_controller, leave_out_servers, untraced

leave_out_servers()

collect_ignore: list[str] = []
if sys.version_info < (3, 11):
    # They need httpx2 and the generator, which need Python 3.11.
    collect_ignore += [
        "overrides/test_httpx2.py",
        "overrides/test_surface.py",
        "runtime/_async/test_instrumentation.py",
        "runtime/_sync/test_instrumentation.py",
    ]

pytest_plugins = ["tests.faults.page", "tests.contract.figures"]

# The tests share the processors, so how long an example takes says nothing of what is tested. In CI
# the examples are the same in each run: what fails there was made by the change. `make fuzz` is what
# looks for more.
settings.register_profile("everyday", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile(
    "fuzz", deadline=None, max_examples=int(os.environ.get("FUZZ_EXAMPLES", "5000"))
)
settings.load_profile("ci" if "CI" in os.environ else "everyday")


TESTS = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    leave_out_controller(config)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the thousands of tests from the garbage collector, which would go over them each time.

    Each process collects, and so imports, the same: the first one alone is traced meanwhile.
    """
    gc.disable()
    is_first = os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    try:
        with nullcontext() if is_first else untraced():
            return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that may take longest, so that no process waits for them at the end."""

    def may_take(item: pytest.Item) -> float:
        usual = float(item.config.getini("timeout"))
        marker = item.get_closest_marker("timeout")
        return max(float(marker.args[0]), usual) if marker else usual

    items.sort(key=may_take, reverse=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    if item.get_closest_marker("untraced") or item.path.relative_to(TESTS).parts[0] in FOLDERS:
        with untraced():
            return (yield)
    return (yield)


@pytest.fixture(scope="session", autouse=True)
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have clients read one CA certificate: all take 20 ms, in each of more than a thousand clients."""
    first, end, _ = certifi.contents().partition("-----END CERTIFICATE-----\n")
    file = tmp_path_factory.mktemp("authority") / "authority.pem"
    file.write_text(first + end, "ascii")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", str(file))
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run every async test on asyncio: the only event loop that the SDK speaks."""
    return "asyncio"


@pytest.fixture(scope="session")
def mock_url() -> Iterator[str]:
    """The base URL of a mock server that lets in the key ``good`` alone."""
    with serve(api_key="good", context_expiry=5) as url:
        yield url
