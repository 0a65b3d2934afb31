"""Requests of some size on a platform of the simulator, where an image is nearly always one."""

from __future__ import annotations

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.http.intake import SMALL_BYTES
from keybearer.simulator.http.routes import LARGEST_BODY
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


@pytest.mark.parametrize("prerender", [False, True])
@pytest.mark.parametrize(
    ("size", "key", "words"),
    [
        (2 * SMALL_BYTES, {}, "Without a key"),
        (LARGEST_BODY + 1, {"authorization": "Bearer ya29.sim-1"}, "maximum size"),
    ],
)
def test_a_body_that_is_too_large_is_said_to_be_so(
    size: int, key: dict[str, str], words: str, *, prerender: bool
) -> None:
    """Nobody may send much without a credential, and nobody more than the API takes."""
    with Simulator(Options(provider=frozenset({"vertex"}), prerender=prerender)) as sim:
        asked = Request(sim.base_url + PATH, data=b"x" * size, headers=key)  # noqa: S310 - loopback
        with pytest.raises(HTTPError) as refused:
            urlopen(asked, timeout=20)  # noqa: S310 - loopback
        assert refused.value.code == 413
        assert words in refused.value.read().decode()
        refused.value.close()
