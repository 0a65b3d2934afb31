"""Network namespaces that reach this machine over a bridge: hosts, as far as the network goes. Linux, as root."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["HOST", "can_make_namespaces", "namespaces"]

HOST: Final = "10.213.7.1"
"""This machine, as the namespaces see it."""


def can_make_namespaces() -> bool:
    """Return whether this user may make namespaces here."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("ip") is not None


@contextlib.contextmanager
def namespaces(count: int) -> Iterator[list[list[str]]]:
    """Make namespaces, and remove them at the end.

    Args:
        count: How many.

    Yields:
        For each, the beginning of a command that runs in it.
    """
    _sweep()
    bridge, tag = f"kb{os.getpid()}", f"kb-{os.getpid()}"
    names = [f"{tag}-{number}" for number in range(count)]
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("address", "add", f"{HOST}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for number, name in enumerate(names):
            outer = f"{bridge}v{number}"
            _ip("netns", "add", name)
            _ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", outer, "master", bridge, "up")
            _ip("-n", name, "address", "add", f"10.213.7.{number + 2}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield [["ip", "netns", "exec", name] for name in names]
    finally:
        for name in names:
            _ip("netns", "delete", name, check=False)
        _ip("link", "delete", bridge, check=False)


def _sweep() -> None:
    """Remove what a process has left that was killed: its bridge has the same address, and takes what is for this one's."""
    left = {
        f"kb-{match[1]}-{match[2]}": match[1] for match in re.finditer(r"^kb-(\d+)-(\d+)", _ip("netns"), re.MULTILINE)
    }
    bridges = {f"kb{match[1]}": match[1] for match in re.finditer(r": kb(\d+):", _ip("-o", "link"))}
    for name, pid in left.items():
        if not Path(f"/proc/{pid}").exists():
            _ip("netns", "delete", name, check=False)
    for name, pid in bridges.items():
        if not Path(f"/proc/{pid}").exists():
            _ip("link", "delete", name, check=False)


def _ip(*words: str, check: bool = True) -> str:
    done = subprocess.run(["ip", *words], check=check, capture_output=True, text=True)  # noqa: S607 - the system's
    return done.stdout
