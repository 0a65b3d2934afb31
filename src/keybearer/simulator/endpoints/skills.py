"""`/v1/skills` and their versions: create, list, retrieve, delete, and the content of a version as a zip archive.

The tag `skills-2025-10-02` brings the older shape: versions are named by a time, a skill has `display_title` and
`latest_version`, and all its versions are deleted before it. Without the tag a skill keeps at least one version, and
its deletion takes them along.

Source: the wheel's `resources/skills` and `resources/beta/skills`, `types/skill.py`; for the older shape Anthropic's
OpenAPI document of 2026-05-06. The words of the refusals are a guess, and so is which deletions are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from keybearer.simulator.core.clock import rfc3339
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import FormPart, ServedCall
from keybearer.simulator.endpoints.pagination import PageCut, cut_after, read_limit
from keybearer.simulator.service.skill_upload import FIELDS, pack_skill, read_skill
from keybearer.simulator.service.skills import DATED_VERSIONS, StoredSkill, StoredSkillVersion
from keybearer.simulator.state import State

__all__ = [
    "create_skill",
    "create_version",
    "delete_skill",
    "delete_version",
    "download_version",
    "list_skills",
    "list_versions",
    "retrieve_skill",
    "retrieve_version",
]

LONGEST_LABEL: Final = 255


def _is_dated(call: ServedCall) -> bool:
    """Return whether a request has the tag under which versions are named by their time."""
    return DATED_VERSIONS in call.betas


def _refuse(message: str, rule: str) -> ServiceError:
    return ServiceError("invalid_request_error", message, rule=rule)


def _label_field(call: ServedCall) -> str:
    return "display_title" if _is_dated(call) else "display_name"


def _describe(skill: StoredSkill, call: ServedCall) -> dict[str, Any]:
    times = {"created_at": rfc3339(skill.created), "updated_at": rfc3339(skill.updated)}
    common = {"type": "skill", "id": skill.id, _label_field(call): skill.label, **times}
    latest = skill.latest
    if _is_dated(call):
        return {**common, "source": skill.owner, "latest_version": latest.epoch if latest else None}
    return {**common, "source": {"type": skill.owner}, "latest_version_id": latest.id if latest else None}


def _describe_version(version: StoredSkillVersion, call: ServedCall) -> dict[str, Any]:
    common = {
        "type": "skill_version",
        "id": version.id,
        "skill_id": version.skill_id,
        "name": version.upload.name,
        "description": version.upload.description,
        "created_at": rfc3339(version.created),
    }
    dated = {"version": version.epoch, "directory": version.upload.name}
    return {**common, **dated} if _is_dated(call) else common


def _own(state: State, call: ServedCall) -> list[StoredSkill]:
    """Return the skills that the caller sees; one without a version is seen only under the tag, which can make it so."""
    dated = _is_dated(call)
    return [skill for skill in state.skills.visible_to(call.organization).values() if dated or skill.versions]


def _find(state: State, call: ServedCall) -> StoredSkill:
    name = call.path_params["id"]
    skill = next((skill for skill in _own(state, call) if skill.id == name), None)
    if skill is None:
        raise ServiceError("not_found_error", f"Skill not found: {name}", rule="skill-known")
    return skill


def _find_changeable(state: State, call: ServedCall) -> StoredSkill:
    skill = _find(state, call)
    if skill.owner != "custom":
        raise ServiceError("permission_error", f"Skill {skill.id} is Anthropic's and read-only", rule="skill-own")
    return skill


def _find_version(skill: StoredSkill, call: ServedCall) -> StoredSkillVersion:
    name = call.path_params["version"]
    version = skill.find(name, dated=_is_dated(call))
    if version is None:
        raise ServiceError("not_found_error", f"Skill version not found: {name} of {skill.id}", rule="skill-known")
    return version


def _read_form(call: ServedCall, fields: Sequence[str]) -> Sequence[FormPart]:
    """Return the parts of a form that has only these fields beside the files."""
    for part in call.form or ():
        if part.name not in {*fields, *FIELDS}:
            raise _refuse(f"{part.name}: Extra inputs are not permitted", "unknown-fields")
    return call.form or ()


def _label(call: ServedCall, parts: Sequence[FormPart]) -> str | None:
    field = _label_field(call)
    text = next((part.data.decode(errors="replace") for part in parts if part.name == field), None)
    if text is not None and (not text.strip() or len(text) > LONGEST_LABEL or len(text.splitlines()) > 1):
        raise _refuse(f"{field}: use one line of 1 to {LONGEST_LABEL} characters", "skill-label")
    return text


def _listed(data: list[dict[str, Any]], page: PageCut) -> ServerReply:
    return ServerReply.json({"data": data, "has_more": page.next_page is not None, "next_page": page.next_page})


def create_skill(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/skills`."""
    parts = _read_form(call, [_label_field(call)])
    label = _label(call, parts)
    upload = read_skill(parts)
    skill = state.skills.add(call.organization, label or upload.name, upload)
    return ServerReply.json(_describe(skill, call))


def list_skills(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/skills`, newest first; a `source` that nobody has is that of no skill."""
    source = call.query.get("source") or None
    own = [skill for skill in reversed(_own(state, call)) if source in {None, skill.owner}]
    page = cut_after(call, ((-skill.number, skill) for skill in own), limit=read_limit(call))
    return _listed([_describe(skill, call) for skill in page.items], page)


def retrieve_skill(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/skills/{id}`."""
    return ServerReply.json(_describe(_find(state, call), call))


def delete_skill(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /v1/skills/{id}`."""
    skill = _find_changeable(state, call)
    if skill.versions and _is_dated(call):
        raise _refuse("Cannot delete skill with existing versions. Delete all versions first.", "skill-versions")
    state.skills.remove(skill)
    return ServerReply.json({"id": skill.id, "type": "skill_deleted"})


def create_version(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/skills/{id}/versions`."""
    skill = _find_changeable(state, call)
    upload = read_skill(_read_form(call, ()))
    if upload.name != skill.name:
        raise _refuse(
            f"SKILL.md: name: this skill is {skill.name!r} in every version, not {upload.name!r}", "skill-name"
        )
    return ServerReply.json(_describe_version(state.skills.add_version(skill, upload), call))


def list_versions(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/skills/{id}/versions`, newest first."""
    versions = reversed(_find(state, call).versions.values())
    page = cut_after(call, ((-version.number, version) for version in versions), limit=read_limit(call))
    return _listed([_describe_version(version, call) for version in page.items], page)


def retrieve_version(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/skills/{id}/versions/{version}`."""
    return ServerReply.json(_describe_version(_find_version(_find(state, call), call), call))


def delete_version(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /v1/skills/{id}/versions/{version}`."""
    skill = _find_changeable(state, call)
    version = _find_version(skill, call)
    dated = _is_dated(call)
    if len(skill.versions) == 1 and not dated:
        raise _refuse(f"Skill {skill.id} has only this version: delete the skill", "skill-versions")
    state.skills.remove_version(skill, version)
    return ServerReply.json({"id": version.named(dated=dated), "type": "skill_version_deleted"})


def download_version(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /v1/skills/{id}/versions/{version}/content`: a zip archive with one folder, the skill's name."""
    skill = _find_changeable(state, call)
    version = _find_version(skill, call)
    packed = pack_skill(skill.name, version.upload.files)
    name = {"content-disposition": f'attachment; filename="{skill.name}.zip"'}
    return ServerReply(packed, content_type="application/zip", headers=name)
