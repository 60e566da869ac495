"""Where the connections of an event loop read into.

By itself asyncio asks for 256 KB of memory for each read, which the system gives and takes back
every time: that takes as long as all else that is done with what was read. So a connection reads
into a buffer that is there already; one without TLS, since with it asyncio has a buffer itself.
"""

from __future__ import annotations

import asyncio
import sys
from weakref import WeakKeyDictionary

READ_BYTES = 2**16
"""What is read at once."""

_buffers: WeakKeyDictionary[asyncio.AbstractEventLoop, memoryview] = WeakKeyDictionary()


def read_buffer() -> memoryview:
    """Give a connection of the running event loop its buffer.

    It is one for all of them: an event loop asks for it, fills it and has it emptied before it
    turns to the next connection. Windows' own fills many at the same time, so there each has one.

    Returns:
        The buffer, to be given back by `asyncio.BufferedProtocol.get_buffer`.
    """
    loop = asyncio.get_running_loop()
    shared = _buffers.get(loop)
    if shared is None:
        shared = memoryview(bytearray(READ_BYTES))
        if not (sys.platform == "win32" and isinstance(loop, asyncio.ProactorEventLoop)):
            _buffers[loop] = shared
    return shared
