"""The lines that say what a run showed."""

from __future__ import annotations

from keybearer.simulator.control.client_findings import Finding
from keybearer.simulator.control.journal import RecordedRequest
from keybearer.simulator.process.outcome import outcome_lines


def request(name: str) -> RecordedRequest:
    """Make a journal's entry."""
    return RecordedRequest(at=0.0, method="POST", path="/v1/messages", query={}, headers={}, body=b"", request_id=name)


def test_findings_are_about_the_client_and_gaps_are_not() -> None:
    """Each finding has its requests; a gap is counted apart, once for all requests that met it."""
    requests = [request("req_1"), request("req_2"), request("req_3")]
    findings = [Finding("storm", "sent too much", ["req_2", "req_3"])]
    gaps = [Finding("simulator-gap", "a new field", ["req_1", "req_2"])]
    assert outcome_lines(requests, findings, gaps) == [
        "3 requests, 1 finding about the client",
        "  storm: sent too much (req_2, req_3)",
        "1 gap of the simulator itself, not the client's fault",
        "  a new field (req_1, req_2)",
    ]


def test_a_run_without_requests_says_where_to_look() -> None:
    """A command that asked nothing has probably not read the variable."""
    assert outcome_lines([], [], []) == [
        "no requests, no findings about the client",
        "  does the command take its address from ANTHROPIC_BASE_URL?",
    ]
