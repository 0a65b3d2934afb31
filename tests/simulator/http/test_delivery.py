"""What is written to a client: no value can split a header."""

from __future__ import annotations

import urllib3

from keybearer.simulator import Simulator


def test_a_header_is_never_split(sim: Simulator) -> None:
    """Line ends and other letters in a header's value are percent-encoded."""
    sim.fail("redirect", location="http://127.0.0.1:9/a\r\nset-cookie: a=b é")
    with urllib3.PoolManager() as http:
        headers = {"x-api-key": sim.api_key, "anthropic-version": "2023-06-01"}
        reply = http.request("GET", sim.base_url + "/v1/models", headers=headers, redirect=False, retries=False)
    assert reply.status == 307
    assert reply.headers["location"] == "http://127.0.0.1:9/a%0D%0Aset-cookie: a=b %C3%A9"
    assert "set-cookie" not in reply.headers
