"""A value that `messages=` takes in place of a list, and that fills what a call leaves out: `keybearer.Conversation`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["TurnSource", "filled", "wants_thread"]


class TurnSource(Protocol):
    """A conversation, as a call sees it.

    Attributes:
        thread: Whether the service is to keep its turns.
    """

    thread: bool

    def fill_params(self, params: Mapping[str, Any], *, without: str = "") -> Mapping[str, Any]:
        """Return a call's arguments with the turns as a list, and the defaults but for one where the call names none."""
        ...


def filled(params: Mapping[str, Any], *, without: str = "") -> Mapping[str, Any]:
    """Return a call's arguments with a conversation among them written out; the same arguments when there is none.

    Args:
        params: The arguments.
        without: A default that the call does not take.
    """
    source = _source(params)
    return params if source is None else source.fill_params(params, without=without)


def wants_thread(params: Mapping[str, Any]) -> bool:
    """Return whether a call's conversation is to be kept by the service; a `thread` of the call's own says otherwise."""
    source = _source(params)
    return source is not None and source.thread and params.get("thread") is None


def _source(params: Mapping[str, Any]) -> TurnSource | None:
    # By the method: a check of a protocol costs as much as the rest of a call's preparation.
    turns: Any = params.get("messages")
    return turns if type(turns) is not list and hasattr(turns, "fill_params") else None
