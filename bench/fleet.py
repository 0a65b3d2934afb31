"""How well a fleet shares one limit: 32 processes in 8 network namespaces, while Redis is killed and started again, twice.

    python -m bench.fleet --seconds 120 [--beside PYTHON] [--write]

The simulator has the buckets of a tier. Four tenants share them, one with twice the weight of the others, and one that wants less than
its share. Requests are of mixed sizes. Each namespace has its own loopback interface, whose connections a relay takes to the simulator
and to Redis; a user who may not make namespaces gets processes on one interface, and the result says so.

It prints JSON. It fails when less than 98 % of the tightest bucket is used, when more than 0.1 % of the requests are answered 429,
when a tenant has less than 90 % of its share, or when a request costs a tenth of a round trip or more.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.fleet_load import MODEL
from bench.fleet_relay import relay

from keybearer.simulator import Simulator
from keybearer.simulator.service.rate_limits import TIERS

ROOT: Final = Path(__file__).parent.parent
PROCESSES: Final = 32
NAMESPACES: Final = 8
WHOLE: Final = 120.0
"""So many seconds make more than 10,000 requests; a shorter run is a sample, of which less is asked."""
TIER: Final = "4"
"""Two cores serve it: 67 requests a second once the buckets are empty, and a few hundred before that."""
DOWN: Final = 5.0
"""How long Redis is gone each time, in seconds."""
CALM: Final = 10.0
"""How long after the last process was ready all begin, in seconds: each has left the limits of what it asked first."""
SETTLED: Final = 10.0
"""How long after it is back a 429 counts as one of the return, in seconds."""

LIMITS: Final = {
    "requests": TIERS[TIER].requests,
    "input-tokens": TIERS[TIER].input_tokens,
    "output-tokens": TIERS[TIER].output_tokens,
}
PEERS: Final = ("litellm", "token-throttle")
PEER_FIGURES: Final = (
    "seconds", "requests", "tightest", "capacity_used", "refused_429", "refused_share", "refused_when", "failed"
)  # fmt: skip
"""What else is measured with the same requests, and what is kept of that."""

TENANTS: Final = (("heavy", 2.0, 8, 0.0), ("one", 1.0, 8, 0.0), ("other", 1.0, 8, 0.0), ("light", 1.0, 1, 1.2))
"""A tenant's name, its weight, how many requests each of its processes has under way, and the pause between two, in seconds."""


class Redis:
    """A Redis that can be killed and started again.

    Args:
        folder: Where its socket is.
    """

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        assert program is not None, "the figure needs redis-server"
        self._folder = folder
        self._command = [
            program,
            "--port",
            "0",
            "--unixsocket",
            str(folder / "redis.sock"),
            "--save",
            "",
            "--dir",
            str(folder),
        ]
        self.commands = 0
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        (self._folder / "redis.sock").unlink(missing_ok=True)
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        while self._count() is None:
            time.sleep(0.01)

    def begin(self) -> None:
        """Count commands from now on."""
        self.commands = -(self._count() or 0)

    def kill(self) -> None:
        """Kill it, after its commands are counted."""
        self.commands += self._count() or 0
        self._process.kill()
        self._process.wait()

    def _count(self) -> int | None:
        """Return how many commands clients have sent for the limits; None while it does not answer."""
        import redis

        with (
            contextlib.suppress(redis.RedisError),
            redis.Redis(unix_socket_path=str(self._folder / "redis.sock")) as asked,
        ):
            stated: Any = asked.info("commandstats")
            return sum(
                int(stated.get(f"cmdstat_{name}", {}).get("calls", 0)) for name in ("eval", "evalsha", "get", "set")
            )
        return None


@contextlib.contextmanager
def hosts(folder: Path, port: int) -> Iterator[tuple[list[list[str]], bool]]:
    """Make the namespaces; give what a command is begun with in each, and whether they are namespaces.

    Args:
        folder: Where Redis' socket is.
        port: The simulator's.
    """
    started = []
    threading.Thread(target=relay, args=(folder / "sim.sock", f"127.0.0.1:{port}"), daemon=True).start()
    enter = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    real = subprocess.run([*enter, "true"], capture_output=True, check=False).returncode == 0
    # The same two ports in each: a fleet has one address for the service, and the limits of another address would not be shared.
    ports = _free_ports(2)
    prefixes: list[list[str]] = []
    try:
        for _ in range(NAMESPACES if real else 1):
            command = [*(enter if real else []), sys.executable, "-m", "bench.fleet_relay", str(folder), *ports]
            host = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            started.append(host)
            assert host.stdout is not None
            assert host.stdout.readline() == "ready\n"
            within = ["nsenter", "--net", "--target", str(host.pid)] if os.geteuid() == 0 else None
            within = within or ["nsenter", "--user", "--preserve-credentials", "--net", "--target", str(host.pid)]
            prefixes.append([*ports, *(within if real else [])])
        yield prefixes, real
    finally:
        for each in started:
            each.kill()
            each.wait()


