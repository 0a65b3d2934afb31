"""What a run showed: each fault of the profile with what became of it, and the findings about the client; in words."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from keybearer.simulator.chaos.tally import FaultOutcome
from keybearer.simulator.control.client_findings import Finding

__all__ = ["RunReport", "counted"]


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: `no requests`, `1 request`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


class RunReport(Struct, frozen=True, kw_only=True):
    """The report of a run.

    Args:
        profile: The name of the chaos profile; None without one.
        seeds: The profile's seed and the simulator's.
        tolerate: The share of a fault's struck requests that the client may give up.
        requests: How many requests came.
        outcomes: What became of each fault of the profile.
        findings: What the client did wrong.
        began: When the simulator was started or reset, on its clock, in seconds since the epoch.
        seconds: How long ago that is, on its clock.
    """

    profile: str | None
    seeds: tuple[int, int]
    tolerate: float
    requests: int
    outcomes: Sequence[FaultOutcome]
    findings: Sequence[Finding]
    began: float
    seconds: float

    def is_bad(self, outcome: FaultOutcome) -> bool:
        """Return whether the client gave up more of a fault's requests than the profile tolerates."""
        return outcome.given_up > self.tolerate * outcome.struck

    @property
    def given_up(self) -> list[FaultOutcome]:
        """The faults of which the client gave up too many requests."""
        return [outcome for outcome in self.outcomes if self.is_bad(outcome)]

    @property
    def is_ok(self) -> bool:
        """Whether the client did nothing wrong, and gave up no more than is tolerated."""
        return not self.findings and not self.given_up

    def words(self, outcome: FaultOutcome) -> str:
        """Say what became of one fault."""
        if not outcome.struck:
            return "struck no request" + (f"; {outcome.missed} had no such part" if outcome.missed else "")
        said = [
            f"struck {counted(outcome.struck, 'request')}",
            f"{outcome.recovered} recovered",
            *([f"{outcome.answered} answered in spite of it"] if outcome.answered else []),
            *([f"{outcome.final} rightly not tried again"] if outcome.final else []),
            f"{outcome.given_up} given up",
            counted(outcome.extra, "extra request"),
        ]
        return ", ".join(said)

    def lines(self) -> list[str]:
        """Say it in lines for a person; none without a profile, for the findings have lines of their own."""
        if self.profile is None:
            return []
        struck = sum(outcome.struck for outcome in self.outcomes)
        seed, own = self.seeds
        head = (
            f"chaos {self.profile} (seed {seed}, --seed {own}): {struck} of {counted(self.requests, 'request')} struck"
        )
        marks = {
            outcome.name: "gave up" if self.is_bad(outcome) else "ok" if outcome.struck else "-"
            for outcome in self.outcomes
        }
        return [head, *(f"  {marks[each.name]:7} {each.name}: {self.words(each)}" for each in self.outcomes)]
