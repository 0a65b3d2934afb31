"""Skills and their versions, as the official SDK and Anthropic's OpenAPI document see them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import anthropic
import pytest
from anthropic.types import Skill
from anthropic.types.skills import SkillVersion

from keybearer.simulator import Simulator
from simulator.schema_check import fits

HAIKU = "claude-haiku-4-5"
CODE: Any = [{"type": "code_execution_20260521", "name": "code_execution"}]
DATED = "skills-2025-10-02"


def files(name: str = "rolls", says: str = "Bakes.") -> Any:
    """Return the files of a small skill."""
    main = f"---\nname: {name}\ndescription: {says}\n---\n".encode()
    return [(f"{name}/SKILL.md", main, "text/markdown"), (f"{name}/oven.py", b"hot", "text/x-python")]


def refused(call: Any, words: str, kind: type[anthropic.APIStatusError] = anthropic.BadRequestError) -> None:
    """Hold a call to a refusal with these words."""
    with pytest.raises(kind, match=words):
        call()


def test_a_skills_life(sdk: anthropic.Anthropic) -> None:
    """A skill is made, found, listed, has a second version, and is deleted; every reply has exactly the wheel's fields."""
    made = sdk.skills.with_raw_response.create(files=files())
    assert set(json.loads(made.text())) == set(Skill.model_fields)
    skill = made.parse()
    assert (skill.display_name, skill.source.type, skill.type) == ("rolls", "custom", "skill")
    assert sdk.skills.retrieve(skill.id) == skill
    raw = sdk.skills.versions.with_raw_response.create(skill.id, files=files(says="Bakes more."))
    assert set(json.loads(raw.text())) == set(SkillVersion.model_fields)
    second = raw.parse()
    assert (second.name, second.description, second.skill_id) == ("rolls", "Bakes more.", skill.id)
    assert sdk.skills.versions.retrieve("latest", skill_id=skill.id) == second
    assert [each.id for each in sdk.skills.versions.list(skill.id, limit=1)] == [second.id, skill.latest_version_id]
    assert sdk.skills.retrieve(skill.id).latest_version_id == second.id
    assert sdk.skills.versions.delete(second.id, skill_id=skill.id).id == second.id
    refused(lambda: sdk.skills.versions.retrieve(second.id, skill_id=skill.id), "not found", anthropic.NotFoundError)
    refused(lambda: sdk.skills.versions.delete(skill.latest_version_id, skill_id=skill.id), "only this version")
    assert sdk.skills.delete(skill.id).type == "skill_deleted"
    refused(lambda: sdk.skills.retrieve(skill.id), "Skill not found", anthropic.NotFoundError)


def test_lists_by_source_and_page(sdk: anthropic.Anthropic) -> None:
    """Lists walk through every page, newest first; a skill that comes between two pages neither repeats nor hides one."""
    made = [sdk.skills.create(files=files(), display_name=f"Rolls {number}").id for number in range(3)]
    assert [skill.id for skill in sdk.skills.list(source="custom", limit=2)] == made[::-1]
    assert {skill.id for skill in sdk.skills.list(source="anthropic")} == {"docx", "pdf", "pptx", "xlsx"}
    assert len(list(sdk.skills.list(limit=3))) == 7
    first = sdk.skills.list(limit=2)
    sdk.skills.create(files=files())
    sdk.skills.delete(first.data[-1].id)
    assert next(iter(first.get_next_page().data)).id == made[0]
    refused(lambda: sdk.skills.list(page="page_3"), "page: this is not the `next_page`")
    refused(lambda: sdk.skills.list(limit=1001), "limit: Input should be between 1 and 1000")


def test_what_is_refused(sdk: anthropic.Anthropic) -> None:
    """A version keeps the skill's name, a label is one line, Anthropic's skills are read-only, and a key sees its own."""
    skill = sdk.skills.create(files=files())
    refused(
        lambda: sdk.skills.versions.create(skill.id, files=files("buns")), "is 'rolls' in every version, not 'buns'"
    )
    for label in ("", "two\nlines", "x" * 256):
        refused(lambda label=label: sdk.skills.create(files=files(), display_name=label), "display_name: use one line")
    form = {"files": files(), "extra_body": {"display_title": "x"}}
    refused(lambda: sdk.skills.create(**form), "display_title: Extra inputs are not permitted")
    refused(lambda: sdk.skills.delete("pdf"), "read-only", anthropic.PermissionDeniedError)
    with sdk.with_options(api_key="sk-ant-sim-other") as other:
        refused(lambda: other.skills.retrieve(skill.id), "Skill not found", anthropic.NotFoundError)


