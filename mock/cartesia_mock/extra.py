"""What to say where the server cannot be imported because its extra is not installed."""

from __future__ import annotations


def name_the_extra(error: ModuleNotFoundError) -> str:
    """Say which extra of the package brings a module that is missing.

    Args:
        error: The failed import.

    Returns:
        The way out, in one line.
    """
    name = (error.name or "").partition(".")[0]
    return (
        f"the mock server needs the extra 'mock' ({name} is not installed): "
        "pip install 'cartesia-openapi[mock]'"
    )
