"""Proofs of the cache's report and of `cache="adaptive"`, against the simulator and on its clock.

    python cache_figures.py 1000

The first proof injects changes into conversations of forty turns, several of which share a client: each must be blamed at its
path. The second lets an agent of forty turns pause, and compares what it pays with the best fixed policy, which is searched for among
all lifetimes of all four places; then it lives through days of mixed pauses.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import product
from typing import Any, Final

from msgspec import structs

from keybearer import Client
from keybearer.flow import Clocks
from keybearer.simulator import Simulator
from keybearer.simulator.core.catalogue import find_model
from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.service import tokens
from keybearer.simulator.service.bills import bill_of
from keybearer.simulator.service.prompt_cache import PromptCache
from support.mutations import conversation, grown, mutations

START: Final = 1_795_000_000.0
MODELS: Final = ("claude-haiku-4-5", "claude-opus-5-5")
MINUTES: Final = (2, 20, 50)
TURNS: Final = 40
WHOLE: Final = 1000
MOST: Final = 1.05
"""How much more than the best fixed policy the adaptive one may pay at steady pauses."""
LIFETIMES: Final = (None, "5m", "1h")
ANSWER: Final = "I have looked at it. " * 50


@contextmanager
def client_on(sim: Simulator) -> Iterator[Client]:
    """Give a client whose clock is the simulator's."""
    with Client(base_url=sim.base_url, api_key=sim.api_key) as client:
        settings = client._settings
        clocks = Clocks(monotonic=sim.clock.now, wall=sim.clock.now, random=random.random)
        client._settings = structs.replace(settings, exchange=structs.replace(settings.exchange, clocks=clocks))
        yield client


def blamed(count: int, seed: int = 1) -> list[str]:
    """Inject changes, and return what was not blamed at its path."""
    draw, wrong = random.Random(seed), []  # noqa: S311 - the same each time
    with Simulator(frozen=True, tier="unlimited") as sim, client_on(sim) as client:
        bases = [conversation(f"{seed}-{number}") for number in range(3)]
        changes = [mutations(base, draw) for base in bases]
        for number in range(count):
            at = draw.randrange(len(bases))
            base, mutation = bases[at], next(changes[at])
            sim.clock.advance(400)  # else the same change as before would be read from the cache
            client.messages.create(**base)
            changed = grown(base, number)
            mutation.apply(changed)
            report = client.messages.create(**changed).cache_report
            if report is None or report.path != mutation.path or report.tokens <= 0 or not report.usd:
                wrong.append(f"{mutation.path}: {report}")
    return wrong


# ── policies ─────────────────────────────────────────────────────────────────


def agent(turn: int) -> dict[str, Any]:
    """Return what an agent sends at a turn: tools and a system prompt of 8,000 tokens, and results of 1,200 tokens each."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Read all of it. " + "The files are many. " * 200}]
    for number in range(turn):
        messages += [
            {"role": "assistant", "content": ANSWER},
            {"role": "user", "content": f"File {number}. " + "What it says. " * 340},
        ]
    tool = {"name": "read", "description": "Read a file. " * 600, "input_schema": {"type": "object"}}
    return {"max_tokens": 500, "tools": [tool], "system": "You are careful. " * 1400, "messages": messages}


def marked(body: dict[str, Any], policy: tuple[str | None, ...]) -> dict[str, Any]:
    """Return a body with breakpoints at the ends of tools and system and of the last two user turns, each with its lifetime."""
    tools, system, before, last = (
        {} if ttl is None else {"cache_control": {"type": "ephemeral", "ttl": ttl}} for ttl in policy
    )
    turns = [dict(turn) for turn in body["messages"]]
    for index, mark in ((-1, last), (-3, before)):
        if len(turns) >= -index:
            turns[index]["content"] = [{"type": "text", "text": turns[index]["content"], **mark}]
    return {
        **body,
        "tools": [{**body["tools"][0], **tools}],
        "system": [{"type": "text", "text": body["system"], **system}],
        "messages": turns,
    }


def policies() -> Iterator[tuple[str | None, ...]]:
    """Give every fixed policy that the service takes: no entry for an hour after one for five minutes."""
    for policy in product(LIFETIMES, repeat=4):
        kept = [ttl for ttl in policy if ttl]
        if kept == sorted(kept):
            yield policy


def paid(policy: tuple[str | None, ...], gaps: Iterable[float], model: str) -> Decimal:
    """Return what an agent pays by a fixed policy, by the simulator's cache and bill, without a server."""
    clock = SimulatedClock(START)
    cache, total = PromptCache(clock), Decimal(0)
    catalogued = find_model(model)
    assert catalogued is not None
    for turn, gap in enumerate(gaps):
        clock.advance(gap)
        body = marked({**agent(turn), "model": model}, policy)
        used = cache.account(body, organization="o", model=model, minimum=catalogued.cache_minimum)
        split = {"ephemeral_5m_input_tokens": used.written_5m, "ephemeral_1h_input_tokens": used.written_1h}
        usage = {
            "input_tokens": used.uncached,
            "output_tokens": tokens.count_text(ANSWER),
            "cache_read_input_tokens": used.read,
            "cache_creation_input_tokens": used.written,
            "cache_creation": split,
        }
        total += bill_of(usage, model, clock.now()).known
    return total


