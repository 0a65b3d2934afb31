"""The Models API as flows, whose answers are kept for a while.

Strategy: what is kept is found by the URL, the headers and the token that it would be asked for with, so that no credential, workspace
or base URL gets what another was given. A change replaces the table as a whole, which needs no lock: threads and a forked child each
see a whole one.

Contract: only answers are kept, never errors, and at most `MOST` of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from msgspec import Struct, field, structs

from keybearer.api.checks import check_query
from keybearer.api.paths import path_to
from keybearer.api.resource import BY_ID, PageOf, ResourceAPI
from keybearer.flow import Flow
from keybearer.types.api_object import built
from keybearer.types.models import ModelInfo
from keybearer.types.requests import GetOptions

__all__ = ["KEPT_FOR", "ModelsAPI"]

T = TypeVar("T")
"""What is kept."""

PATH: Final = "/v1/models"

KEPT_FOR: Final = 300.0
"""How long an answer is kept, in seconds."""

MOST: Final = 64
"""How many answers are kept."""


class _KeptModels(Struct):
    """Answers, with when each was asked for."""

    answers: dict[Any, tuple[float, Any]] = field(default_factory=dict)

    def find(self, key: Any, now: float) -> Any:
        """Return what is kept; None for nothing, or what is too old."""
        since, answer = self.answers.get(key, (now, None))
        return answer if now - since < KEPT_FOR else None

    def keep(self, key: Any, now: float, answer: Any) -> None:
        """Keep an answer in place of the oldest one, where there are too many."""
        rest = [(each, kept) for each, kept in self.answers.items() if each != key][-(MOST - 1) :]
        self.answers = dict([*rest, (key, (now, answer))])


class ModelsAPI(ResourceAPI, frozen=True):
    """The flows of `client.models`.

    Attributes:
        kept: The answers that are kept.
        refresh: Whether each call asks the service anew.
    """

    kept: _KeptModels = field(default_factory=_KeptModels)
    refresh: bool = False

    def refreshing(self) -> ModelsAPI:
        """Return the same flows, each of which asks the service anew."""
        return structs.replace(self, refresh=True)

    def list(self, query: Mapping[str, Any], options: GetOptions, *, refresh: bool = False) -> Flow[PageOf[ModelInfo]]:
        """Give a page of models.

        Args:
            query: The query parameters; one that is None is left out.
            options: What steers the call.
            refresh: Whether to ask the service even if an answer is kept.
        """
        check_query(query)

        def ask() -> Flow[PageOf[ModelInfo]]:
            return self.page(PATH, options, item=built(ModelInfo), cursor=BY_ID, query=query)

        def page() -> Flow[PageOf[ModelInfo]]:
            kept = yield from self._kept(PATH, query, options, ask, refresh=refresh)
            return structs.replace(kept, data=[*kept.data])  # the caller's own list

        return page()

    def retrieve(self, model_id: str, options: GetOptions, *, refresh: bool = False) -> Flow[ModelInfo]:
        """Give one model; the arguments are those of `list`."""
        path = path_to(PATH + "/{model_id}", model_id=model_id)
        return self._kept(path, {}, options, lambda: self.ask(ModelInfo, "GET", path, options), refresh=refresh)

    def _kept(
        self, path: str, query: Mapping[str, Any], options: GetOptions, ask: Callable[[], Flow[T]], *, refresh: bool
    ) -> Flow[T]:
        """Give the answer that is kept, or ask for it."""
        draft = self._prepared("GET", path, options, query, None, betas=()).draft
        credential = yield from self.exchange.credentials.current()
        key = (
            draft.url,
            tuple(sorted(draft.headers.items())),
            credential.source,
            credential.headers,
            credential.token_id,
        )
        now = self.exchange.clocks.monotonic()
        if not (refresh or self.refresh) and (found := self.kept.find(key, now)) is not None:
            kept: T = found
            return kept
        answer = yield from ask()
        self.kept.keep(key, now, answer)
        return answer
