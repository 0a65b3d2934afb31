"""The Skills API as flows.

Contract: the files of a skill are checked before any is sent: one `SKILL.md`, and one folder that holds all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from keybearer.api.forms import form_of
from keybearer.api.paths import path_to
from keybearer.api.resource import BY_PAGE, PageOf, ResourceAPI
from keybearer.errors import UsageError
from keybearer.exchange.lease import OpenBody
from keybearer.flow import Flow
from keybearer.types.api_object import built
from keybearer.types.files import DeletedObject
from keybearer.types.requests import GetOptions
from keybearer.types.skills import Skill, SkillVersion
from keybearer.wire.request.multipart import FilePart

__all__ = ["FIELD", "SkillsAPI"]

PATH: Final = "/v1/skills"
ONE: Final = PATH + "/{skill_id}"
VERSIONS: Final = ONE + "/versions"
ONE_VERSION: Final = VERSIONS + "/{version}"

FIELD: Final = "files[]"
"""The form's field that holds the files."""

_MANIFEST: Final = "SKILL.md"


class SkillsAPI(ResourceAPI, frozen=True):
    """The flows of `client.skills` and of its `versions`."""

    def create(self, files: Sequence[FilePart], fields: Mapping[str, Any], options: GetOptions) -> Flow[Skill]:
        """Make a skill with its first version."""
        _check(files)
        return self.ask(Skill, "POST", PATH, options, form=form_of(fields, files), look_first="client.skills.list()")

    def list(self, query: Mapping[str, Any], options: GetOptions) -> Flow[PageOf[Skill]]:
        """Ask for a page of skills."""
        return self.page(PATH, options, item=built(Skill), cursor=BY_PAGE, query=query)

    def retrieve(self, skill_id: str, options: GetOptions) -> Flow[Skill]:
        """Ask for one skill."""
        return self.ask(Skill, "GET", path_to(ONE, skill_id=skill_id), options)

    def delete(self, skill_id: str, options: GetOptions) -> Flow[DeletedObject]:
        """Delete a skill."""
        return self.ask(DeletedObject, "DELETE", path_to(ONE, skill_id=skill_id), options)

    def create_version(self, skill_id: str, files: Sequence[FilePart], options: GetOptions) -> Flow[SkillVersion]:
        """Add a version."""
        _check(files)
        path, look = path_to(VERSIONS, skill_id=skill_id), "client.skills.versions.list(...)"
        return self.ask(SkillVersion, "POST", path, options, form=form_of({}, files), look_first=look)

    def list_versions(self, skill_id: str, query: Mapping[str, Any], options: GetOptions) -> Flow[PageOf[SkillVersion]]:
        """Ask for a page of versions."""
        path = path_to(VERSIONS, skill_id=skill_id)
        return self.page(path, options, item=built(SkillVersion), cursor=BY_PAGE, query=query)

    def retrieve_version(self, version: str, skill_id: str, options: GetOptions) -> Flow[SkillVersion]:
        """Ask for one version."""
        return self.ask(SkillVersion, "GET", path_to(ONE_VERSION, skill_id=skill_id, version=version), options)

    def delete_version(self, version: str, skill_id: str, options: GetOptions) -> Flow[DeletedObject]:
        """Delete a version."""
        return self.ask(DeletedObject, "DELETE", path_to(ONE_VERSION, skill_id=skill_id, version=version), options)

    def download_version(self, version: str, skill_id: str, options: GetOptions) -> Flow[OpenBody]:
        """Ask for the files of a version, as a zip archive."""
        path = path_to(ONE_VERSION + "/content", skill_id=skill_id, version=version)
        return self.open(path, options, accept="application/binary")


def _check(files: Sequence[FilePart]) -> None:
    """Refuse files that are no skill; an archive is the service's to open.

    Source: the `anthropic` 2.14.0 wheel, `types/skill_create_params.py`; that an archive is taken, Anthropic's guide to skills.

    Raises:
        UsageError: They have no `SKILL.md` at the root of their one folder.
    """
    names = [each.filename for each in files]
    if len(names) == 1 and names[0].lower().endswith(".zip"):
        return
    folders = sorted({name.partition("/")[0] for name in names if "/" in name})
    if len(folders) > 1:
        raise UsageError(
            f"The files of a skill stand in one folder; these stand in {folders[0]!r} and {folders[1]!r}.",
            hint="Give the path of the skill's folder, or each file as (name, content) with a name such as 'my-skill/SKILL.md'.",
        )
    if not any(name.count("/") <= 1 and name.rpartition("/")[2] == _MANIFEST for name in names):
        raise UsageError(
            f"A skill needs a {_MANIFEST} at the root of its folder; there is none among its {len(names):,} files."
        )
