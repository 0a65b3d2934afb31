"""What a job is asked for beside its rows and its output."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from msgspec import Struct

from keybearer.bulk.trouble import GIVE_UP_AFTER
from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean

if TYPE_CHECKING:
    from keybearer.bulk.port import Engine
    from keybearer.bulk.progress import BulkProgress
    from keybearer.bulk.stopping import BulkStop
    from keybearer.client.aio import AsyncClient

__all__ = ["BulkOptions", "EngineName", "JobSettings", "MakingOptions", "checked"]

EngineName: TypeAlias = Literal["local", "batches", "ray"]


class MakingOptions(TypedDict, total=False):
    """How rows become requests.

    Attributes:
        template: The text of the user's turn with `{column}` in it, or the arguments of `messages.create` with that in their texts.
        params: Arguments of `messages.create` that every request has, unless it has its own: `model`, `max_tokens`, `system`, ...
        id_column: The column that names a row in the output; `custom_id` or `id` when omitted, where there is one.
        keep: The columns that the output has beside it; `all` for all of them. A row without a name is kept whole when omitted.
    """

    template: str | Mapping[str, Any] | None
    params: Mapping[str, Any] | None
    id_column: str | None
    keep: Sequence[str] | Literal["all"] | None


class BulkOptions(MakingOptions, total=False):
    """How a job is done.

    Attributes:
        client: What sends the requests; one made from the environment when omitted, which the job closes.
        make_client: With `ray` or several `processes`, makes the client of each worker, in the worker's process; one that is like
            `client` and finds its credentials there when omitted.
        engine: Who carries the requests out: `local`, `batches`, `ray`, or an engine of your own.
        concurrency: How many requests are under way at once (64).
        processes: With `local`, how many processes send (1), each with its part of `concurrency` and a client of its own. One sends
            about a thousand requests a second. Rate limits of `llm.yaml` are then each process's, unless they are shared.
        ordered: Whether the output has the order of the rows.
        retry_failed: Whether rows that failed in an earlier run are sent again.
        dead_letter: A file of JSON lines for rows that fail: the row, and its error.
        max_budget_usd: The most dollars that the job may cost, all its runs together.
        give_up_after: After how many failures in a row the job ends (100); 0 for never.
        grace: How long rows under way may take when the job is asked to end, in seconds (30).
        deadline: When the results are wanted, in seconds from now: with `batches`, rows that no batch can be awaited for go live.
        on_note: Called with what a person wants to know, in words.
        on_progress: Called twice a second with how far it is.
        stop: Asks the job to end.
    """

    client: AsyncClient | None
    make_client: Callable[[], AsyncClient] | None
    engine: EngineName | Callable[..., Engine]
    concurrency: int
    processes: int
    ordered: bool
    retry_failed: bool
    dead_letter: str | os.PathLike[str] | None
    max_budget_usd: float | Decimal | str | None
    give_up_after: int
    grace: float
    deadline: float | None
    on_progress: Callable[[BulkProgress], object] | None
    on_note: Callable[[str], object] | None
    stop: BulkStop | None


class JobSettings(Struct, frozen=True, kw_only=True):
    """The options of a job with their defaults; see `BulkOptions`."""

    template: Any = None
    params: Mapping[str, Any] | None = None
    id_column: str | None = None
    keep: Sequence[str] | Literal["all"] | None = None
    client: Any = None
    make_client: Any = None
    engine: Any = "local"
    concurrency: int = 64
    processes: int = 1
    ordered: bool = False
    retry_failed: bool = False
    dead_letter: str | os.PathLike[str] | None = None
    max_budget_usd: float | Decimal | str | None = None
    give_up_after: int = GIVE_UP_AFTER
    grace: float = 30.0
    deadline: float | None = None
    on_progress: Callable[[BulkProgress], object] | None = None
    on_note: Callable[[str], object] | None = None
    stop: Any = None

    def note(self, text: str) -> None:
        """Say something that a person wants to know."""
        if self.on_note is not None:
            self.on_note(text)


def checked(options: Mapping[str, Any]) -> JobSettings:
    """Return the options of a job with their defaults.

    Raises:
        TypeError: There is no such option.
        UsageError: A value cannot be used.
    """
    if unknown := next((name for name in options if name not in JobSettings.__struct_fields__), None):
        raise TypeError(
            f"bulk.run() has no argument {unknown!r}.{did_you_mean(unknown, JobSettings.__struct_fields__)}"
        )
    asked = JobSettings(**options)
    if asked.concurrency < 1:
        raise UsageError(f"concurrency is {asked.concurrency!r}: it takes a number from 1 on.")
    if not 1 <= asked.processes <= asked.concurrency:
        raise UsageError(
            f"processes is {asked.processes!r}: it takes a number from 1 to {asked.concurrency}, the concurrency."
        )
    if asked.processes > 1 and asked.engine != "local":
        raise UsageError(f"Only the engine local sends with several processes, and the engine is {asked.engine!r}.")
    if asked.client is not None and not hasattr(asked.client, "aclose"):
        raise UsageError("client is no AsyncClient.", hint="bulk.run(client=AsyncClient(...)): also where it blocks.")
    return asked
