"""The official SDK and ours under the same chaos profile: what each client recovered from, gave up and sent again.

`.venv/bin/python bench/chaos.py` prints the table of docs/simulator-chaos.md. Rates strike the same requests of both clients, because
the requests are the same; each client has its own retries, with the defaults of each.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import anthropic

from keybearer import Client
from keybearer.simulator import Simulator

ASKS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 200
AT_ONCE: Final = 8
PROFILES: Final = ("busy-monday", "bad-network")
MODEL: Final = "claude-haiku-4-5"


def official(sim: Simulator) -> Callable[[str], object]:
    """Return a call of the official SDK."""
    client = anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key)

    def ask(text: str) -> object:
        asked: list[anthropic.types.MessageParam] = [{"role": "user", "content": text}]
        with client.messages.stream(model=MODEL, max_tokens=100, messages=asked) as stream:
            return stream.get_final_message()

    return ask


def ours(sim: Simulator) -> Callable[[str], object]:
    """Return a call of our client."""
    client = Client(base_url=sim.base_url, api_key=sim.api_key, model=MODEL)

    def ask(text: str) -> object:
        with client.messages.stream(max_tokens=100, messages=[{"role": "user", "content": text}]) as stream:
            return stream.get_final_message()

    return ask


def measure(profile: str, name: str, make: Callable[[Simulator], Callable[[str], object]]) -> None:
    """Print a line of the table."""
    with Simulator(chaos=profile) as sim:
        ask = make(sim)

        def is_answered(number: int) -> bool:
            try:
                ask(f"Count to {number + 3}")
            except Exception:  # noqa: BLE001  # each client raises what it likes
                return False
            return True

        with ThreadPoolExecutor(AT_ONCE) as threads:
            answered = sum(threads.map(is_answered, range(ASKS)))
        report = sim.report
        counts = {
            count: sum(getattr(outcome, count) for outcome in report.outcomes)
            for count in ("struck", "recovered", "answered", "given_up", "extra")
        }
        print(
            f"| `{profile}` | {name} | {answered} of {ASKS} |",
            *(f"{value} |" for value in counts.values()),
            len(report.findings),
            "|",
            flush=True,
        )


def main() -> None:
    """Measure both clients under each profile."""
    logging.disable()
    print(
        "| profile | client | calls answered | struck | recovered | answered in spite of it | given up | extra requests | findings |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for profile in PROFILES:
        measure(profile, "official SDK", official)
        measure(profile, "keybearer", ours)


if __name__ == "__main__":
    main()
