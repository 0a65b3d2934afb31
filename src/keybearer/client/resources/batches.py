"""`client.messages.batches`: the Message Batches API, for both clients, over the flows of `keybearer.api.batches`."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Unpack

from keybearer.api.batches import BatchesAPI, those_before, with_those_before
from keybearer.client.resources.looks import Looks
from keybearer.client.resources.raw import AsyncResourceBase, ResourceBase
from keybearer.errors import KeybearerError
from keybearer.shell.downloads import AsyncRows, Rows
from keybearer.shell.pages import AsyncPages, Page
from keybearer.types.batches import BatchRequest, BatchRow, MessageBatch
from keybearer.types.files import DeletedObject
from keybearer.types.requests import ProfileOptions, WorkspaceOptions

__all__ = ["AsyncBatches", "Batches"]


class Batches(ResourceBase[BatchesAPI]):
    """`client.messages.batches`: the Message Batches API."""

    def create(self, *, requests: Iterable[BatchRequest], **options: Unpack[ProfileOptions]) -> MessageBatch:
        """Make a batch: half the price, done within 24 hours. Each request is checked before any is sent.

        Args:
            requests: Each with a `custom_id` and the `params` of `messages.create`; at most 100,000, and 256 MB as JSON.
            **options: What steers the call; `keybearer.types.requests.ProfileOptions` has the types: `timeout`, `max_retries`,
                `betas`, `extra_headers`, `extra_query`, `workspace_id`, `user_profile_id`.

        Raises:
            LintError: A request cannot be sent, or they are too many; `problems` has the place of each mistake.
            KeybearerError: The call failed.

        Example:
            batch = client.messages.batches.create(requests=[
                {"custom_id": "row-1", "params": {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": [...]}},
            ])
        """
        return self._driver.run(self._api.create(requests, options))

    def submit_all(
        self,
        requests: Iterable[BatchRequest],
        *,
        on_made: Callable[[MessageBatch], object] | None = None,
        **options: Unpack[ProfileOptions],
    ) -> list[MessageBatch]:
        """Make as many batches as any number of requests takes, one after another; no more than one is held in memory.

        Args:
            requests: As of `create`; any number of them.
            on_made: Called with each batch as soon as it is made, such as to keep its id; what it raises ends the sending. AsyncClient
                awaits a coroutine function.
            **options: As of `create`.

        Raises:
            LintError: A request cannot be sent.
            KeybearerError: A call failed. Its hint names the batches that were made before, which go on.
        """
        made: list[MessageBatch] = []
        try:
            for chunk in self._api.chunks(requests, options):
                made.append(self._driver.run(self._api.send(chunk, options)))
                if on_made is not None:
                    on_made(made[-1])
        except KeybearerError as error:
            raise with_those_before(error, made) from None
        except BaseException as error:
            if made:
                error.add_note(those_before(made))
            raise
        return made

    def retrieve(self, message_batch_id: str, **options: Unpack[WorkspaceOptions]) -> MessageBatch:
        """Return a batch as it is now.

        Args:
            message_batch_id: Its id.
            **options: As of `create`.

        Raises:
            NotFound: There is no such batch.
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.retrieve(message_batch_id, options))

    def list(
        self,
        *,
        limit: int = 100,
        after_id: str | None = None,
        before_id: str | None = None,
        **options: Unpack[WorkspaceOptions],
    ) -> Page[MessageBatch]:
        """Return a page of the batches, the newest first. Iterate over it for those of all pages.

        Args:
            limit: How many in a page at the most, 1 to 1000.
            after_id: Only those after this one: `last_id` of the page before.
            before_id: Only those before this one: `first_id` of the page after.
            **options: As of `create`.

        Raises:
            KeybearerError: The call failed.
        """
        query = {"limit": limit, "after_id": after_id, "before_id": before_id}
        return Page(self._driver.run(self._api.list(query, options)), self._driver)

    def cancel(self, message_batch_id: str, **options: Unpack[WorkspaceOptions]) -> MessageBatch:
        """Cancel a batch: what was not begun is not done.

        Args:
            message_batch_id: Its id.
            **options: As of `create`.

        Raises:
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.cancel(message_batch_id, options))

    def delete(self, message_batch_id: str, **options: Unpack[WorkspaceOptions]) -> DeletedObject:
        """Delete a batch that has ended, with its results.

        Args:
            message_batch_id: Its id.
            **options: As of `create`.

        Raises:
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.delete(message_batch_id, options))

    def results(self, message_batch_id: str, **options: Unpack[WorkspaceOptions]) -> Rows[BatchRow]:
        """Open the results of a batch that has ended: iterate over them, each as it comes, in any order.

        Args:
            message_batch_id: Its id.
            **options: As of `create`, but for `user_profile_id`.

        Raises:
            KeybearerError: The call failed: the batch has not ended, or its results are no longer there.
            StreamTruncated: While it is read: not all rows came. `events` says how many did.

        Example:
            for row in client.messages.batches.results(batch.id):
                print(row.custom_id, row.message.text if row.message else row.failure)
        """
        opened = self._driver.run(self._api.results(message_batch_id, options))
        reading = self._api.reading(message_batch_id, opened.headers, options)

        def each(row: BatchRow) -> None:
            self._driver.run(reading.row(row))

        def end(rows: int) -> None:
            self._driver.run(reading.end(rows))

        return Rows(opened, self._api.row, at_end=end, each=each if reading.reads_rows else None)

    def wait(
        self,
        message_batch_id: str,
        *,
        on_look: Callable[[MessageBatch], object] | None = None,
        give_up_after: float | None = None,
        **options: Unpack[WorkspaceOptions],
    ) -> MessageBatch:
        """Wait until a batch has ended, and return it. It is looked at every 2 seconds at first, every minute at last.

        Args:
            message_batch_id: Its id.
            on_look: Called with the batch at each look; what it raises ends the waiting. AsyncClient awaits a coroutine function.
            give_up_after: How long to wait at the most, in seconds; None for as long as it takes.
            **options: As of `create`, for each look.

        Raises:
            UsageError: `on_look` or `give_up_after` cannot be used; nothing was sent.
            DeadlineExceeded: It has not ended by then; it goes on.
            KeybearerError: A look failed, and would again; or looks failed until then, or for an hour where there is no limit.
        """
        looks = Looks(on_look, give_up_after)
        while True:
            try:
                batch = self._driver.run(self._api.retrieve(message_batch_id, options))
            except KeybearerError as error:
                self._driver.run(looks.after_error(error))
                continue
            if on_look is not None:
                on_look(batch)
            if batch.processing_status == "ended":
                return batch
            self._driver.run(looks.after(batch))


