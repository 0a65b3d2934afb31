"""The engines by name, and what each is made from. An engine's module is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from keybearer.bulk.journal import BulkJournal
from keybearer.bulk.port import Engine
from keybearer.errors import UsageError

if TYPE_CHECKING:
    from keybearer.client.aio import AsyncClient
    from keybearer.shell.spend_limit import SpendLimit

__all__ = ["ENGINES", "EngineSetup", "make_engine"]

ENGINES: Final = {
    "local": "keybearer.bulk.local",
    "batches": "keybearer.bulk.batch_engine",
    "ray": "keybearer.bulk.ray_engine",
}
"""The engines by name: the module of each has `make(setup)`."""


class EngineSetup(Struct, frozen=True, kw_only=True):
    """What an engine is made from.

    Attributes:
        client: What sends the requests.
        journal: The job's journal.
        concurrency: How many requests may be under way at once.
        budget: The job's spend limit; None without one.
        deadline: When the results are wanted, in seconds from now; None for whenever they come.
        make_client: Makes a client in another process; None for one like `client`.
        processes: How many processes send, with the engine *local*.
        grace: How long what is under way may take when the job is to end, in seconds.
        note: Says something that a person wants to know.
    """

    client: AsyncClient
    journal: BulkJournal
    concurrency: int
    budget: SpendLimit | None = None
    deadline: float | None = None
    make_client: Callable[[], AsyncClient] | None = None
    processes: int = 1
    grace: float = 30.0
    note: Callable[[str], object] = lambda _: None


def make_engine(engine: Any, setup: EngineSetup) -> Engine:
    """Return an engine.

    Args:
        engine: Its name, or a function that makes it.
        setup: What it is made from.

    Raises:
        UsageError: There is none of that name.
    """
    if callable(engine):
        made: Engine = engine(setup)
    elif engine in ENGINES:
        made = import_module(ENGINES[engine]).make(setup)
    else:
        raise UsageError(f"There is no engine {engine!r}.", hint=f"There are: {', '.join(ENGINES)}.")
    return made
