"""What a process that carries out rows for a job is given by it: what makes its client, and its results in a form that can be sent."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from keybearer.bulk.port import BulkResult
from keybearer.client.aio import AsyncClient
from keybearer.errors import UsageError
from keybearer.wire.request.build import Endpoint

if TYPE_CHECKING:
    from keybearer.bulk.engines import EngineSetup

__all__ = ["maker_of", "pickled"]


def maker_of(setup: EngineSetup) -> Callable[[], AsyncClient]:
    """Return what makes the client of another process: as the caller said, or one like the job's, with credentials found there.

    Raises:
        UsageError: Credentials that are found there would go to an address that only this client was given.
    """
    if setup.make_client is not None:
        return setup.make_client
    client = setup.client
    if client.base_url.rstrip("/") != (os.environ.get("ANTHROPIC_BASE_URL") or Endpoint().base_url).rstrip("/"):
        raise UsageError(
            f"Clients of other processes find their credentials in the environment, which does not name {client.base_url}.",
            hint="Give make_client, a function of a module that makes such a client; or set ANTHROPIC_BASE_URL.",
        )
    retries: Any = {} if client.max_retries is None else {"max_retries": client.max_retries}
    return partial(AsyncClient, base_url=client.base_url, timeout=client.timeout, **retries)


def pickled(row: BulkResult | bytes) -> bytes:
    """Return a result, or the key of a request that was not sent, pickled; an error that cannot leave its process keeps its words."""
    try:
        data = pickle.dumps(row)
        if isinstance(row, BulkResult) and row.raised is not None:
            pickle.loads(data)  # noqa: S301 - made a line above: an error may be one that cannot be read again
    except Exception:  # noqa: BLE001 - an error may be anybody's
        return pickle.dumps(row._replace(raised=None)) if isinstance(row, BulkResult) else b""
    return data
