"""What a run showed, in lines for a person: the findings about the client, and apart from them the simulator's own gaps."""

from __future__ import annotations

from collections.abc import Sequence

from keybearer.simulator.control.client_findings import Finding
from keybearer.simulator.control.journal import RecordedRequest

__all__ = ["outcome_lines"]


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def outcome_lines(
    requests: Sequence[RecordedRequest], findings: Sequence[Finding], gaps: Sequence[Finding]
) -> list[str]:
    """Say what the client did wrong, and what the simulator could not judge.

    Args:
        requests: The journal.
        findings: The findings about the client.
        gaps: The gaps of the simulator.

    Returns:
        The lines.
    """
    lines = [f"{_count(len(requests), 'request')}, {_count(len(findings), 'finding')} about the client"]
    lines += [f"  {finding.kind}: {finding.message} ({', '.join(finding.request_ids)})" for finding in findings]
    if not requests:
        lines.append("  does the command take its address from ANTHROPIC_BASE_URL?")
    if gaps:
        lines.append(f"{_count(len(gaps), 'gap')} of the simulator itself, not the client's fault")
        lines += [f"  {gap.message} ({', '.join(gap.request_ids)})" for gap in gaps]
    return lines
