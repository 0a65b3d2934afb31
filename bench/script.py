"""The last lines of a program whose whole process is measured: they print what only the process itself can know."""

from __future__ import annotations

import sys
import time

__all__ = ["report"]


def report(modules: set[str], started: int) -> None:
    """Print the modules that were imported since, the CPU time since `started`, and the resident memory."""
    cpu = (time.process_time_ns() - started) / 1e6
    new = [name for name in sys.modules if name not in modules and not name.startswith("bench")]
    with open("/proc/self/status") as status:  # noqa: PTH123 - pathlib would be one more import
        resident = int(status.read().partition("VmRSS:")[2].split()[0]) / 1024
    print(f'{{"modules": {len(new)}, "cpu_ms": {cpu}, "resident_mb": {resident}}}')
