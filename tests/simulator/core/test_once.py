"""What is worked out when it is first read."""

from __future__ import annotations

import pytest
from msgspec import Struct

from keybearer.simulator.core.once import MadeOnDemand, once


class Frozen(Struct, frozen=True, dict=True):
    """A value with a property that is costly."""

    made: list[int]

    @once
    def total(self) -> int:
        """The sum."""
        self.made.append(len(self.made))
        return len(self.made)


def test_a_property_is_worked_out_once() -> None:
    """For each value on its own, and not part of what makes two values equal."""
    first, second = Frozen([]), Frozen([0, 1])
    assert (first.total, first.total, second.total) == (1, 1, 3)
    assert first == Frozen([0])
    assert Frozen.total.__doc__ == "The sum."


def test_a_mapping_is_made_when_it_is_read() -> None:
    """Once, and read as any mapping is."""
    asked: list[str] = []

    def make() -> dict[str, int]:
        asked.append("made")
        return {"one": 1}

    mapping = MadeOnDemand(make)
    assert asked == []
    assert (mapping["one"], mapping.get("two"), "two" in mapping, dict(mapping), len(mapping)) == (
        1,
        None,
        False,
        {"one": 1},
        1,
    )
    assert asked == ["made"]
    with pytest.raises(KeyError):
        mapping["two"]
