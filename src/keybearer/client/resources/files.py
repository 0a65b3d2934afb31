"""`client.files`: the Files API, for both clients. Each method is one line over a flow of `keybearer.api.files`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from keybearer.api.files import FilesAPI
from keybearer.client.resources.raw import AsyncResourceBase, ResourceBase
from keybearer.shell.downloads import AsyncDownload, Download
from keybearer.shell.pages import AsyncPages, Page
from keybearer.shell.runtime import current_runtime
from keybearer.shell.uploads import FileLike, file_part, release
from keybearer.types.files import DeletedObject, FileMetadata
from keybearer.types.requests import WorkspaceOptions

__all__ = ["AsyncFiles", "Files"]


class Files(ResourceBase[FilesAPI]):
    """`client.files`: the Files API."""

    def upload(
        self, *, file: FileLike, expires_in_seconds: int | None = None, **options: Unpack[WorkspaceOptions]
    ) -> FileMetadata:
        """Upload a file. It is read while it is sent; an iterable that can be read only once goes through a temporary file.

        Args:
            file: Its path, its bytes, a file object open for reading bytes, or an iterable of bytes; or a tuple of its name, one
                of these, and its media type where the name does not say.
            expires_in_seconds: When it ends, in seconds from now: 3,600 to 7,776,000. Default: never.
            **options: What steers the call; `keybearer.types.requests.WorkspaceOptions` has the types: `timeout`, `max_retries`,
                `betas`, `extra_headers`, `extra_query`, `workspace_id`.

        Raises:
            UsageError: It cannot be read.
            KeybearerError: The call failed.
        """
        part = file_part(file, "file")
        fields = {"expires_in_seconds": expires_in_seconds}
        try:
            return self._driver.run(self._api.upload(part, fields, options))
        finally:
            release(part)

    def list(
        self,
        *,
        limit: int = 1000,
        page: str | None = None,
        ids: Sequence[str] | None = None,
        scope_id: str | None = None,
        **options: Unpack[WorkspaceOptions],
    ) -> Page[FileMetadata]:
        """Return a page of the files, the newest first. Iterate over it for those of all pages.

        Args:
            limit: How many in a page at the most, 1 to 1000.
            page: The page to begin with: `next_page` of the page before.
            ids: Only these files, at most 100; then there is one page, and `limit` and `page` are not sent.
            scope_id: Only those of this scope, such as a session.
            **options: As of `upload`.

        Raises:
            KeybearerError: The call failed.
        """
        query: dict[str, Any] = {"ids[]": [*ids]} if ids is not None else {"limit": limit, "page": page}
        query["scope_id"] = scope_id
        return Page(self._driver.run(self._api.list(query, options)), self._driver)

    def retrieve_metadata(self, file_id: str, **options: Unpack[WorkspaceOptions]) -> FileMetadata:
        """Return what is known of a file.

        Args:
            file_id: Its id.
            **options: As of `upload`.

        Raises:
            NotFound: There is no such file.
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.retrieve_metadata(file_id, options))

    def download(self, file_id: str, **options: Unpack[WorkspaceOptions]) -> Download:
        """Open a file's content: read it whole, in pieces, or write it to a path. Close it, or use it as a context.

        Args:
            file_id: Its id.
            **options: As of `upload`.

        Raises:
            KeybearerError: The call failed; a file that was uploaded cannot be downloaded.

        Example:
            file = client.files.download(file_id)
            file.write_to_file("chart.png")
        """
        return Download(self._driver.run(self._api.download(file_id, options)))

    def delete(self, file_id: str, **options: Unpack[WorkspaceOptions]) -> DeletedObject:
        """Delete a file.

        Args:
            file_id: Its id.
            **options: As of `upload`.

        Raises:
            NotFound: There is no such file.
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.delete(file_id, options))


class AsyncFiles(AsyncResourceBase[FilesAPI]):
    """`client.files`: the Files API."""

    async def upload(
        self, *, file: FileLike, expires_in_seconds: int | None = None, **options: Unpack[WorkspaceOptions]
    ) -> FileMetadata:
        """Upload a file. It is read while it is sent; an iterable that can be read only once goes through a temporary file.

        Args:
            file: Its path, its bytes, a file object open for reading bytes, or an iterable of bytes; or a tuple of its name, one
                of these, and its media type where the name does not say.
            expires_in_seconds: When it ends, in seconds from now: 3,600 to 7,776,000. Default: never.
            **options: What steers the call; `keybearer.types.requests.WorkspaceOptions` has the types: `timeout`, `max_retries`,
                `betas`, `extra_headers`, `extra_query`, `workspace_id`.

        Raises:
            UsageError: It cannot be read.
            KeybearerError: The call failed.
        """
        part = await current_runtime().blocking(lambda: file_part(file, "file"))
        fields = {"expires_in_seconds": expires_in_seconds}
        try:
            return await self._driver.run(self._api.upload(part, fields, options))
        finally:
            release(part)

    def list(
        self,
        *,
        limit: int = 1000,
        page: str | None = None,
        ids: Sequence[str] | None = None,
        scope_id: str | None = None,
        **options: Unpack[WorkspaceOptions],
    ) -> AsyncPages[FileMetadata]:
        """Return a page of the files, the newest first. Iterate over it for those of all pages.

        Args:
            limit: How many in a page at the most, 1 to 1000.
            page: The page to begin with: `next_page` of the page before.
            ids: Only these files, at most 100; then there is one page, and `limit` and `page` are not sent.
            scope_id: Only those of this scope, such as a session.
            **options: As of `upload`.

        Raises:
            KeybearerError: The call failed.
        """
        query: dict[str, Any] = {"ids[]": [*ids]} if ids is not None else {"limit": limit, "page": page}
        query["scope_id"] = scope_id
        return AsyncPages(self._api.list(query, options), self._driver)

    async def retrieve_metadata(self, file_id: str, **options: Unpack[WorkspaceOptions]) -> FileMetadata:
        """Return what is known of a file.

        Args:
            file_id: Its id.
            **options: As of `upload`.

        Raises:
            NotFound: There is no such file.
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.retrieve_metadata(file_id, options))

    async def download(self, file_id: str, **options: Unpack[WorkspaceOptions]) -> AsyncDownload:
        """Open a file's content: read it whole, in pieces, or write it to a path. Close it, or use it as a context.

        Args:
            file_id: Its id.
            **options: As of `upload`.

        Raises:
            KeybearerError: The call failed; a file that was uploaded cannot be downloaded.

        Example:
            file = await client.files.download(file_id)
            await file.write_to_file("chart.png")
        """
        return AsyncDownload(await self._driver.run(self._api.download(file_id, options)))

    async def delete(self, file_id: str, **options: Unpack[WorkspaceOptions]) -> DeletedObject:
        """Delete a file.

        Args:
            file_id: Its id.
            **options: As of `upload`.

        Raises:
            NotFound: There is no such file.
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.delete(file_id, options))
