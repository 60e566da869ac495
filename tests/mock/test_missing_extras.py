"""Without the extra, the command and `serve` name it."""

from __future__ import annotations

import subprocess
import sys

import pytest

WITHOUT = "import sys; sys.modules['starlette'] = None; "
WITHOUT_VOICE = "import sys; sys.modules['espeakng_loader'] = None; "
MESSAGE = (
    "the mock server needs the extra 'mock' (starlette is not installed): "
    "pip install 'cartesia-openapi[mock]'"
)


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("from cartesia_mock.__main__ import main; sys.exit(main())", f"cartesia-mock: {MESSAGE}"),
        ("import cartesia_mock.testing", f"ModuleNotFoundError: {MESSAGE}"),
    ],
)
def test_the_extra_is_named(code: str, printed: str) -> None:
    done = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", WITHOUT + code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == printed
    assert ("Traceback" in done.stderr) is ("testing" in code)


VOICELESS = f"{WITHOUT_VOICE}from cartesia_mock.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.parametrize(
    ("engine", "status", "stdout", "stderr"),
    [
        (
            "espeak",
            1,
            "",
            (
                "cartesia-mock: espeak needs the extra 'speech' (espeakng_loader is not installed): "
                "pip install 'cartesia-openapi[speech]'\n"
            ),
        ),
        (
            "auto",
            0,
            "listening on ",
            (
                "cartesia-mock: every word is a tone; to hear a voice, "
                "pip install 'cartesia-openapi[speech]'\n"
            ),
        ),
        ("tone", 0, "listening on ", ""),
    ],
)
def test_the_speech_extra_is_named(engine: str, status: int, stdout: str, stderr: str) -> None:
    with subprocess.Popen(  # noqa: S603  # our own code
        [sys.executable, "-c", VOICELESS, "--port", "0", "--engine", engine],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(stdout)
        process.terminate()
        _, printed = process.communicate(timeout=10)
    assert (process.returncode, printed) == (status, stderr)
