"""The skills that messages may name, and how a version is found."""

from __future__ import annotations

import pytest

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.ids import Ids
from keybearer.simulator.service.skill_upload import SkillUpload
from keybearer.simulator.service.skills import SkillStore, StoredSkill, resolve_skill

UPLOAD = SkillUpload("rolls", "Bakes.", {"SKILL.md": b"x"})


@pytest.fixture
def clock() -> SimulatedClock:
    """Return a clock that stands still."""
    made = SimulatedClock()
    made.freeze()
    return made


@pytest.fixture
def store(clock: SimulatedClock) -> SkillStore:
    """Return a store with Anthropic's skills only."""
    return SkillStore(clock, Ids(1))


@pytest.fixture
def skill(store: SkillStore) -> StoredSkill:
    """Make a skill of two versions."""
    made = store.add("org_1", "Rolls", UPLOAD)
    store.add_version(made, UPLOAD)
    return made


def test_versions_made_at_once_have_times_of_their_own(skill: StoredSkill) -> None:
    """A clock that stands still does not give two versions one name."""
    first, second = skill.versions.values()
    assert int(second.epoch) == int(first.epoch) + 1
    assert skill.latest is second


@pytest.mark.parametrize("dated", [False, True])
def test_which_version_a_message_names(store: SkillStore, skill: StoredSkill, *, dated: bool) -> None:
    """A version is found by its id, its time or `latest`, and named as the request's tags say."""
    first, second = skill.versions.values()
    known = store.known_to("org_1")
    for asked, found in ((None, second), ("latest", second), (first.id, first), (first.epoch, first), ("x", None)):
        wanted = {"type": "custom", "skill_id": skill.id, **({"version": asked} if asked else {})}
        name = None if found is None else found.epoch if dated else found.id
        assert resolve_skill(known, wanted, dated=dated) == name


def test_who_sees_which_skill(store: SkillStore, skill: StoredSkill) -> None:
    """An organization sees its own skills and Anthropic's, and a skill is of one kind."""
    assert set(store.visible_to("org_2")) == {"docx", "pdf", "pptx", "xlsx"}
    pdf = {"type": "anthropic", "skill_id": "pdf"}
    assert resolve_skill(store.known_to("org_2"), pdf, dated=False) == "20251013"
    own = {"type": "custom", "skill_id": skill.id}
    assert resolve_skill(store.known_to("org_2"), own, dated=False) is None
    assert resolve_skill(store.known_to("org_1"), {**own, "type": "anthropic"}, dated=False) is None
    store.remove(skill)
    assert resolve_skill(store.known_to("org_1"), own, dated=False) is None