def test_a_version_is_downloaded(sdk: anthropic.Anthropic) -> None:
    """The content of a version is an archive of one folder, named like the skill, which makes the same skill again."""
    skill = sdk.skills.create(files=files())
    packed = sdk.beta.skills.versions.download("latest", skill_id=skill.id).read()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["rolls/SKILL.md", "rolls/oven.py"]
        assert archive.read("rolls/oven.py") == b"hot"
    again = sdk.skills.create(files=[("rolls.zip", packed)])
    assert sdk.beta.skills.versions.download("latest", skill_id=again.id).read() == packed


def test_the_older_shape(sdk: anthropic.Anthropic) -> None:
    """Under its tag versions are named by a time, and every reply fits the OpenAPI document; versions go before their skill."""

    def sent(method: Any, schema: str, *given: Any, **more: Any) -> Any:
        reply = json.loads(method(*given, betas=[DATED], **more).text())
        assert fits(reply, schema) == []
        return reply

    skills, versions = sdk.beta.skills.with_raw_response, sdk.beta.skills.versions.with_raw_response
    skill = sent(skills.create, "BetaCreateSkillResponse", files=files(), extra_body={"display_title": "Rolls"})
    assert (skill["display_title"], skill["source"]) == ("Rolls", "custom")
    own = {"skill_id": skill["id"]}
    version = sent(versions.create, "BetaCreateSkillVersionResponse", **own, files=files())
    assert int(version["version"]) > int(skill["latest_version"])
    assert sent(versions.retrieve, "BetaGetSkillVersionResponse", version["version"], **own) == version
    refused(lambda: versions.retrieve(version["id"], **own, betas=[DATED]), "not found", anthropic.NotFoundError)
    assert sent(versions.list, "BetaListSkillVersionsResponse", limit=1, **own)["data"] == [version]
    assert sent(skills.list, "BetaListSkillsResponse", limit=1)["data"][0]["latest_version"] == version["version"]
    refused(lambda: skills.delete(skill["id"], betas=[DATED]), "Delete all versions first")
    for name in (version["version"], skill["latest_version"]):
        assert sent(versions.delete, "BetaDeleteSkillVersionResponse", name, **own)["id"] == name
    assert sent(skills.retrieve, "BetaGetSkillResponse", skill["id"])["latest_version"] is None
    refused(lambda: sdk.skills.retrieve(skill["id"]), "Skill not found", anthropic.NotFoundError)
    sent(skills.delete, "BetaDeleteSkillResponse", skill["id"])


def test_a_message_loads_skills_that_exist(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A container's skills are looked up: what is not there is a 404, and `latest` is the version that is."""
    skill = sdk.skills.create(files=files())
    for wanted, words in (
        ({"type": "custom", "skill_id": "skill_none"}, r"skills.0: Skill not found: skill_none \(custom\)"),
        ({"type": "anthropic", "skill_id": skill.id}, r"Skill not found: .* \(anthropic\)"),
        ({"type": "custom", "skill_id": skill.id, "version": "x"}, r"\(custom\), version x"),
    ):
        refused(lambda wanted=wanted: ask(sdk, wanted), words, anthropic.NotFoundError)
    loaded = ask(sdk, {"type": "custom", "skill_id": skill.id}).container.skills[0]
    assert (loaded.type, loaded.skill_id, loaded.version) == ("custom", skill.id, skill.latest_version_id)
    assert ask(sdk, {"type": "anthropic", "skill_id": "pptx"}).container.skills[0].version == "20251013"
    assert "container.skills" in [note.split(":")[0] for note in sim.requests[-1].notes]


def ask(sdk: anthropic.Anthropic, *skills: Any) -> Any:
    """Run code in a container that loads skills."""
    messages: Any = [{"role": "user", "content": "Run `ls`."}]
    return sdk.messages.create(
        model=HAIKU, max_tokens=99, messages=messages, tools=CODE, container={"skills": list(skills)}
    )
