"""Requests for batches, for the tests of batches and of their results."""

from __future__ import annotations

from typing import Any, Final

from keybearer.policy.retry import RetryPolicy

__all__ = ["MODEL", "SOON", "request"]

MODEL: Final = "claude-haiku-4-5"
SOON: Final = RetryPolicy(min_delay=0.001, max_delay=0.002)


def request(name: str, **params: Any) -> Any:
    """Return a request of a batch."""
    turns = [{"role": "user", "content": f"Say '{name}'"}]
    return {"custom_id": name, "params": {"model": MODEL, "max_tokens": 20, "messages": turns} | params}
