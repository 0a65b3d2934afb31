"""The watch over a client's caches, through a client and the simulator: reports, choices, and a sample of the figures."""

from __future__ import annotations

import asyncio
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, Client
from keybearer.conversation.cache_report import KeptRequests
from keybearer.simulator import Simulator
from support.cache_figures import MOST, blamed, paid, table
from support.mutations import conversation

ROOT = Path(__file__).parents[2]
LONG: dict[str, Any] = {**conversation("one", turns=4), "system": "You are kind. " * 2000}


def test_plain_and_streamed_answers_have_their_report(sim: Simulator) -> None:
    """A client made with other options shares what is known; a request that has lost its breakpoints has one too."""
    changed = copy.deepcopy(LONG)
    changed["tools"][3]["description"] += "!"
    with Client(base_url=sim.base_url, api_key=sim.api_key) as client:
        assert client.messages.create(**LONG).cache_report is None
        with client.with_options(max_retries=0).messages.stream(**changed) as stream:
            report = stream.get_final_message().cache_report
        assert report is not None
        assert report.path == "tools[3].description"
        bare = client.messages.create(**{**changed, "cache": None}).cache_report
        assert bare is not None
        assert bare.reason == "no_breakpoint"
        assert bare.usd
        other = [{"role": "user", "content": "Something else."}]
        assert client.messages.create(**{**LONG, "cache": None, "messages": other}).cache_report is None


def test_an_async_client_does_the_same(sim: Simulator) -> None:
    """And `adaptive` says what it chose."""
    asyncio.run(ask(sim))


async def ask(sim: Simulator) -> None:
    """Ask as an async client."""
    async with AsyncClient(base_url=sim.base_url, api_key=sim.api_key) as client:
        message = await client.messages.create(**{**LONG, "cache": "adaptive"})
        assert message.cache_choice is not None
        assert message.cache_choice.lifetime == "5m"
        changed = {**LONG, "system": "You are kind! " * 2000}
        report = (await client.messages.create(**changed)).cache_report
        assert report is not None
        assert report.path == "system[0].text"
        estimate = await client.messages.estimate(**{**LONG, "cache": "adaptive"})
        assert estimate.least != estimate.most


def test_an_explanation_that_fails_costs_no_answer(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the answer is given as it came."""
    monkeypatch.setattr(KeptRequests, "report", lambda *_: 1 / 0)
    with Client(base_url=sim.base_url, api_key=sim.api_key) as client:
        assert client.messages.create(**LONG).cache_report is None
    assert "ZeroDivisionError" in caplog.text


def test_a_sample_of_the_injected_changes_is_blamed() -> None:
    """Each at its path, among several conversations of forty turns; `make figures` injects 1,000."""
    assert blamed(4, seed=3) == []


def test_the_page_has_the_committed_figures() -> None:
    """docs/caching.md has the table of bench/cache.json; each change was blamed, and at steady pauses adaptive pays 1.05 at most."""
    found = json.loads((ROOT / "bench" / "cache.json").read_text(encoding="utf-8"))
    assert table(found) in (ROOT / "docs" / "caching.md").read_text(encoding="utf-8")
    assert found["blamed"] == found["mutations"] == 1000
    steady = [row["adaptive"] for of in found["paid"].values() for name, row in of.items() if name.startswith("every")]
    assert len(steady) == 6
    assert max(steady) <= MOST


def test_a_fixed_policy_pays_as_the_service_bills() -> None:
    """At pauses of twenty minutes, an hour's entries pay and those for five minutes do not."""
    gaps = [0.0, 1200.0, 1200.0, 1200.0]
    by_ttl = [paid((None, None, None, ttl), gaps, "claude-haiku-4-5") for ttl in ("1h", None, "5m")]
    assert by_ttl == sorted(by_ttl)