def _free_ports(count: int) -> list[str]:
    """Return ports that nobody uses now."""
    with contextlib.ExitStack() as taken:
        sockets = [taken.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [str(each.getsockname()[1]) for each in sockets]


def run(seconds: float, peer: str = "", python: str = sys.executable) -> dict[str, Any]:
    """Run the fleet; return what came of it.

    Args:
        seconds: How long.
        peer: What sends the requests in place of our client, as `bench/fleet_peers/work.py` knows it.
        python: The interpreter that has the peer.
    """
    module = "bench.fleet_peers.work" if peer else "bench.fleet_work"
    with tempfile.TemporaryDirectory() as name, Simulator(tier=TIER) as sim:
        folder = Path(name)
        server = Redis(folder)
        with hosts(folder, int(sim.base_url.rpartition(":")[2])) as (prefixes, real):
            crowd = []
            for number in range(PROCESSES):
                tenant, weight, at_once, pause = TENANTS[number // NAMESPACES % len(TENANTS)]
                sim_port, redis_port, *within = prefixes[number % len(prefixes)]
                task = {
                    "seed": number, "key": sim.api_key, "url": f"http://127.0.0.1:{sim_port}",
                    "redis": f"redis://127.0.0.1:{redis_port}", "tenant": tenant, "weight": weight,
                    "at_once": at_once, "pause": pause, "seconds": seconds, "with": peer, "limits": LIMITS,
                }  # fmt: skip
                command = [*within, python, "-m", module, json.dumps(task)]
                environment = os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # it would fetch one, and wait
                crowd.append(
                    subprocess.Popen(
                        command,
                        cwd=ROOT,
                        env=environment,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.DEVNULL if peer else None,
                        text=True,
                    )
                )
            try:
                outcomes, outages, replies = _go(crowd, server, seconds, sim)
            finally:
                for each in crowd:
                    each.kill()
                    each.wait()
                server.kill()
    return result(outcomes, seconds, server.commands, outages, replies, real=real)


def _go(
    crowd: list[subprocess.Popen[str]], server: Redis, seconds: float, sim: Simulator
) -> tuple[list[Any], list[tuple[float, float]], list[tuple[float, int]]]:
    """Let all begin at once, kill Redis twice; return what each says, from when to when Redis was gone, and each reply."""
    for each in crowd:
        assert each.stdout is not None
        assert any(line == "ready\n" for line in each.stdout)  # a library may write something before
    time.sleep(CALM)
    server.begin()
    for each in crowd:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    begun = time.monotonic()
    outages: list[tuple[float, float]] = []
    replies: dict[str, tuple[float, int]] = {}
    for share in (0.4, 0.7):
        time.sleep(max(0.0, begun + share * seconds - time.monotonic()))
        killed = time.time()
        server.kill()
        time.sleep(min(DOWN, seconds / 20))
        server.start()
        outages.append((killed, time.time()))
        replies |= _replies(sim)
    outcomes = []
    for each in crowd:
        assert each.stdout is not None
        outcomes.append(json.loads(each.stdout.read().strip().rpartition("\n")[2]))
        each.wait()
    replies |= _replies(sim)
    return outcomes, outages, list(replies.values())


def _replies(sim: Simulator) -> dict[str, tuple[float, int]]:
    """Return when the requests of the run came and their statuses, by the request's id; the simulator keeps the last 10,000."""
    return {
        each.request_id: (each.at, each.status)
        for each in sim.requests
        if each.path == "/v1/messages" and MODEL.encode() in each.body and each.status
    }


def fair_shares(amount: float, wants: dict[str, float]) -> dict[str, float]:
    """Return what each tenant's share is, by weights; none has more than it wants. Written apart from what is measured."""
    weights = {name: weight for name, weight, _, _ in TENANTS}
    shares: dict[str, float] = {}
    while len(shares) < len(wants):
        level = (amount - sum(shares.values())) / sum(weights[name] for name in wants if name not in shares)
        small = {name: wants[name] for name in wants if name not in shares and wants[name] <= level * weights[name]}
        shares |= small or {name: level * weights[name] for name in wants if name not in shares}
    return shares


def _when(refused: list[float], outages: list[tuple[float, float]]) -> dict[str, int]:
    """Return how many of the 429s came while Redis was gone, in the `SETTLED` seconds after, and at other times."""
    gone = sum(start <= each < end for each in refused for start, end in outages)
    after = sum(end <= each < end + SETTLED for each in refused for _, end in outages)
    return {"redis_gone": gone, "just_after": after, "else": len(refused) - gone - after}


def result(
    outcomes: list[Any],
    seconds: float,
    commands: int,
    outages: list[tuple[float, float]],
    replies: list[tuple[float, int]],
    *,
    real: bool,
) -> dict[str, Any]:
    """Return the figures, and whether they hold."""
    used = {name: sum(each["used"][name] for each in outcomes) for name in LIMITS}
    shares = {name: used[name] / (LIMITS[name] * (1 + seconds / 60)) for name in LIMITS}
    tightest = max(shares, key=lambda name: shares[name])
    by_tenant = {name: 0.0 for name, *_ in TENANTS}
    answered = dict.fromkeys(by_tenant, 0)
    failed: dict[str, int] = {}
    for each in outcomes:
        by_tenant[each["tenant"]] += each["used"][tightest]
        answered[each["tenant"]] += each["used"]["requests"]
        for name, count in each["failed"].items():
            failed[name] = failed.get(name, 0) + count
    # The light tenant asks for a request each pause and worker. What one takes is its own average: few requests, of sizes far apart.
    light = next(each for each in TENANTS if each[3])
    asked = seconds / light[3] * light[2] * sum(each["tenant"] == light[0] for each in outcomes)
    each_takes = by_tenant[light[0]] / max(1, answered[light[0]])
    wants = {name: float("inf") for name in by_tenant} | {light[0]: asked * each_takes}
    fair = fair_shares(sum(by_tenant.values()), wants)
    tenants = {name: round(by_tenant[name] / max(1.0, fair[name]), 3) for name in by_tenant}
    refused = [at for at, status in replies if status == 429]
    figures = {
        "processes": len(outcomes),
        "namespaces": NAMESPACES if real else 0,
        "tier": TIER,
        "seconds": seconds,
        "requests": len(replies),
        "tightest": tightest,
        "capacity_used": round(shares[tightest], 4),
        "refused_429": len(refused),
        "refused_share": round(len(refused) / max(1, len(replies)), 5),
        "refused_when": _when(refused, outages),
        "tenants_of_their_share": tenants,
        "round_trips_a_request": round(commands / max(1, len(replies)), 4),
        "redis_killed": len(outages),
        "lost_and_joined": [sum(each.get("changes", []).count(what) for each in outcomes) for what in (False, True)],
        "failed": failed,
    }
    whole = seconds >= WHOLE
    figures["holds"] = (
        shares[tightest] >= (0.98 if whole else 0.4)
        and len(refused) <= len(replies) / (1000 if whole else 100)
        and min(tenants.values()) >= (0.9 if whole else 0.4)
        and commands / max(1, len(replies)) < (0.1 if whole else 0.5)
    )
    return figures


def main() -> int:
    """Measure, print, and return whether the figures hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=WHOLE)
    parser.add_argument(
        "--beside", metavar="PYTHON", default="", help="an interpreter that has LiteLLM and token-throttle"
    )
    parser.add_argument("--write", action="store_true", help="write bench/fleet.json")
    args = parser.parse_args()
    for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
        del os.environ[name]
    figures = run(args.seconds)
    print(json.dumps(figures, indent=1), flush=True)
    if args.beside:
        figures["beside"] = {}
        for peer in PEERS:
            of_peer = run(args.seconds, peer, str(Path(args.beside).absolute()))
            # Neither knows tenants, and each counts in Redis in its own way.
            kept = {name: of_peer[name] for name in PEER_FIGURES}
            figures["beside"][peer] = kept
            print(json.dumps({peer: kept}, indent=1), flush=True)
    if args.write:
        (ROOT / "bench" / "fleet.json").write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if figures["holds"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
