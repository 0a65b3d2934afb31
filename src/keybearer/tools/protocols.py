"""What a run needs of the outside, as protocols: who asks the model, who runs its calls, and who keeps its records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from keybearer.errors import PromptTooLong
from keybearer.flow import Flow
from keybearer.tools.calls import CallOutcome
from keybearer.tools.order import Order
from keybearer.tools.state import Record
from keybearer.types.messages import Message

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Ask", "CallRunner", "Journal", "Split", "Trim"]


class CallRunner(Protocol):
    """Runs flows beside the one that waits for them."""

    lock: AbstractContextManager[object]
    """The lock of a run's state."""

    def start(self, flow: Flow[CallOutcome]) -> Future[CallOutcome]:
        """Start a flow, and return the future of its result."""
        ...

    def give_up(self, future: Future[CallOutcome]) -> None:
        """End a flow that nobody waits for any more, as far as its tool can be ended."""
        ...

    def order(self, limit: int) -> Order:
        """Make the order of a reply's calls."""
        ...


class Journal(Protocol):
    """Keeps the records of a run."""

    def save(self, take: Callable[[], list[Record]]) -> None:
        """Write what `take` gives; it is on the disk when this returns. Savers from several threads come one after another."""
        ...


Ask: TypeAlias = Callable[[Mapping[str, Any], "Callable[[Message | None], None] | None"], Flow[Message]]
"""Asks for a reply. A function that is given with it is called with the message so far, whenever a block of it is complete."""

Trim: TypeAlias = Callable[[list[Any], PromptTooLong], list[Any]]
"""Returns a history without its oldest turns, from the whole and the error that said how much too long it is."""

Split: TypeAlias = Callable[[list[Any], PromptTooLong], tuple[list[Any], list[Any]]]
"""Divides a history into what is to be summed up and what stays, from the same."""
