"""Look for a batch that may have been made just before a process was killed, which knows of no id."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from keybearer.bulk.batch_journal import SentBatch
    from keybearer.client.resources.batches import AsyncBatches
    from keybearer.types.batches import MessageBatch

__all__ = ["find_batch"]

SKEW: Final = 600.0
"""How far the service's clock may be from this one, in seconds."""

SETTLED: Final = 120.0
"""How long after it was sent a batch that is in no list may still be made, in seconds. A guess."""


async def find_batch(
    batches: AsyncBatches, sent: SentBatch, known: Collection[str | None]
) -> MessageBatch | Literal["not made", "not known"]:
    """Look for a batch among those that the service lists.

    A candidate has its size and was made at its time; whether it is the one, its first result says.

    Args:
        batches: What asks the service.
        sent: What the journal has of the batch.
        known: The ids of batches that are others.
    """
    waiting = False
    async for each in batches.list():
        if each.created_at.timestamp() < sent.begun - SKEW:
            break
        counts = each.request_counts
        if each.id in known or counts.processing + counts.ended != sent.requests:
            continue
        if each.processing_status != "ended":
            waiting = True
            continue
        async with await batches.results(each.id) as rows:
            async for row in rows:
                if row.custom_id.endswith(f"-{sent.nonce}"):
                    return each
                break
    return "not made" if not waiting and time.time() - sent.begun > SETTLED else "not known"
