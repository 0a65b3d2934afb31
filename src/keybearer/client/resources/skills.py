"""`client.skills`: the Skills API, for both clients. Each method is one line over a flow of `keybearer.api.skills`."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Unpack

from keybearer.api.skills import FIELD, SkillsAPI
from keybearer.client.resources.raw import AsyncResourceBase, ResourceBase
from keybearer.shell.downloads import AsyncDownload, Download
from keybearer.shell.pages import AsyncPages, Page
from keybearer.shell.runtime import current_runtime
from keybearer.shell.uploads import SkillFiles, release_all, skill_parts
from keybearer.types.files import DeletedObject
from keybearer.types.requests import WorkspaceOptions
from keybearer.types.skills import Skill, SkillVersion

__all__ = ["AsyncSkillVersions", "AsyncSkills", "SkillVersions", "Skills"]


class Skills(ResourceBase[SkillsAPI]):
    """`client.skills`: the Skills API."""

    @cached_property
    def versions(self) -> SkillVersions:
        """The versions of skills."""
        return self._made(SkillVersions)(self._api, self._driver)

    def create(
        self, *, files: SkillFiles, display_name: str | None = None, **options: Unpack[WorkspaceOptions]
    ) -> Skill:
        """Make a skill, with its first version. Its files are read while they are sent.

        Args:
            files: The path of the skill's folder, all of which is uploaded; or its files, each as `client.files.upload` takes
                one, with a name that begins with the folder: `("my-skill/SKILL.md", content)`. One zip archive is taken too.
            display_name: Its name for people, one line of at most 255 characters. Default: the name in `SKILL.md`.
            **options: What steers the call; `keybearer.types.requests.WorkspaceOptions` has the types: `timeout`, `max_retries`,
                `betas`, `extra_headers`, `extra_query`, `workspace_id`.

        Raises:
            UsageError: A file cannot be read, there is no `SKILL.md`, or they stand in several folders.
            KeybearerError: The call failed.

        Example:
            skill = client.skills.create(files="skills/quarterly-report")
        """
        parts = skill_parts(files, FIELD)
        try:
            return self._driver.run(self._api.create(parts, {"display_name": display_name}, options))
        finally:
            release_all(parts)

    def list(
        self,
        *,
        limit: int = 1000,
        page: str | None = None,
        source: Literal["custom", "anthropic"] | str | None = None,
        **options: Unpack[WorkspaceOptions],
    ) -> Page[Skill]:
        """Return a page of the skills. Iterate over it for those of all pages.

        Args:
            limit: How many in a page at the most, 1 to 1000.
            page: The page to begin with: `next_page` of the page before.
            source: Only those of this source: `custom` or `anthropic`.
            **options: As of `create`.

        Raises:
            KeybearerError: The call failed.
        """
        query = {"limit": limit, "page": page, "source": source}
        return Page(self._driver.run(self._api.list(query, options)), self._driver)

    def retrieve(self, skill_id: str, **options: Unpack[WorkspaceOptions]) -> Skill:
        """Return one skill.

        Args:
            skill_id: Its id.
            **options: As of `create`.

        Raises:
            NotFound: There is no such skill.
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.retrieve(skill_id, options))

    def delete(self, skill_id: str, **options: Unpack[WorkspaceOptions]) -> DeletedObject:
        """Delete a skill.

        Args:
            skill_id: Its id.
            **options: As of `create`.

        Raises:
            NotFound: There is no such skill.
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.delete(skill_id, options))


class SkillVersions(ResourceBase[SkillsAPI]):
    """`client.skills.versions`: the versions of skills."""

    def create(self, skill_id: str, *, files: SkillFiles, **options: Unpack[WorkspaceOptions]) -> SkillVersion:
        """Add a version to a skill. Its files are read while they are sent.

        Args:
            skill_id: The skill.
            files: As of `client.skills.create`; the name in `SKILL.md` stays as it was.
            **options: As of `client.skills.create`.

        Raises:
            UsageError: A file cannot be read, there is no `SKILL.md`, or they stand in several folders.
            KeybearerError: The call failed.
        """
        parts = skill_parts(files, FIELD)
        try:
            return self._driver.run(self._api.create_version(skill_id, parts, options))
        finally:
            release_all(parts)

    def list(
        self, skill_id: str, *, limit: int = 1000, page: str | None = None, **options: Unpack[WorkspaceOptions]
    ) -> Page[SkillVersion]:
        """Return a page of the versions of a skill. Iterate over it for those of all pages.

        Args:
            skill_id: The skill.
            limit: How many in a page at the most, 1 to 1000.
            page: The page to begin with: `next_page` of the page before.
            **options: As of `client.skills.create`.

        Raises:
            KeybearerError: The call failed.
        """
        query = {"limit": limit, "page": page}
        return Page(self._driver.run(self._api.list_versions(skill_id, query, options)), self._driver)

    def retrieve(self, version: str, *, skill_id: str, **options: Unpack[WorkspaceOptions]) -> SkillVersion:
        """Return one version.

        Args:
            version: Its id, or `latest`.
            skill_id: The skill.
            **options: As of `client.skills.create`.

        Raises:
            NotFound: There is no such version.
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.retrieve_version(version, skill_id, options))

    def delete(self, version: str, *, skill_id: str, **options: Unpack[WorkspaceOptions]) -> DeletedObject:
        """Delete a version.

        Args:
            version: Its id.
            skill_id: The skill.
            **options: As of `client.skills.create`.

        Raises:
            NotFound: There is no such version.
            KeybearerError: The call failed.
        """
        return self._driver.run(self._api.delete_version(version, skill_id, options))

    def download(self, version: str, *, skill_id: str, **options: Unpack[WorkspaceOptions]) -> Download:
        """Open the files of a version as a zip archive: read it whole, in pieces, or write it to a path. Close it.

        Args:
            version: Its id.
            skill_id: The skill.
            **options: As of `client.skills.create`.

        Raises:
            NotFound: There is no such version.
            KeybearerError: The call failed.

        Example:
            archive = client.skills.versions.download(skill.latest_version_id, skill_id=skill.id)
            archive.write_to_file("skill.zip")
        """
        return Download(self._driver.run(self._api.download_version(version, skill_id, options)))


