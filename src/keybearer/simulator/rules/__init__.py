"""Everything that the service refuses in a request for a message, as a table of small functions."""

from __future__ import annotations

from keybearer.simulator.rules.table import RULES, check_names, check_request

__all__ = ["RULES", "check_names", "check_request"]
