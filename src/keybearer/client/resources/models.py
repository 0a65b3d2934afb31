"""`client.models`: the Models API, for both clients. Each method is one line over a flow of `keybearer.api.models`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from keybearer.api.models import ModelsAPI
from keybearer.client.resources.raw import AsyncResourceBase, ResourceBase
from keybearer.shell.pages import AsyncPages, Page
from keybearer.shell.recording import AsyncReplyKeeper, ReplyKeeper
from keybearer.types.models import Lifecycle, ModelInfo
from keybearer.types.requests import WorkspaceOptions

__all__ = ["AsyncModels", "Models"]


class Models(ResourceBase[ModelsAPI]):
    """`client.models`: the Models API."""

    def _with_keeper(self) -> tuple[Models, ReplyKeeper]:
        driver, keeper = self._driver.recording()
        return type(self)(self._api.refreshing(), driver), keeper

    def list(
        self,
        *,
        limit: int = 1000,
        after_id: str | None = None,
        before_id: str | None = None,
        lifecycle: Sequence[Lifecycle] | None = None,
        refresh: bool = False,
        **options: Unpack[WorkspaceOptions],
    ) -> Page[ModelInfo]:
        """Return a page of the models that this credential may use, the newest first. Iterate over it for those of all pages.

        Args:
            limit: How many in a page at the most, 1 to 1000; the default is all that the service gives in one page.
            after_id: Only those after this one: `last_id` of the page before.
            before_id: Only those before this one: `first_id` of the page after.
            lifecycle: Only those in these stages: `active`, `deprecated`, `retired`. Default: the first two.
            refresh: Whether to ask the service; else an answer of the last five minutes is given again.
            **options: What steers the call; `keybearer.types.requests.WorkspaceOptions` has the types: `timeout`, `max_retries`,
                `betas`, `extra_headers`, `extra_query`, `workspace_id`.

        Raises:
            KeybearerError: The call failed.
        """
        query = {"limit": limit, "after_id": after_id, "before_id": before_id, "lifecycle[]": lifecycle}
        return Page(self._driver.run(self._api.list(query, options, refresh=refresh)), self._driver)

    def retrieve(self, model_id: str, *, refresh: bool = False, **options: Unpack[WorkspaceOptions]) -> ModelInfo:
        """Return one model.

        Args:
            model_id: Its id, or an alias.
            refresh: As of `list`.
            **options: As of `list`.

        Raises:
            NotFound: There is no such model.
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.retrieve(model_id, options, refresh=refresh))


class AsyncModels(AsyncResourceBase[ModelsAPI]):
    """`client.models`: the Models API."""

    def _with_keeper(self) -> tuple[AsyncModels, AsyncReplyKeeper]:
        driver, keeper = self._driver.recording()
        return type(self)(self._api.refreshing(), driver), keeper

    def list(
        self,
        *,
        limit: int = 1000,
        after_id: str | None = None,
        before_id: str | None = None,
        lifecycle: Sequence[Lifecycle] | None = None,
        refresh: bool = False,
        **options: Unpack[WorkspaceOptions],
    ) -> AsyncPages[ModelInfo]:
        """Return a page of the models that this credential may use, the newest first. Iterate over it for those of all pages.

        Args:
            limit: How many in a page at the most, 1 to 1000; the default is all that the service gives in one page.
            after_id: Only those after this one: `last_id` of the page before.
            before_id: Only those before this one: `first_id` of the page after.
            lifecycle: Only those in these stages: `active`, `deprecated`, `retired`. Default: the first two.
            refresh: Whether to ask the service; else an answer of the last five minutes is given again.
            **options: What steers the call; `keybearer.types.requests.WorkspaceOptions` has the types: `timeout`, `max_retries`,
                `betas`, `extra_headers`, `extra_query`, `workspace_id`.

        Raises:
            KeybearerError: The call failed.
        """
        query = {"limit": limit, "after_id": after_id, "before_id": before_id, "lifecycle[]": lifecycle}
        return AsyncPages(self._api.list(query, options, refresh=refresh), self._driver)

    async def retrieve(self, model_id: str, *, refresh: bool = False, **options: Unpack[WorkspaceOptions]) -> ModelInfo:
        """Return one model.

        Args:
            model_id: Its id, or an alias.
            refresh: As of `list`.
            **options: As of `list`.

        Raises:
            NotFound: There is no such model.
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.retrieve(model_id, options, refresh=refresh))
