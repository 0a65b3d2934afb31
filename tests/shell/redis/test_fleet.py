"""One limit for a fleet: what Redis divides, what it sees of a key, and clients that lose it and join again."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from keybearer import AsyncClient, Client
from keybearer.shell.redis.fleet import LIMITS
from keybearer.shell.redis.link import RedisLink
from keybearer.simulator import Simulator
from support.redis_servers import as_documented_user, needs_redis, redis_server

pytestmark = needs_redis
HELLO: Any = [{"role": "user", "content": "Hello."}]


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisLink]:
    """A connection to a running server, used as the page on fleets says."""
    folder = tmp_path_factory.mktemp("redis")
    with redis_server(folder):
        yield RedisLink(as_documented_user(folder))


class Fleet:
    """Processes that report to one pool, whose service has a bucket of requests.

    Args:
        link: The connection.
        name: The pool's.
    """

    def __init__(self, link: RedisLink, name: str) -> None:
        self._link, self._key = link, link.server.key(name, "limits")
        self._sequence: dict[str, int] = {}

    def report(self, name: str, *, wants: float = 0.0, tenant: str = "", weight: float = 1.0, **more: Any) -> Any:
        """Send a report of a process, and return its grant."""
        self._sequence[name] = self._sequence.get(name, 0) + 1
        requests = {"used": 0.0, "held": 0.0, "wants": wants, "short": 0.0, "largest": 0.0, **more.pop("requests", {})}
        report = {
            "id": name, "seq": self._sequence[name], "heard": self._sequence[name] - 1, "tenant": tenant,
            "weight": weight, "period": 60.0, "limits": {"requests": requests}, "hold": 0.0, "known": True,
            "leaving": False, "members": 0, "alone": False, "places": 0, "busy": 0, "waiting": 0, **more,
        }  # fmt: skip
        return json.loads(self._link.run(LIMITS, [self._key], [json.dumps(report)]))

    def rates(self, wanted: dict[str, tuple[float, str, float]]) -> dict[str, float]:
        """Let processes report what they want, for a tenant of a weight; return the steady rate of each."""
        for name, (wants, tenant, weight) in wanted.items():
            self.report(name, wants=wants, tenant=tenant, weight=weight)
        grants = {
            name: self.report(name, wants=wants, tenant=tenant, weight=weight)
            for name, (wants, tenant, weight) in wanted.items()
        }
        return {name: round(each["limits"]["requests"]["steady"], 3) for name, each in grants.items()}


@pytest.fixture
def fleet(link: RedisLink, request: pytest.FixtureRequest) -> Fleet:
    """A fleet of one process `first`, whose service has stated a bucket of 6,000 requests a minute, full."""
    made = Fleet(link, request.node.name.replace("_", "-")[:60])
    seen = {"remaining": 6000, "limit": 6000, "fill": 100, "age": 0.0}
    made.report("first", requests=seen)
    made.report("first", leaving=True)
    return made


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"a": (500, "", 1), "b": (500, "", 1)}, {"a": 50, "b": 50}),
        ({"a": (10, "", 1), "b": (500, "", 1)}, {"a": 10, "b": 90}),
        ({"a": (500, "x", 1), "b": (500, "y", 1), "c": (500, "y", 1)}, {"a": 50, "b": 25, "c": 25}),
        ({"a": (500, "x", 3), "b": (500, "y", 1)}, {"a": 75, "b": 25}),
        ({"a": (500, "x", 3), "b": (5, "y", 1), "c": (500, "z", 2)}, {"a": 57, "b": 5, "c": 38}),
        ({"a": (20, "x", 1), "b": (40, "y", 1)}, {"a": 40, "b": 60}),
    ],
    ids=["even", "unused", "tenants", "weights", "three", "headroom"],
)
def test_shares_are_weighted_max_min(
    fleet: Fleet, wanted: dict[str, tuple[float, str, float]], expected: dict[str, float]
) -> None:
    """Nobody has more than it wants while another wants more than it has; all of it is divided, also what nobody wants."""
    assert fleet.rates(wanted) == expected
    assert sum(expected.values()) == 100


def test_what_is_used_is_taken_from_the_bucket_and_an_unused_lease_is_not(fleet: Fleet) -> None:
    """A report says what was used; what may be used at once is never more than half of what is left."""
    grant = fleet.report("a", wants=1000.0, requests={"short": 100000.0})["limits"]["requests"]
    assert 2900 < grant["at_once"] < 3000
    fleet.report("a", requests={"used": 1000.0}, leaving=True)
    after = fleet.report("a", wants=1000.0, requests={"short": 100000.0})["limits"]["requests"]
    assert 2400 < after["at_once"] < 2600


def test_a_report_that_comes_twice_counts_once(fleet: Fleet) -> None:
    """The connection may break after it was carried out: sent again it has the same answer, reported again it is not added."""
    fleet.report("a")
    for seq in (5, 5):
        assert fleet.report("a", seq=seq, heard=4, requests={"used": 2000.0})["members"] == 1
    left = fleet.report("a", seq=6, heard=4, wants=1e3, requests={"used": 2000.0, "short": 1e5})
    assert 1900 < left["limits"]["requests"]["at_once"] < 2000


def test_the_services_own_figure_wins(fleet: Fleet) -> None:
    """Others may use the same key: a figure that is far off is taken as it is, and a limit that has changed, too."""
    seen = {"remaining": 600, "limit": 6000, "fill": 100, "age": 0.0, "short": 1e5}
    grant = fleet.report("a", wants=1e3, requests=seen)["limits"]["requests"]
    assert 285 < grant["at_once"] < 295
    stale = fleet.report("a", wants=1e3, requests={**seen, "remaining": 6000, "age": 9.0})["limits"]["requests"]
    assert stale["at_once"] < 295
    changed = fleet.report("a", wants=1e3, requests={"remaining": 300, "limit": 600, "age": 0.0})
    assert changed["limits"]["requests"]["steady"] == 10


def test_the_lease_of_a_dead_process_expires_and_counts_as_used(fleet: Fleet) -> None:
    """It is not waited for, and what it may have sent is not sent once more."""
    seen = {"remaining": 3000, "limit": 6000, "fill": 0.001, "age": 0.0}
    fleet.report("a", requests=seen)
    fleet.report("dead", wants=1e3, period=-1.34, requests={"short": 2000.0})
    grant = fleet.report("a", wants=1e3, requests={"short": 1e5})
    assert grant["members"] == 1
    assert 450 < grant["limits"]["requests"]["at_once"] < 1100


def test_a_hold_reaches_the_others(fleet: Fleet) -> None:
    """A 429 that one has got is not tried again by each."""
    fleet.report("a", hold=30.0)
    assert 29 < fleet.report("b")["hold"] <= 30


def test_who_comes_back_alone_goes_on_as_before_at_first(fleet: Fleet) -> None:
    """The others may not have noticed that anything was amiss; its second lease is a whole one again."""
    fleet.report("other", wants=1e3)
    held = {"steady": 3.0, "short": 50.0}
    grant = fleet.report("a", wants=1e3, members=2, alone=True, requests=held)["limits"]["requests"]
    assert (grant["rate"], grant["steady"], grant["at_once"]) == (3.0, 3.0, 0.0)
    assert fleet.report("a", wants=1e3, members=2, requests={"steady": 3.0})["limits"]["requests"]["rate"] > 50


def test_a_redis_that_was_emptied_leases_nobody_more_than_its_part_until_all_are_back(link: RedisLink) -> None:
    """Also one that never noticed that Redis was gone, and one that is new: the others go on with their parts."""
    fleet = Fleet(link, "emptied")
    seen = {"remaining": 3000, "limit": 6000, "fill": 100, "age": 0.0, "short": 1e5}
    grants = [
        fleet.report("a", wants=1e3, members=4, alone=True, requests={**seen, "steady": 20.0}),
        fleet.report("b", wants=1e3, members=4, requests={**seen, "steady": 30.0}),
        fleet.report("new", wants=1e3, requests=seen),
        fleet.report("a", wants=1e3, members=4, requests={**seen, "steady": 20.0}),
    ]
    parts = [each["limits"]["requests"] for each in grants]
    assert [(each["rate"], each["steady"], each["at_once"]) for each in parts] == [
        (20, 20, 0), (30, 30, 0), (25, 25, 0), (20, 20, 0)
    ]  # fmt: skip
    assert [each["members"] for each in grants] == [4, 4, 4, 4]
    last = fleet.report("c", wants=1e3, members=4, requests={**seen, "steady": 25.0})
    assert last["limits"]["requests"]["rate"] > 60


def test_a_redis_that_was_emptied_takes_the_levels_from_the_services_replies(link: RedisLink) -> None:
    """A bucket that nobody has reported on yet is not full."""
    fleet = Fleet(link, "levels")
    seen = {"limit": 6000, "fill": 100, "age": 0.0, "steady": 50.0}
    fleet.report("a", wants=1e3, members=2, alone=True, requests={**seen, "remaining": 1000})
    grant = fleet.report("b", wants=1e3, members=2, alone=True, requests={**seen, "remaining": 60})
    assert grant["limits"]["requests"]["at_once"] == 0
    grant = fleet.report("a", wants=1e3, members=2, requests={**seen, "remaining": 60, "short": 1e5})
    assert grant["limits"]["requests"]["at_once"] < 60


def test_who_wants_less_than_its_share_gets_what_it_lacks_from_the_reserve(link: RedisLink) -> None:
    """It would wait for its own slow lease else, while others have more than it."""
    fleet = Fleet(link, "reserve")
    seen = {"remaining": 500, "limit": 6000, "fill": 100, "age": 0.0}
    fleet.report("busy", wants=1e4, requests={**seen, "largest": 1000.0})
    fleet.report("light", wants=5.0, requests=seen)
    assert (
        fleet.report("busy", wants=1e4, requests={"short": 300.0, "largest": 1000.0})["limits"]["requests"]["at_once"]
        == 0
    )
    light = fleet.report("light", wants=5.0, requests={"short": 50.0})["limits"]["requests"]
    assert light["at_once"] == 50


def test_places_are_never_granted_twice(fleet: Fleet) -> None:
    """A process that joins waits until another has given back; nobody loses a place that is in use."""
    assert fleet.report("a", places=10, busy=0, waiting=20)["places"] == 10
    assert fleet.report("b", places=10, busy=0, waiting=20)["places"] == 0
    assert fleet.report("a", places=10, busy=7, waiting=20)["places"] == 7
    assert fleet.report("b", places=10, busy=0, waiting=20)["places"] == 3
    assert fleet.report("a", places=10, busy=2, waiting=20)["places"] == 5
    assert fleet.report("b", places=10, busy=3, waiting=20)["places"] == 5


def test_without_any_figure_a_few_requests_find_out(link: RedisLink) -> None:
    """One at first, whoever asks; where the service states no limits, nothing is limited."""
    fleet = Fleet(link, "unknown")
    assert fleet.report("a", known=False, waiting=5)["asked"] == 1
    assert fleet.report("b", known=False, waiting=5)["asked"] == 0
    known = fleet.report("a", limits={}, known=True)
    assert (known["known"], known["limits"]) == (True, {})


def test_nothing_in_redis_names_a_key_or_an_organization(link: RedisLink) -> None:
    """Only keyed hashes do; and every key has the prefix."""
    url = f"unix://{link.server.path}?prefix=team"
    with Simulator(tier="4") as sim:
        with Client(api_key=sim.api_key, base_url=sim.base_url, shared_limits=url, tenant="search") as client:
            message = client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=HELLO)
            organization = message.headers["anthropic-organization-id"]
            client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=HELLO)
    raw = redis.Redis(unix_socket_path=link.server.path)
    names: Any = raw.keys("team:*")
    assert sorted(name.rpartition(b":")[2] for name in names) == [b"limits", b"limits", b"organization"]
    text = repr(names) + repr([raw.hgetall(each) for each in names if each.endswith(b"limits")])
    text += repr([raw.get(each) for each in names if each.endswith(b"organization")])
    raw.close()
    assert sim.api_key not in text
    assert organization not in text


def test_an_organization_has_the_same_limits_at_each_of_its_addresses(link: RedisLink) -> None:
    """Hosts may reach the service through gateways of their own; eight fleets would each take all there is."""
    url = f"unix://{link.server.path}?prefix=addresses"
    with Simulator(tier="4") as sim:
        for host in ("127.0.0.1", "localhost"):
            base_url = sim.base_url.replace("127.0.0.1", host)
            with Client(api_key=sim.api_key, base_url=base_url, shared_limits=url) as client:
                for _ in range(2):
                    client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=HELLO)
    raw = redis.Redis(unix_socket_path=link.server.path)
    # The first process learnt whose the key is only from its first reply: until then its limits are those of the key.
    names: Any = raw.keys("addresses:*limits")
    raw.close()
    assert len(names) == 2


def test_a_client_goes_on_without_redis_and_joins_again(tmp_path: Path) -> None:
    """Both are said once, by the log and the hook; no call fails, and none waits for Redis."""
    changes: list[Any] = []
    url = f"unix://{tmp_path}/redis.sock"

    async def calls(sim: Simulator) -> None:
        client = AsyncClient(api_key=sim.api_key, base_url=sim.base_url, shared_limits=url, on_fleet=changes.append)
        ends = time.monotonic() + 30

        async def call(until: int) -> None:
            while len(changes) < until and time.monotonic() < ends:
                await client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=HELLO)
                await asyncio.sleep(0.05)

        async with client:
            with redis_server(tmp_path):
                await client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=HELLO)
            await call(1)
            with redis_server(tmp_path):
                await call(2)

    with Simulator(tier="4") as sim:
        asyncio.run(calls(sim))
        assert {each.status for each in sim.requests} == {200}
    assert [(each.joined, each.server) for each in changes] == [
        (joined, f"Redis at {tmp_path}/redis.sock") for joined in (False, True)
    ]
    assert "cannot be reached" in changes[0].reason
