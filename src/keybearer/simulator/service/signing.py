"""Signatures on thinking blocks, which detect a block that comes back changed.

A signature is `base64(version, hidden flag, length, hidden text, HMAC-SHA256)` over the visible and the hidden text.
With `display: omitted` the visible text is empty and the reasoning travels inside the signature, as the service does
it. The key is a constant, so a conversation survives a restart of the simulator; it need not be secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

__all__ = ["is_genuine", "is_genuine_redacted", "redact", "sign"]

KEY: Final = b"keybearer simulator: thinking signatures"
VERSION: Final = b"\x12"
DIGEST: Final = hashlib.sha256().digest_size


def _seal(purpose: bytes, visible: str, hidden: bytes) -> bytes:
    payload = VERSION + len(hidden).to_bytes(4) + hidden
    mac = hmac.digest(KEY, purpose + payload + visible.encode(), "sha256")
    return base64.b64encode(payload + mac)


def _is_sealed(purpose: bytes, visible: str, seal: object) -> bool:
    if not isinstance(seal, str):
        return False
    try:
        raw = base64.b64decode(seal, validate=True)
    except (binascii.Error, ValueError):
        return False
    hidden = raw[5:-DIGEST]
    return raw[:1] == VERSION and hmac.compare_digest(_seal(purpose, visible, hidden), seal.encode())


def sign(thinking: str, *, hidden: str = "") -> str:
    """Sign a thinking block.

    Args:
        thinking: The text that the client sees.
        hidden: Reasoning that it does not see (`display: omitted`).

    Returns:
        The block's `signature`.
    """
    return _seal(b"thinking", thinking, hidden.encode()).decode()


def is_genuine(thinking: object, signature: object) -> bool:
    """Return whether a thinking block is one that `sign` made, unchanged."""
    return isinstance(thinking, str) and _is_sealed(b"thinking", thinking, signature)


def redact(thinking: str) -> str:
    """Hide a whole thinking block: the `data` of a `redacted_thinking` block."""
    return _seal(b"redacted", "", thinking.encode()).decode()


def is_genuine_redacted(data: object) -> bool:
    """Return whether the `data` of a redacted block is one that `redact` made, unchanged."""
    return _is_sealed(b"redacted", "", data)
