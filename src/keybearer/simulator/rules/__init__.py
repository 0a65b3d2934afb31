"""The rules: what the service refuses in a message request, as a table of small functions."""

from __future__ import annotations

from keybearer.simulator.rules.table import RULES, check_names, check_request

__all__ = ["RULES", "check_names", "check_request"]
