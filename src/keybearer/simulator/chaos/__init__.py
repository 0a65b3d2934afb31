"""Chaos: a profile of rates, bursts and brown-outs that strikes requests by a seed, and the report of how the client took it."""

from __future__ import annotations

from keybearer.simulator.chaos.draws import Chaos, Fate
from keybearer.simulator.chaos.profile import ChaosProfile
from keybearer.simulator.chaos.profile_file import load_profile, profile_names
from keybearer.simulator.chaos.report import RunReport

__all__ = ["Chaos", "ChaosProfile", "Fate", "RunReport", "load_profile", "profile_names"]