class AsyncSkills(AsyncResourceBase[SkillsAPI]):
    """`client.skills`: the Skills API."""

    @cached_property
    def versions(self) -> AsyncSkillVersions:
        """The versions of skills."""
        return self._made(AsyncSkillVersions)(self._api, self._driver)

    async def create(
        self, *, files: SkillFiles, display_name: str | None = None, **options: Unpack[WorkspaceOptions]
    ) -> Skill:
        """Make a skill, with its first version. Its files are read while they are sent.

        Args:
            files: The path of the skill's folder, all of which is uploaded; or its files, each as `client.files.upload` takes
                one, with a name that begins with the folder: `("my-skill/SKILL.md", content)`. One zip archive is taken too.
            display_name: Its name for people, one line of at most 255 characters. Default: the name in `SKILL.md`.
            **options: What steers the call; `keybearer.types.requests.WorkspaceOptions` has the types: `timeout`, `max_retries`,
                `betas`, `extra_headers`, `extra_query`, `workspace_id`.

        Raises:
            UsageError: A file cannot be read, there is no `SKILL.md`, or they stand in several folders.
            KeybearerError: The call failed.

        Example:
            skill = await client.skills.create(files="skills/quarterly-report")
        """
        parts = await current_runtime().blocking(lambda: skill_parts(files, FIELD))
        try:
            return await self._driver.run(self._api.create(parts, {"display_name": display_name}, options))
        finally:
            release_all(parts)

    def list(
        self,
        *,
        limit: int = 1000,
        page: str | None = None,
        source: Literal["custom", "anthropic"] | str | None = None,
        **options: Unpack[WorkspaceOptions],
    ) -> AsyncPages[Skill]:
        """Return a page of the skills. Iterate over it for those of all pages.

        Args:
            limit: How many in a page at the most, 1 to 1000.
            page: The page to begin with: `next_page` of the page before.
            source: Only those of this source: `custom` or `anthropic`.
            **options: As of `create`.

        Raises:
            KeybearerError: The call failed.
        """
        query = {"limit": limit, "page": page, "source": source}
        return AsyncPages(self._api.list(query, options), self._driver)

    async def retrieve(self, skill_id: str, **options: Unpack[WorkspaceOptions]) -> Skill:
        """Return one skill.

        Args:
            skill_id: Its id.
            **options: As of `create`.

        Raises:
            NotFound: There is no such skill.
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.retrieve(skill_id, options))

    async def delete(self, skill_id: str, **options: Unpack[WorkspaceOptions]) -> DeletedObject:
        """Delete a skill.

        Args:
            skill_id: Its id.
            **options: As of `create`.

        Raises:
            NotFound: There is no such skill.
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.delete(skill_id, options))


