"""What strikes the items of a batch: scripts, faults that name their path, and chaos profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.core.request import ITEM_PATH


def results_of(sim: Simulator, sdk: anthropic.Anthropic, *words: str) -> dict[str, Any]:
    """Send a batch of an item for each word, and return the results by word once it has ended."""
    params: Any = [
        {
            "custom_id": word,
            "params": {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": word}]},
        }
        for word in words
    ]
    batch = sdk.messages.batches.create(requests=params)
    sim.clock.advance(61)
    lines = [line.model_dump(warnings=False) for line in sdk.messages.batches.results(batch.id)]
    return {line["custom_id"]: line["result"] for line in lines}


def kinds(results: dict[str, Any]) -> list[str]:
    """List the types of results in order."""
    return [result["type"] for result in results.values()]


def test_scripts_and_faults_reach_the_items(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """An item is answered by the script like a live request: an error is `errored`, a reply that is lost or late `expired`."""
    sim.script("scripted", match="one")
    sim.script({"error": "overloaded"}, match="two")
    sim.script(match="three", fault="drop")
    sim.script(match="four", fault="stall")
    sim.script(match="five", fault="unknown_stop_reason")
    results = results_of(sim, sdk, "one", "two", "three", "four", "five")
    assert kinds(results) == ["succeeded", "errored", "expired", "expired", "succeeded"]
    assert results["one"]["message"]["content"][0]["text"] == "scripted"
    assert results["two"]["error"]["error"]["type"] == "overloaded_error"
    assert results["five"]["message"]["stop_reason"] == "tea_time"
    assert sim.unused == []


def test_a_fault_that_names_their_path_strikes_items(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """In order, as often as it says; one that names no path strikes the pages of batches alone."""
    sim.fail("overloaded", path=ITEM_PATH, skip=1, times=2)
    sim.fail("cut", path=ITEM_PATH)
    sim.fail("unknown_stop_reason", path=ITEM_PATH)
    results = results_of(sim, sdk, "a", "b", "c", "d", "e", "f")
    assert kinds(results) == ["succeeded", "errored", "errored", "expired", "succeeded", "succeeded"]
    assert results["b"]["error"]["error"]["type"] == "overloaded_error"
    assert results["e"]["message"]["stop_reason"] == "tea_time"
    assert sim.unused == []
    sim.fail("overloaded")
    with pytest.raises(anthropic.InternalServerError):
        results_of(sim, sdk, "a")
    assert kinds(results_of(sim, sdk, "a")) == ["succeeded"]


def test_one_of_the_stream_has_no_meaning_there(sim: Simulator) -> None:
    """It is refused when it is set."""
    with pytest.raises(ValueError, match="its path is /v1/messages or"):
        sim.fail("missing_event", path=ITEM_PATH)


def test_a_test_strikes_its_own_items(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Those of the batches that it has created."""
    red = sim.test("red")
    red.fail("rate_limit", path=ITEM_PATH)
    assert kinds(results_of(sim, sdk, "a")) == ["succeeded"]
    assert kinds(results_of(sim, sdk.with_options(default_headers=red.headers), "a")) == ["errored"]


@pytest.mark.parametrize(("match", "struck"), [("{path: batches/items}", 2), ("{path: ^/v1/messages$}", 0), ("{}", 0)])
def test_a_chaos_profile_strikes_items_by_their_path(tmp_path: Path, match: str, struck: int) -> None:
    """They count in its report: given up until an item, or a request, has the same parameters and an answer."""
    profile = tmp_path / "chaos.yaml"
    burst = "{requests: 2, every_seconds: 1000}"
    profile.write_text(f"faults:\n- {{name: bad, fault: overloaded, match: {match}, burst: {burst}}}\n")
    with Simulator(chaos=profile) as sim, anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key) as sdk:
        sdk.models.list()
        sim.clock.advance(2000 if struck else 0)
        assert kinds(results_of(sim, sdk, "a", "b", "c")) == ["errored"] * struck + ["succeeded"] * (3 - struck)
        (outcome,) = sim.report.outcomes
        assert (outcome.struck, outcome.given_up) == (struck, struck)
        results_of(sim, sdk, "a", "b")
        (outcome,) = sim.report.outcomes
        assert (outcome.recovered, outcome.given_up) == (struck, 0)
