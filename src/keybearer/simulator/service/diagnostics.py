"""`diagnostics`: why the prompt cache could not reuse the prefix of an earlier request.

For every request that asks, a fingerprint is kept under the id of the answer: hashes of its model, tools, system prompt, messages
and other parameters, and the tokens up to the end of each message; never a prompt. A later request names that id. The reason is
the first difference, in the order of the prompt.

Source: the wheel's `types/diagnostics.py`, `diagnostics_param.py` and `cache_miss_*.py`.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec
from msgspec import Struct

from keybearer.simulator.core.catalogue import find_model
from keybearer.simulator.service import tokens

__all__ = ["Diagnostics"]

MOST: Final = 10_000
"""Fingerprints that are kept; a new one displaces the oldest."""

_canonical = msgspec.json.Encoder(order="sorted")
_PROMPT: Final = ("thinking", "tool_choice", "output_config", "context_management", "mcp_servers", "container")
"""Parameters other than model, tools, system and messages that change the model's input."""


class _Fingerprint(Struct, frozen=True):
    organization: str
    model: bytes
    tools: bytes
    system: bytes
    messages: tuple[bytes, ...]
    other: bytes
    before: int  # tokens of tools and system
    ends: tuple[int, ...]  # tokens up to and with each message


class Diagnostics:
    """The fingerprints of the requests that asked."""

    def __init__(self) -> None:
        self._kept: dict[str, _Fingerprint] = {}

    def diagnose(self, body: dict[str, Any], organization: str, message_id: str) -> dict[str, Any] | None:
        """Give a message's `diagnostics`, and keep the request's fingerprint under the message's id.

        Args:
            body: The request's body.
            organization: The caller's organization.
            message_id: The id of its answer.

        Returns:
            The object, or None if the request did not ask, or nothing differs.
        """
        asked = body.get("diagnostics")
        if not isinstance(asked, dict):
            return None
        now = _fingerprint(body, organization)
        named = asked.get("previous_message_id")
        before = self._kept.get(str(named))
        self._kept[message_id] = now
        while len(self._kept) > MOST:
            self._kept.pop(next(iter(self._kept)))
        if named is None:
            return None
        if before is None or before.organization != organization:
            return {"cache_miss_reason": {"type": "previous_message_not_found"}}
        reason = _reason(before, now)
        return None if reason is None else {"cache_miss_reason": reason}


def _hash(value: Any) -> bytes:
    return hashlib.sha256(_canonical.encode(_bare(value))).digest()


def _bare(value: Any) -> Any:
    """Return a value without its cache breakpoints, which are not part of the prompt."""
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items() if key != "cache_control"}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def _fingerprint(body: dict[str, Any], organization: str) -> _Fingerprint:
    messages = body.get("messages") or []
    before = tokens.count_system(body.get("system")) + sum(map(tokens.count_tool, body.get("tools") or []))
    model = find_model(body.get("model")) or tokens.NEWEST
    ends, end = [], before
    for message in messages:
        end += tokens.count_message(message, model)
        ends.append(end)
    return _Fingerprint(
        organization=organization,
        model=_hash([body.get("model"), body.get("speed")]),
        tools=_hash(body.get("tools") or []),
        system=_hash(body.get("system")),
        messages=tuple(map(_hash, messages)),
        other=_hash([body.get(name) for name in _PROMPT]),
        before=before,
        ends=tuple(ends),
    )


def _reason(before: _Fingerprint, now: _Fingerprint) -> dict[str, Any] | None:
    whole = before.ends[-1] if before.ends else before.before
    for name in ("model", "tools", "system"):
        if getattr(before, name) != getattr(now, name):
            return {"type": f"{name}_changed", "cache_missed_input_tokens": whole}
    if now.messages[: len(before.messages)] != before.messages:
        same = 0
        while same < min(len(before.messages), len(now.messages)) and before.messages[same] == now.messages[same]:
            same += 1
        shared = before.ends[same - 1] if same else before.before
        return {"type": "messages_changed", "cache_missed_input_tokens": whole - shared}
    return None if before.other == now.other else {"type": "unavailable"}
