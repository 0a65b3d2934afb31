"""A value that `messages=` takes in place of a list, and that fills what a call leaves out: `keybearer.Conversation`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

__all__ = ["TurnSource", "filled", "wants_thread"]


@runtime_checkable
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
    turns = params.get("messages")
    if type(turns) is list or not isinstance(turns, TurnSource):
        return params
    return turns.fill_params(params, without=without)


def wants_thread(params: Mapping[str, Any]) -> bool:
    """Return whether a call's conversation is to be kept by the service; a `thread` of the call's own says otherwise."""
    turns = params.get("messages")
    return type(turns) is not list and isinstance(turns, TurnSource) and turns.thread and params.get("thread") is None
