"""Chaos profiles by name and by file."""

from __future__ import annotations

from pathlib import Path

import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.chaos.profile_file import load_profile, profile_names


def test_the_shipped_profiles_are_whole() -> None:
    """Each has a seed of its own and strikes with something."""
    profiles = [load_profile(name) for name in profile_names()]
    assert [profile.name for profile in profiles] == ["bad-network", "busy-monday", "calm", "overload-evening"]
    assert len({profile.seed for profile in profiles}) == 4
    assert all(profile.every_rule for profile in profiles)


def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path) -> None:
    """At the start, before any request, with the nearest key."""
    path = tmp_path / "mine.yaml"
    path.write_text("seed: 1\nfaults:\n  - fault: overloaded\n    rat: 5%\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"mine\.yaml: line 4: .*has no 'rat'; did you mean 'rate'\?"):
        Simulator(chaos=path)


def test_a_name_that_does_not_exist_is_refused() -> None:
    """With the nearest name, or all of them."""
    with pytest.raises(ValueError, match="did you mean 'busy-monday'"):
        load_profile("busy-mondy")
    with pytest.raises(ValueError, match="the package has bad-network, busy-monday, calm, overload-evening"):
        load_profile("x.yaml")