class AsyncSkillVersions(AsyncResourceBase[SkillsAPI]):
    """`client.skills.versions`: the versions of skills."""

    async def create(self, skill_id: str, *, files: SkillFiles, **options: Unpack[WorkspaceOptions]) -> SkillVersion:
        """Add a version to a skill. Its files are read while they are sent.

        Args:
            skill_id: The skill.
            files: As of `client.skills.create`; the name in `SKILL.md` stays as it was.
            **options: As of `client.skills.create`.

        Raises:
            UsageError: A file cannot be read, there is no `SKILL.md`, or they stand in several folders.
            KeybearerError: The call failed.
        """
        parts = await current_runtime().blocking(lambda: skill_parts(files, FIELD))
        try:
            return await self._driver.run(self._api.create_version(skill_id, parts, options))
        finally:
            release_all(parts)

    def list(
        self, skill_id: str, *, limit: int = 1000, page: str | None = None, **options: Unpack[WorkspaceOptions]
    ) -> AsyncPages[SkillVersion]:
        """Return a page of the versions of a skill. Iterate over it for those of all pages.

        Args:
            skill_id: The skill.
            limit: How many in a page at the most, 1 to 1000.
            page: The page to begin with: `next_page` of the page before.
            **options: As of `client.skills.create`.

        Raises:
            KeybearerError: The call failed.
        """
        query = {"limit": limit, "page": page}
        return AsyncPages(self._api.list_versions(skill_id, query, options), self._driver)

    async def retrieve(self, version: str, *, skill_id: str, **options: Unpack[WorkspaceOptions]) -> SkillVersion:
        """Return one version.

        Args:
            version: Its id, or `latest`.
            skill_id: The skill.
            **options: As of `client.skills.create`.

        Raises:
            NotFound: There is no such version.
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.retrieve_version(version, skill_id, options))

    async def delete(self, version: str, *, skill_id: str, **options: Unpack[WorkspaceOptions]) -> DeletedObject:
        """Delete a version.

        Args:
            version: Its id.
            skill_id: The skill.
            **options: As of `client.skills.create`.

        Raises:
            NotFound: There is no such version.
            KeybearerError: The call failed.
        """
        return await self._driver.run(self._api.delete_version(version, skill_id, options))

    async def download(self, version: str, *, skill_id: str, **options: Unpack[WorkspaceOptions]) -> AsyncDownload:
        """Open the files of a version as a zip archive: read it whole, in pieces, or write it to a path. Close it.

        Args:
            version: Its id.
            skill_id: The skill.
            **options: As of `client.skills.create`.

        Raises:
            NotFound: There is no such version.
            KeybearerError: The call failed.

        Example:
            archive = await client.skills.versions.download(skill.latest_version_id, skill_id=skill.id)
            await archive.write_to_file("skill.zip")
        """
        return AsyncDownload(await self._driver.run(self._api.download_version(version, skill_id, options)))