class AsyncBatches(AsyncResourceBase[BatchesAPI]):
    """`client.messages.batches`: the Message Batches API."""

    async def create(self, *, requests: Iterable[BatchRequest], **options: Unpack[ProfileOptions]) -> MessageBatch:
        """Make a batch: half the price, done within 24 hours. Each request is checked before any is sent.

        Args:
            requests: Each with a `custom_id` and the `params` of `messages.create`; at most 100,000, and 256 MB as JSON.
            **options: What steers the call; `keybearer.types.requests.ProfileOptions` has the types: `timeout`, `max_retries`,
                `betas`, `extra_headers`, `extra_query`, `workspace_id`, `user_profile_id`.

        Raises:
            LintError: A request cannot be sent, or they are too many; `problems` has the place of each mistake.
            KeybearerError: The call failed.

        Example:
            batch = await client.messages.batches.create(requests=[
                {"custom_id": "row-1", "params": {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": [...]}},
            ])
        """
        return await self._driver.run(self._api.create(requests, options))

    async def submit_all(
        self,
        requests: Iterable[BatchRequest],
        *,
        on_made: Callable[[MessageBatch], Awaitable[object] | object] | None = None,
        **options: Unpack[ProfileOptions],
    ) -> list[MessageBatch]:
        """Make as many batches as any number of requests takes, one after another; no more than one is held in memory.

        Args:
            requests: As of `create`; any number of them.
            on_made: Called with each batch as soon as it is made, such as to keep its id; what it raises ends the sending. AsyncClient
                awaits a coroutine function.
            **options: As of `create`.

        Raises:
            LintError: A request cannot be sent.
            KeybearerError: A call failed. Its hint names the batches that were made before, which go on.
        """
        made: list[MessageBatch] = []
        try:
            for chunk in self._api.chunks(requests, options):
                made.append(await self._driver.run(self._api.send(chunk, options)))
                if on_made is not None and inspect.isawaitable(kept := on_made(made[-1])):
                    await kept
        except KeybearerError as error:
            raise with_those_before(error, made) from None
        except BaseException as error:
            if made:
                error.add_note(those_before(made))
            raise
        return made

    async def retrieve(self, message_batch_id: str, **options: Unpack[WorkspaceOptions]) -> MessageBatch:
        """Return a batch as it is now.

        Args:
            message_batch_id: Its id.
            **options: As of `create`.

        Raises:
            NotFound: There is no such batch.
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.retrieve(message_batch_id, options))

    def list(
        self,
        *,
        limit: int = 100,
        after_id: str | None = None,
        before_id: str | None = None,
        **options: Unpack[WorkspaceOptions],
    ) -> AsyncPages[MessageBatch]:
        """Return a page of the batches, the newest first. Iterate over it for those of all pages.

        Args:
            limit: How many in a page at the most, 1 to 1000.
            after_id: Only those after this one: `last_id` of the page before.
            before_id: Only those before this one: `first_id` of the page after.
            **options: As of `create`.

        Raises:
            KeybearerError: The call failed.
        """
        query = {"limit": limit, "after_id": after_id, "before_id": before_id}
        return AsyncPages(self._api.list(query, options), self._driver)

    async def cancel(self, message_batch_id: str, **options: Unpack[WorkspaceOptions]) -> MessageBatch:
        """Cancel a batch: what was not begun is not done.

        Args:
            message_batch_id: Its id.
            **options: As of `create`.

        Raises:
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.cancel(message_batch_id, options))

    async def delete(self, message_batch_id: str, **options: Unpack[WorkspaceOptions]) -> DeletedObject:
        """Delete a batch that has ended, with its results.

        Args:
            message_batch_id: Its id.
            **options: As of `create`.

        Raises:
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.delete(message_batch_id, options))

    async def results(self, message_batch_id: str, **options: Unpack[WorkspaceOptions]) -> AsyncRows[BatchRow]:
        """Open the results of a batch that has ended: iterate over them, each as it comes, in any order.

        Args:
            message_batch_id: Its id.
            **options: As of `create`, but for `user_profile_id`.

        Raises:
            KeybearerError: The call failed: the batch has not ended, or its results are no longer there.
            StreamTruncated: While it is read: not all rows came. `events` says how many did.

        Example:
            async for row in await client.messages.batches.results(batch.id):
                print(row.custom_id, row.message.text if row.message else row.failure)
        """
        opened = await self._driver.run(self._api.results(message_batch_id, options))
        reading = self._api.reading(message_batch_id, opened.headers, options)

        async def each(row: BatchRow) -> None:
            await self._driver.run(reading.row(row))

        async def end(rows: int) -> None:
            await self._driver.run(reading.end(rows))

        return AsyncRows(opened, self._api.row, at_end=end, each=each if reading.reads_rows else None)

    async def wait(
        self,
        message_batch_id: str,
        *,
        on_look: Callable[[MessageBatch], Awaitable[object] | object] | None = None,
        give_up_after: float | None = None,
        **options: Unpack[WorkspaceOptions],
    ) -> MessageBatch:
        """Wait until a batch has ended, and return it. It is looked at every 2 seconds at first, every minute at last.

        Args:
            message_batch_id: Its id.
            on_look: Called with the batch at each look; what it raises ends the waiting. AsyncClient awaits a coroutine function.
            give_up_after: How long to wait at the most, in seconds; None for as long as it takes.
            **options: As of `create`, for each look.

        Raises:
            UsageError: `on_look` or `give_up_after` cannot be used; nothing was sent.
            DeadlineExceeded: It has not ended by then; it goes on.
            KeybearerError: A look failed, and would again; or looks failed until then, or for an hour where there is no limit.
        """
        looks = Looks(on_look, give_up_after)
        while True:
            try:
                batch = await self._driver.run(self._api.retrieve(message_batch_id, options))
            except KeybearerError as error:
                await self._driver.run(looks.after_error(error))
                continue
            if on_look is not None and inspect.isawaitable(looked := on_look(batch)):
                await looked
            if batch.processing_status == "ended":
                return batch
            await self._driver.run(looks.after(batch))
