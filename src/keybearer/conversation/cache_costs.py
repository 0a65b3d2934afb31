"""What the report and the adaptive choice of the prompt cache share: how long it keeps, and what another usage had cost."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from keybearer.prices.billing import cost, day_of

if TYPE_CHECKING:
    from keybearer.types.messages import Message

__all__ = ["FIVE_MINUTES", "ONE_HOUR", "dearer_than"]

FIVE_MINUTES: Final = 300
ONE_HOUR: Final = 3600


def dearer_than(message: Message, other: Mapping[str, Any]) -> Decimal | None:
    """Return how many dollars more a message cost than with another usage; None where a price is not known."""
    day = day_of(message.headers.get("date"))
    paid, had = (cost(each, message.model, on=day, prices=message.prices).usd for each in (message.usage, other))
    return None if paid is None or had is None else paid - had
