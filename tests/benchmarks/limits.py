"""What the operating system says and allows: memory of this process, and open files."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path


def raise_file_limit() -> None:
    """Allow as many open files as the system lets us: a thousand sockets need as many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192 if hard == resource.RLIM_INFINITY else min(hard, 8192)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def peak_bytes() -> float:
    """Return the most memory that this process ever held.

    Linux hands `ru_maxrss` down from the process that started this one, so its own account is read
    where there is one.

    Returns:
        Bytes.
    """
    try:
        return _status("VmHWM")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def resident_bytes() -> float:
    """Return the memory that this process holds now; where nobody tells, the most it ever held.

    Returns:
        Bytes.
    """
    try:
        return _status("VmRSS")
    except OSError:
        return peak_bytes()


def _status(name: str) -> float:
    text = Path("/proc/self/status").read_text("ascii")
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    if found is None:
        raise OSError(f"/proc/self/status does not tell {name}")
    return int(found[1]) * 1024
