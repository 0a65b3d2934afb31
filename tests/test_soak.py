"""What the soak judges by: what grows is found, and what comes and goes is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench.soak_faults import profile

from keybearer.simulator.chaos.profile import make_profile
from keybearer.simulator.faults import FAULTS
from support.growth import growth

RESULT = Path(__file__).parents[1] / "bench" / "soak.json"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([50.0, 70.0, 80.0, *[80.0] * 6], 0.0),
        ([float(each) for each in range(9)], 5.0),
        ([5.0] * 6 + [5.0, 900.0, 5.0], 0.0),
        ([9.0, 8.0, 7.0, 6.0, 5.0, 4.0], -3.0),
        ([1.0, 2.0, 3.0], 1.0),
    ],
    ids=["warming up", "a leak", "an outlier", "falling", "the least"],
)
def test_what_grows_is_found_and_what_comes_and_goes_is_not(values: list[float], expected: float) -> None:
    """The first third is warming up, one outlier counts for nothing, and a leak counts in full."""
    assert growth(values) == expected


def test_every_fault_strikes_in_a_soak() -> None:
    """The profile has every fault of the simulator but those of the token endpoint, and 5 % of the requests are struck."""
    made = make_profile(profile(0.05), "soak")
    struck = {rule.fault.name for rule in made.rules}
    assert struck == {"error", *(name for name in FAULTS if not name.startswith("oauth_"))}
    assert sum(rule.rate for rule in made.rules) == pytest.approx(0.05)


@pytest.mark.skipif(not RESULT.exists(), reason="`make soak` writes it, in half an hour")
def test_the_committed_soak_held() -> None:
    """Half an hour, both clients: nothing grew, nothing was wrong, and every fault struck."""
    result = json.loads(RESULT.read_text(encoding="utf-8"))
    assert result["holds"]
    assert result["wrong"] == result["findings"] == []
    assert result["seconds"] >= 1750
    assert all(result["struck"].values())
