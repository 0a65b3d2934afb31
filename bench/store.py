"""Whether one login serves a fleet: processes that are killed at random, each in a network namespace of its own, with many clients.

    python -m bench.store --rotations 1000 [--processes 16] [--clients 64] [--logins 4] [--write]

The logins are in a real Redis, and the simulator's authorization server rotates each refresh token without any grace: one that is
sent a second time revokes its login. Processes are killed at random moments, half of them while they hold a login; where that leaves a
login in doubt, this program logs in again, as a person would. The simulator's journal says how many token requests there were.

Tokens live for two seconds and are refreshed after one. The token endpoint takes 30 ms, so that kills fall into requests. Each
namespace reaches Redis over a bridge, and the simulator through a relay on its own loopback interface, for tokens go over http nowhere
else. Without root there are no namespaces, and the result says so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
from bench.namespaces import HOST, can_make_namespaces, namespaces
from bench.relay import relay

from keybearer.config.loader import load_config
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.stores.register_store import RegisterStore
from keybearer.credentials.stores.shared_login import SharedLogin
from keybearer.shell.redis.login_store import RedisRegister, login_server, login_store
from keybearer.simulator import Simulator
from keybearer.types.secret import Secret
from support.redis_servers import free_port, redis_server

ROOT: Final = Path(__file__).parent.parent
LIFE: Final = 2
"""How long an access token lives, in seconds."""
DELAY: Final = 0.03
"""How long the token endpoint takes, in seconds."""
TICK: Final = 0.05
KILLS_EACH: Final = 2.5
"""How often a process is killed on average, in seconds."""
KEY: Final = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
"""A key for what the simulator has issued."""
PROVIDER: Final = """\
  {name}:
    base_url: http://127.0.0.1:{port}
    auth:
      mode: oauth_bundle
      store: redis
      store_url: redis://:figure@{host}:{redis}/0?prefix=figure
      store_key: {key}
      store_name: {name}
      token_endpoint: http://127.0.0.1:{port}/v1/oauth/token