def lived(gaps: Iterable[float], model: str, cache: str | None) -> tuple[Decimal, Decimal]:
    """Return what an agent pays through the client, by the simulator's bill, and what the client says that it saved."""
    with Simulator(frozen=True, tier="unlimited") as sim, client_on(sim) as client:
        sim.script(ANSWER, times=None)
        saved: Decimal | None = Decimal(0)
        for turn, gap in enumerate(gaps):
            sim.clock.advance(gap)
            how: Any = {} if cache is None else {"cache": cache}
            message = client.messages.create(model=model, **agent(turn), **how)
            saved = message.cache_choice.saved_usd if message.cache_choice else Decimal(0)
        billed = sim.billed.usd
    assert billed is not None
    assert saved is not None
    return billed, saved


def best(gaps: list[float], model: str) -> tuple[Decimal, tuple[str | None, ...]]:
    """Search for the best fixed policy."""
    return min(((paid(policy, gaps, model), policy) for policy in policies()), key=lambda each: each[0])


def compared(gaps: list[float], model: str) -> dict[str, Any]:
    """Compare the adaptive policy with the best fixed one, with the other modes, and with nothing."""
    least, policy = best(gaps, model)
    adaptive, saved = lived(gaps, model, "adaptive")
    auto, _ = lived(gaps, model, "auto")
    assert auto == paid(("5m", "5m", "5m", "5m"), gaps, model)  # the search pays by the same rules as the client
    assert saved == auto - adaptive, (saved, auto - adaptive)
    nothing = paid((None, None, None, None), gaps, model)
    return {
        "best_usd": f"{least:f}",
        "best_policy": dict(zip(("tools", "system", "before", "last"), policy, strict=True)),
        "adaptive": round(float(adaptive / least), 4),
        "auto": round(float(auto / least), 4),
        "auto-1h": round(float(lived(gaps, model, "auto-1h")[0] / least), 4),
        "no cache": round(float(nothing / least), 4),
    }


def mixed(seed: int, turns: int = TURNS) -> list[float]:
    """Return the pauses of a day: work in bursts of 2 to 4 minutes, with pauses of up to 90 minutes between them."""
    draw, gaps = random.Random(seed), [0.0]  # noqa: S311 - the same each time
    while len(gaps) < turns:
        gaps += [60 * draw.uniform(2, 4) for _ in range(draw.randint(1, 6))]
        gaps.append(60 * draw.choice([8, 15, 25, 40, 55, 70, 90]))
    return gaps[:turns]


def figures(count: int) -> dict[str, Any]:
    """Return the figures: all of them, or for fewer than 1,000 changes one model's at steady pauses."""
    wrong = blamed(count)
    found: dict[str, Any] = {"mutations": count, "blamed": count - len(wrong), "not blamed": wrong[:5], "paid": {}}
    whole = count >= WHOLE
    for model in MODELS if whole else MODELS[:1]:
        of = found["paid"][model] = {}
        for minutes in MINUTES:
            of[f"every {minutes} minutes"] = compared([0.0, *[60.0 * minutes] * (TURNS - 1)], model)
        for seed in range(1, 6) if whole else ():
            of[f"mixed, day {seed}"] = compared(mixed(seed), model)
    return found


def table(found: dict[str, Any]) -> str:
    """Return the figures of what an agent pays as the table of docs/caching.md."""
    columns = ("adaptive", "auto", "auto-1h", "no cache")
    lines = [f"| model | pauses | {' | '.join(columns)} |", f"|---|---|{'---:|' * len(columns)}"]
    lines += [
        f"| `{model}` | {name} | {' | '.join(f'{row[column]:.2f}' for column in columns)} |"
        for model, of in found["paid"].items()
        for name, row in of.items()
    ]
    return "\n".join(lines)


def main() -> int:
    """Write the figures as JSON to standard output; return 1 where one is not what was asked for."""
    found = figures(int(sys.argv[1]))
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    steady = [
        each["adaptive"] for of in found["paid"].values() for name, each in of.items() if name.startswith("every")
    ]
    return int(bool(found["not blamed"]) or max(steady) > MOST)


if __name__ == "__main__":
    sys.exit(main())
