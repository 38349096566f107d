"""What running processes use: CPU seconds and proportional memory, from /proc."""

from __future__ import annotations

import os
import time
from pathlib import Path

import httpx

PATIENCE = 300.0


def until_answers(url: str) -> float:
    """Wait until something answers at a URL. Returns after how many seconds.

    Raises:
        TimeoutError: It never did.
    """
    began = time.monotonic()
    while time.monotonic() < began + PATIENCE:
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return time.monotonic() - began
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} never answered")


def processor_seconds(pid: int) -> float:
    """Return the CPU time that a process has used, its own and the kernel's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def proportional_megabytes(pid: int) -> float:
    """Return a process's PSS: its memory, what is shared counted in parts."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} tells no PSS")
