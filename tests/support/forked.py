"""Where the process is that does things with a login, and how it is run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

__all__ = ["LIMIT", "SCRIPT", "Forked"]

SCRIPT = Path(__file__).parent / "refresh_process.py"
LIMIT = 120
"""How long a process may take before the test calls it hung, in seconds."""

Forked = Callable[..., subprocess.CompletedProcess[str]]
