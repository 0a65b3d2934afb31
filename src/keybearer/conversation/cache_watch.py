"""What a client knows of its prompt caches: the last requests of its conversations, for reports, and their pauses, for choices."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from keybearer.conversation.adaptive_cache import AdaptiveCache, CacheChoice
from keybearer.conversation.cache_report import KeptRequests, key_of
from keybearer.prices.table import PriceTable
from keybearer.types.messages import Message

__all__ = ["CacheWatch"]

_log: Final = logging.getLogger("keybearer")


class CacheWatch:
    """The watch over one client's caches, and those of the clients that were made of it."""

    def __init__(self) -> None:
        self._requests = KeptRequests()
        self._adaptive = AdaptiveCache()

    def choose(self, turns: Any, model: Any, now: float, prices: PriceTable | None) -> CacheChoice:
        """Choose how long what a request caches is to live."""
        return self._adaptive.choose(key_of(turns), str(model), now, prices=prices)

    def knows(self, turns: Any) -> bool:
        """Return whether an earlier request of a conversation used the cache, so that one without a breakpoint misses it."""
        return self._requests.knows(turns)

    def observer(self, body: bytes, turns: Any, now: float, choice: CacheChoice | None) -> Callable[[Message], Message]:
        """Return what adds the report and the choice of a request to its whole answer.

        Args:
            body: The request's JSON.
            turns: Its turns, as its caller gave them.
            now: When it is sent, in seconds.
            choice: What was chosen for it.
        """
        key = key_of(turns)

        def observe(message: Message) -> Message:
            try:
                left_out = choice is not None and choice.lifetime is None
                report = None if left_out else self._requests.report(body, key, message, now)
                learnt = None if choice is None else self._adaptive.learn(key, choice, message, now)
            except Exception:  # noqa: BLE001 - an explanation must not cost the answer
                _log.exception("cache: an answer's use of the prompt cache could not be looked at")
                return message
            return message.with_cache(report, learnt)

        return observe
