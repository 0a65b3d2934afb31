"""A fleet under full load whose Redis goes, on a virtual clock: what it uses, what is refused, and who gets how much."""

from __future__ import annotations

from pathlib import Path

import pytest

from keybearer.config.redis_server import RedisServer
from keybearer.shell.redis.link import RedisLink
from support.fleet_model import TENANTS, FleetModel
from support.redis_servers import needs_redis, redis_server
from support.whole import WHOLE

pytestmark = needs_redis


@pytest.mark.parametrize(
    "forgets", [True, False] if WHOLE else [True], ids=["emptied", "away"] if WHOLE else ["emptied"]
)
def test_a_fleet_keeps_to_its_limits_although_redis_goes_twice(tmp_path: Path, *, forgets: bool) -> None:
    """Nothing is refused, nothing is left unused but what is held back, and every tenant has its share."""
    seconds, outages = (120.0, ((48.0, 5.0), (84.0, 20.0))) if WHOLE else (45.0, ((20.0, 3.0), (32.0, 3.0)))
    processes, tier = (32, "4") if WHOLE else (8, "3")
    with redis_server(tmp_path):
        link = RedisLink(RedisServer(path=str(tmp_path / "redis.sock")))
        fleet = FleetModel(link, tier=tier, processes=processes, forgets=forgets)
        fleet.run(seconds, outages)
        link.close()
    refused = sum(status == 429 for _, status in fleet.statuses)
    assert refused <= len(fleet.statuses) / 1000
    assert fleet.capacity_used(seconds) >= (0.98 if WHOLE else 0.9)
    assert fleet.reports < len(fleet.statuses) * 0.1
    shares = fleet.tenants(seconds)
    assert min(shares.values()) >= 0.9, shares
    assert set(shares) == {name for name, *_ in TENANTS}
