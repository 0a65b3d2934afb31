"""Chaos profiles: what they may say, and how a wrong one is refused."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.simulator.chaos.profile import Brownout, Burst, make_profile
from keybearer.simulator.control.wrong import ScriptError

HALF = {"fault": "529", "rate": 0.5}


def test_a_whole_profile() -> None:
    """Each key of the docs arrives as a value."""
    profile = make_profile(
        {
            "seed": 9,
            "tolerate": "10%",
            "faults": [
                {"fault": "529; retry_after=1", "rate": "2.5%", "match": {"path": "messages$", "model": "opus"}},
                {"name": "row", "fault": "drop", "burst": {"requests": 2, "every": 9}},
            ],
            "brownouts": [
                {"start": 60, "seconds": 30, "every": 300, "raise": 4, "first_byte": 2, "tokens_per_second": 20,
                 "faults": [{"fault": "529", "burst": {"requests": 3, "every_seconds": 10}}]},
            ],
        },
        "mine",
    )  # fmt: skip
    rated, row, inner = profile.every_rule
    assert (profile.name, profile.seed, profile.tolerate) == ("mine", 9, 0.1)
    assert (rated.name, rated.rate, rated.match.shown) == ("529; retry_after=1", 0.025, {"model": "opus"})
    assert (row.name, row.burst) == ("row", Burst(requests=2, every=9))
    assert inner.burst == Burst(requests=3, every_seconds=10)
    assert [profile.brownouts[0].is_on(at) for at in (0, 59.9, 60, 89.9, 90, 359, 361, 391)] == [
        False, False, True, True, False, False, True, False,
    ]  # fmt: skip
    assert [Brownout(start=5, seconds=2).is_on(at) for at in (4, 5, 7, 500)] == [False, True, False, False]


@pytest.mark.parametrize(
    ("value", "words", "path"),
    [
        ([], "should be a mapping, not list", ()),
        ({}, "has `faults` or `brownouts`", ()),
        ({"fault": []}, "has no 'fault'; did you mean 'faults'?", ("fault",)),
        ({"seed": "x", "faults": [HALF]}, "seed should be a whole number", ("seed",)),
        ({"faults": [{"fault": "overloadd", "rate": 1}]}, "did you mean 'overloaded'?", ("faults", 0, "fault")),
        ({"faults": [{"fault": "cut; after=3", "rate": 1}]}, "has no 'after'", ("faults", 0, "fault")),
        (
            {"faults": [{"fault": "529; times=2", "rate": 1}]},
            "is its `rate`, `burst` and `match`",
            ("faults", 0, "fault"),
        ),
        ({"faults": [HALF, {"fault": "drop"}]}, "a `rate` or a `burst`", ("faults", 1)),
        ({"faults": [{**HALF, "rate": 1.5}]}, "a share such as `5%` or `0.05`, not 1.5", ("faults", 0, "rate")),
        ({"faults": [{**HALF, "rate": "150%"}]}, "a share such as", ("faults", 0, "rate")),
        ({"faults": [{**HALF, "rte": 1}]}, "did you mean 'rate'?", ("faults", 0, "rte")),
        ({"faults": [HALF, {"fault": "drop", "rate": 0.6}]}, "110% together", ("faults",)),
        ({"faults": [HALF, HALF]}, "two faults are called '529'", ()),
        ({"faults": [{**HALF, "match": {"modle": "x"}}]}, "did you mean 'model'?", ("faults", 0, "match", "modle")),
        ({"faults": [{**HALF, "match": {"path": "("}}]}, "is no regular expression", ("faults", 0, "match", "path")),
        (
            {"faults": [{"fault": "cut; phase=text", "rate": 1, "match": {"stream": False}}]},
            "needs a stream",
            ("faults", 0, "match", "stream"),
        ),
        (
            {"faults": [{"fault": "drop", "burst": {"requests": 5, "every": 3}}]},
            "does not fit into every 3",
            ("faults", 0, "burst", "every"),
        ),
        (
            {"faults": [{"fault": "drop", "burst": {"requests": 5}}]},
            "`every_seconds`: one of them",
            ("faults", 0, "burst"),
        ),
        ({"brownouts": [{"seconds": 5}]}, "nothing is worse in it", ("brownouts", 0)),
        ({"brownouts": [{"raise": 5}]}, "how many `seconds`", ("brownouts", 0)),
        ({"brownouts": [{"seconds": 9, "every": 5, "raise": 2}]}, "begins again every 5 s", ("brownouts", 0, "every")),
    ],
)
def test_a_wrong_profile_is_refused(value: Any, words: str, path: tuple[str | int, ...]) -> None:
    """The words say what to write, and the path where."""
    with pytest.raises(ScriptError) as caught:
        make_profile(value, "mine")
    assert words in str(caught.value)
    assert caught.value.path == path
