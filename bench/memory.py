"""This process's resident memory, from the kernel (Linux)."""

from __future__ import annotations

from pathlib import Path

__all__ = ["peak_mb", "reset_peak", "resident_mb"]

_PROC = Path("/proc/self")


def _status(field: str) -> float:
    text = (_PROC / "status").read_text()
    return int(text.partition(field + ":")[2].split()[0]) / 1024


def resident_mb() -> float:
    """Return the resident memory, in MB."""
    return _status("VmRSS")


def peak_mb() -> float:
    """Return the highest it has been since `reset_peak`, in MB."""
    return _status("VmHWM")


def reset_peak() -> None:
    """Forget the highest so far."""
    (_PROC / "clear_refs").write_text("5")
