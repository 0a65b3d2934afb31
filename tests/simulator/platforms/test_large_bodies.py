"""Requests of some size on a platform of the simulator, where an image is nearly always one."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.http.intake import SMALL_BYTES
from keybearer.simulator.options import Options
from keybearer.simulator.platforms.callers import TOKENS

PATH = "/vertex/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-haiku-4-5:rawPredict"


@pytest.mark.parametrize("prerender", [False, True])
def test_a_large_body_is_answered(*, prerender: bool) -> None:
    """Whether it comes in one piece or in several, the body in the API's own form is the one that is read."""
    with Simulator(Options(provider=frozenset({"vertex"}), prerender=prerender)) as sim:
        headers = {"authorization": f"Bearer {TOKENS['google']}1", "content-type": "application/json"}
        for size in (SMALL_BYTES // 2, SMALL_BYTES, 2 * SMALL_BYTES, 5 * SMALL_BYTES):
            turns = [{"role": "user", "content": "x " * (size // 2)}]
            body = {"anthropic_version": "2026-10-21", "max_tokens": 10, "messages": turns}
            asked = Request(sim.base_url + PATH, data=json.dumps(body).encode(), headers=headers)  # noqa: S310 - loopback
            for _ in range(2):
                with urlopen(asked, timeout=20) as reply:  # noqa: S310 - loopback
                    assert json.load(reply)["usage"]["input_tokens"] > size // 8
