"""A sample of `make store-figures`: one login in Redis for processes that are killed, in namespaces of their own as root."""

from __future__ import annotations

import json
import os
import sys

from e2e.running import ROOT, run
from support.redis_servers import needs_redis


@needs_redis
def test_one_request_a_rotation() -> None:
    """With kills at random moments, no refresh token is sent twice, and each rotation is one request."""
    few = ["--rotations", "40", "--processes", "3", "--clients", "8", "--limit", "120"]
    path = {"PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{ROOT}"}
    found = json.loads(run(sys.executable, "-m", "bench.store", *few, cwd=ROOT, environment=path))
    assert found["rotations"] >= 40
    assert (found["refresh_tokens_sent_twice"], found["revoked_logins"], found["holds"]) == (0, 0, True)
    assert found["requests_without_a_rotation"] <= found["left_in_doubt"]
