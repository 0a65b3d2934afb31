"""Finds credentials in text, so that none is ever kept."""

from __future__ import annotations

import re
from typing import Final

from keybearer.simulator.core.search import holds

__all__ = ["holds_secret", "scrub", "scrub_file"]

SECRET: Final = re.compile(rb"sk-ant-(?!sim-|oat01-sim-)[A-Za-z0-9]+-[\w-]+")
"""Keys and tokens of the service, without the simulator's own fake ones."""


OTHERS: Final = re.compile(
    rb"\bsk-(?!ant-)(?:proj-|svcacct-|or-v1-)?[A-Za-z0-9_-]{20,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}"
    rb"|\bglpat-[\w-]{20,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bxox[abeprs]-[\w-]{10,}|\bAIza[\w-]{30,}|\bhf_[A-Za-z0-9]{20,}"
    rb"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+|(?<=Bearer )[\w.~+/=-]{16,}"
    rb"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
    re.DOTALL,
)
"""Keys of other services, by their public prefixes (their own documents, and the tables of secret scanners)."""


def scrub_file(data: bytes) -> bytes:
    """Replace every credential in what is written to a file: the service's, and those of other services."""
    return OTHERS.sub(b"[secret]", scrub(data))


def scrub(data: bytes) -> bytes:
    """Replace every credential in a text."""
    return SECRET.sub(b"[secret]", data) if holds(data, b"sk-ant-", rarest=b"-") else data


def holds_secret(text: str) -> bool:
    """Return whether a text contains a credential."""
    return SECRET.search(text.encode()) is not None
