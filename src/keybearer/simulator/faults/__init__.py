"""Faults on request: a table of them, each a pure function of the reply, and the queue of those that were asked for."""

from __future__ import annotations

from keybearer.simulator.faults.queue import FaultQueue
from keybearer.simulator.faults.spec import Fault, parse_fault
from keybearer.simulator.faults.table import FAULTS, Applied, StruckReply

__all__ = ["FAULTS", "Applied", "Fault", "FaultQueue", "StruckReply", "parse_fault"]
