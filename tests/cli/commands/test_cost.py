"""`keybearer cost`: requests by the service's count, replies without sending anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keybearer.simulator import Simulator
from support.batch_requests import request
from support.command import keybearer

REPLY = {"type": "message", "model": "claude-haiku-4-5", "usage": {"input_tokens": 1_000_000, "output_tokens": 200_000}}
BODY: dict[str, Any] = request("a")["params"]


def cost(*flags: str, text: str, **environ: str) -> tuple[int, str, str]:
    """Run the command on standard input; return the exit code and what it printed."""
    done = keybearer("cost", "-", *flags, text=text, environ=environ)
    return done.returncode, done.stdout, done.stderr


def test_a_reply_costs_what_its_usage_says() -> None:
    """Nothing is sent, and no credential is needed; a row of a batch's results is half the price."""
    assert cost(text=json.dumps(REPLY)) == (0, "-, a reply of claude-haiku-4-5: $2.00\n", "")
    rows = [
        {"custom_id": "a", "result": {"type": "succeeded", "message": REPLY}},
        {"custom_id": "b", "result": {"type": "errored"}},
    ]
    code, out, _ = cost(text="\n".join(map(json.dumps, rows)))
    assert (code, out.splitlines()) == (
        0,
        ["-:1, a reply of claude-haiku-4-5: $1.00", "-:2, no answer: $0.00", "2 together: $1.00"],
    )


def test_ones_own_prices_win(tmp_path: Path) -> None:
    """They are those of the configuration."""
    config = tmp_path / "llm.yaml"
    config.write_text("providers: {a: {api_key: k, prices: {claude-haiku-4-5: {input: 3, output: 0}}}}\n")
    assert cost("--config", str(config), text=json.dumps(REPLY))[1].endswith(": $3.00\n")


def test_a_request_has_a_least_and_a_most(sim: Simulator) -> None:
    """The service counts its tokens; a line of a batch file costs half; JSON has both bounds."""
    environ = {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}
    code, out, err = cost("--json", text=json.dumps(BODY), **environ)
    assert (code, err) == (0, "")
    alone = json.loads(out)["total"]
    assert float(alone["most"]["usd"]) > float(alone["least"]["usd"]) > 0
    batch = json.loads(cost("--json", text=json.dumps(request("a")) + "\n", **environ)[1])["total"]
    assert float(batch["most"]["usd"]) == pytest.approx(float(alone["most"]["usd"]) / 2)
    assert {each.path for each in sim.requests} == {"/v1/messages/count_tokens"}
    assert ": from $0.0000" in cost(text=json.dumps(BODY), **environ)[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "-:1: it is not JSON"),
        ("[]", "-: it is not a JSON object"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps({"model": "x"}), "it is no request and no reply"),
        (json.dumps({"messages": [], "model": "x"}), "max_tokens is missing"),
        (json.dumps({"messages": [], "max_tokens": 9}), "-: messages.create() needs model"),
        (json.dumps(BODY | {"zork": 1}), "-: messages.create() has no parameter 'zork'."),
    ],
)
def test_what_is_neither(text: str, says: str) -> None:
    """It is wrong usage, with its place."""
    code, out, err = cost(text=text, ANTHROPIC_API_KEY="sk-ant-x")
    assert (code, out) == (2, "")
    assert says in err