"""


class SharedAccount:
    """One login, as this program watches it.

    Args:
        config: The configuration.
        name: Its name there.
        sim: The simulator, which issues it.
    """

    def __init__(self, config: Path, name: str, sim: Simulator) -> None:
        auth = load_config(config).providers[name].auth
        self._store: RegisterStore = login_store(auth, BUNDLE)
        self._register = RedisRegister(login_server(auth), name)
        self._sim, self._endpoint = sim, auth.token_endpoint
        self._rotated, self.doubts, self.record = 0, -1, SharedLogin()
        self.log_in()

    @property
    def rotations(self) -> int:
        """How often it was refreshed, over all its logins."""
        return self._rotated + self.record.generation.rotation

    def log_in(self) -> None:
        """Make a new login, as a person does."""
        self._rotated += self.record.generation.rotation
        self.doubts += 1
        granted = self._sim.login() | {"token_endpoint": self._endpoint, "refreshed_at": time.time()}
        self._store.replace(Secret(json.dumps(granted | {"expires_at": time.time() + LIFE})))
        self.look()

    def look(self) -> None:
        """Read its record."""
        self.record = msgspec.json.decode(self._register.read().text or "{}", type=SharedLogin)

    def holder(self) -> int | None:
        """Return the process that holds it."""
        return None if self.record.holder is None else int(self.record.holder.by.rpartition(" ")[2].rstrip(")"))

    def in_doubt(self, dead: set[int]) -> bool:
        """Return whether it is in doubt, or will be when the time of its dead holder is over."""
        return self.record.spending is not None and (self.record.holder is None or self.holder() in dead)


class Fleet:
    """The processes.

    Args:
        starts: For each, the beginning of its command.
        command: The rest.
    """

    def __init__(self, starts: list[list[str]], command: list[str]) -> None:
        self._starts, self._command = starts, command
        self.dead: set[int] = set()
        self.running = [self._start(number) for number in range(len(starts))]

    def _start(self, number: int) -> subprocess.Popen[str]:
        command = [*self._starts[number], sys.executable, "-m", "bench.store_work", *self._command]
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environ)

    def kill(self, number: int) -> None:
        """End one at once, and let another take its place."""
        process = self.running[number]
        process.kill()
        process.communicate()
        self.dead.add(process.pid)
        self.running[number] = self._start(number)

    def end(self) -> list[dict[str, Any]]:
        """End all in order, and return what each said."""
        said = []
        for each in self.running:
            each.send_signal(signal.SIGTERM)
        for each in self.running:
            try:
                output, _ = each.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                each.kill()
                output, _ = each.communicate()
            said += [json.loads(line) for line in output.splitlines()]
        return said


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run until so many rotations are done; return what came of them."""
    random = Random(args.seed)  # noqa: S311 - no secret
    apart = can_make_namespaces()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sim = stack.enter_context(Simulator(access_token_seconds=LIFE))
        sim.fail("oauth_delay", seconds=DELAY, times=10**9, path="/v1/oauth/token")
        port = int(sim.base_url.rpartition(":")[2])
        starts: list[list[str]] = stack.enter_context(namespaces(args.processes)) if apart else [[]] * args.processes
        host, redis = HOST if apart else "127.0.0.1", free_port()
        stack.enter_context(redis_server(folder, "--bind", host, "--requirepass", "figure", port=redis))
        names = [f"login{number}" for number in range(args.logins)]
        config = folder / "llm.yaml"
        providers = (PROVIDER.format(name=name, port=port, host=host, redis=redis, key=KEY) for name in names)
        config.write_text("providers:\n" + "".join(providers))
        accounts = [SharedAccount(config, name, sim) for name in names]
        way = [HOST, str(relay(HOST, 0, ("127.0.0.1", port))), str(port)] if apart else []
        fleet = Fleet(starts, [str(config), ",".join(names), str(args.clients), *way])
        begun, kills = time.monotonic(), 0
        try:
            while sum(account.rotations for account in accounts) < args.rotations:
                time.sleep(TICK)
                if time.monotonic() - begun > args.limit:
                    break
                for account in accounts:
                    account.look()
                    if account.in_doubt(fleet.dead):
                        account.log_in()
                if random.random() < TICK / KILLS_EACH and time.monotonic() - begun > args.warm_up:
                    fleet.kill(_victim(random, accounts, fleet))
                    kills += 1
        finally:
            said = fleet.end()
        for account in accounts:
            account.look()
        seconds = time.monotonic() - begun
        posts = [each for each in sim.requests if each.path == "/v1/oauth/token"]
        rotations, doubts = (sum(getattr(each, what) for each in accounts) for what in ("rotations", "doubts"))
        unfinished = sum(account.record.spending is not None for account in accounts)
        reused = sum(bool(each.note.get("refresh_reused")) for each in posts)
    crew = {name: sum(each[name] for each in said) for name in said[0] if name != "failures"}
    return {
        "processes": args.processes,
        "namespaces": args.processes if apart else 0,
        "clients": args.processes * args.clients,
        "logins": args.logins,
        "rotations": rotations,
        "token_requests": len(posts),
        "kills": kills,
        "left_in_doubt": doubts,
        "requests_without_a_rotation": len(posts) - rotations,
        "refresh_tokens_sent_twice": reused,
        "revoked_logins": reused,
        "of_the_last_processes": crew,
        "failures": [each["failures"] for each in said if each["failures"]],
        "seconds": round(seconds),
        "holds": reused == 0
        and rotations >= args.rotations
        and rotations <= len(posts) <= rotations + doubts + unfinished
        and all(each.status == 200 for each in posts)
        and crew["revoked"] == 0,
    }


def _victim(random: Random, accounts: list[SharedAccount], fleet: Fleet) -> int:
    """Choose a process: any, or one that holds a login at a random moment of its request."""
    if random.random() < 0.5:
        holders = [account.holder() for account in accounts]
        number = next((at for at, each in enumerate(fleet.running) if each.pid in holders), None)
        if number is not None:
            time.sleep(random.random() * DELAY)
            return number
    return random.randrange(len(fleet.running))


def main() -> int:
    """Measure, print, and return whether it held."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rotations", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--clients", type=int, default=64, help="in each process")
    parser.add_argument("--logins", type=int, default=4)
    parser.add_argument("--limit", type=float, default=3600, help="give up after so many seconds")
    parser.add_argument("--warm-up", type=float, default=3, help="kill nothing in the first seconds")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--write", action="store_true", help="write bench/store.json")
    args = parser.parse_args()
    for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
        del os.environ[name]
    result = measure(args)
    text = json.dumps(result, indent=1) + "\n"
    print(text, end="")
    if args.write and result["holds"]:
        (ROOT / "bench" / "store.json").write_text(text)
    return 0 if result["holds"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
