"""An async call that is cancelled, wherever it waits, leaves its connections usable."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Generator
from contextlib import suppress
from pathlib import Path

import pytest

import cartesia
from cartesia import AsyncCartesia
from tests.faults._async.calls import VOICE, connect, one_at_a_time, speak, watch
from tests.faults.page import Caller
from tests.faults.server import AUDIO, CHUNK, DONE, EVENTS, PIECES, SPOKEN
from tests.runtime.server import Received, Wire, answer, chunked, serve

pytestmark = pytest.mark.anyio

GROUP = "Cancelled calls"

FOUND = answer(b'{"id": "v", "text": "hello"}')
LIST = answer(b'{"data": [{"id": "v"}], "has_more": false}')
ROUTES = {
    "/voices": LIST,
    "/voices/moved": answer(status=307, headers={"location": f"/voices/{VOICE}"}),
    "/voices/refused": answer(b"No: no", status=404),
    "/voices/busy": answer(b"", status=503, headers={"retry-after-ms": "1"}),
    "/tts/bytes": chunked(*PIECES, media_type=AUDIO),
    "/tts/sse": chunked(CHUNK, DONE, media_type=EVENTS),
}


def reply(wire: Wire, request: Received) -> None:
    ROUTES.get(request.target, FOUND)(wire, request)


class CancelledAt:
    """Awaits something, and cancels the task in it when it waits for the nth time."""

    def __init__(self, awaited: Awaitable[object], at: int) -> None:
        self._awaited = awaited
        self._at = at
        self.waited = 0

    def __await__(self) -> Generator[object, object, None]:
        steps = self._awaited.__await__()
        error: BaseException | None = None
        while True:
            try:
                future = steps.send(None) if error is None else steps.throw(error)
            except StopIteration:
                return
            self.waited += 1
            if self.waited == self._at:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            error = None
            try:
                yield future
            except BaseException as raised:  # noqa: BLE001  # handed on to where it belongs
                error = raised


async def get(client: AsyncCartesia, path: Path) -> None:
    await client.voices.get(VOICE)


async def follow(client: AsyncCartesia, path: Path) -> None:
    await client.voices.get("moved")


async def refused(client: AsyncCartesia, path: Path) -> None:
    with suppress(cartesia.NotFoundError):
        await client.voices.get("refused")


async def busy(client: AsyncCartesia, path: Path) -> None:
    with suppress(cartesia.InternalServerError):
        await client.with_options(max_retries=2).voices.get("busy")


async def listing(client: AsyncCartesia, path: Path) -> None:
    assert [voice.id async for voice in client.voices.list()] == ["v"]


async def read(client: AsyncCartesia, path: Path) -> None:
    assert await (await speak(client)).read() == SPOKEN


async def pieces(client: AsyncCartesia, path: Path) -> None:
    assert b"".join([piece async for piece in (await speak(client)).iter_bytes()]) == SPOKEN


async def write(client: AsyncCartesia, path: Path) -> None:
    await (await speak(client)).write_to_file(path)


async def unread(client: AsyncCartesia, path: Path) -> None:
    await speak(client)
    await client.voices.get(VOICE)


async def close(client: AsyncCartesia, path: Path) -> None:
    async with await speak(client):
        pass


async def events(client: AsyncCartesia, path: Path) -> None:
    assert [event.type async for event in await watch(client)] == ["chunk", "done"]


async def first_event(client: AsyncCartesia, path: Path) -> None:
    async with await watch(client) as stream:
        await stream.__anext__()


async def upload(client: AsyncCartesia, path: Path) -> None:
    await client.stt.transcribe(file=io.BytesIO(SPOKEN), model="ink-whisper")


def part_files(folder: Path) -> list[Path]:
    return list(folder.glob(".*"))


@pytest.mark.parametrize(
    "work",
    [
        get,
        follow,
        refused,
        busy,
        listing,
        read,
        pieces,
        write,
        unread,
        close,
        events,
        first_event,
        upload,
    ],
)
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
@pytest.mark.fault(GROUP, "At every single point where it waits", world="async")
@pytest.mark.untraced
async def test_cancelled_at_every_step(
    work: Callable[[AsyncCartesia, Path], Awaitable[None]],
    warm: bool,
    caller: Caller,
    tmp_path: Path,
) -> None:
    held: list[BaseException] = []
    path = tmp_path / "speech.wav"
    with serve(reply) as server:
        for at in range(1, 200):
            async with connect(server.url, http_client=one_at_a_time()) as client:
                if warm:
                    await client.voices.get(VOICE)
                path.unlink(missing_ok=True)
                steps = CancelledAt(work(client, path), at)
                try:
                    await steps
                except asyncio.CancelledError as error:
                    held.append(error)  # with its traceback, and all that this refers to
                    assert not path.exists(), "there is the whole file, or none"
                # The one connection that there may be is free.
                assert (await client.voices.get(VOICE)).id == "v"
                assert await (await speak(client)).read() == SPOKEN
            if steps.waited < at:
                break
    assert len(held) == at - 1
    assert not part_files(tmp_path)
    assert at < 199
    caller.sees("`CancelledError`; the next call works over a single connection, no file is left")


@pytest.mark.fault(GROUP, "While the client is closed", world="async")
async def test_closing_is_cancelled(caller: Caller) -> None:
    with serve(reply) as server:
        for at in range(1, 50):
            client = connect(server.url)
            await client.voices.get(VOICE)
            await speak(client)
            steps = CancelledAt(client.close(), at)
            try:
                await steps
            except asyncio.CancelledError:
                await client.close()
            else:
                break
        assert client.is_closed()
    assert steps.waited < at
    caller.sees("`CancelledError`; closing it again closes the rest, without a warning")
