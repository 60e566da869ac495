"""A mock of the Cartesia voice API: real HTTP and WebSockets, real streams, real audio."""

from __future__ import annotations


def missing_extra_message(error: ModuleNotFoundError) -> str:
    """Name the extra of the package that installs a missing module.

    Args:
        error: The failed import.

    Returns:
        One line that says what to install.
    """
    name = (error.name or "").partition(".")[0]
    return (
        f"the mock server needs the extra 'mock' ({name} is not installed): "
        "pip install 'cartesia-openapi[mock]'"
    )
