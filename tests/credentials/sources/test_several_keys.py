"""Several keys in use: the simulator refuses, limits and bills them, and the client goes on with another."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from keybearer import Client, QuotaExceeded
from keybearer.errors import AuthenticationFailed, ConfigError
from keybearer.simulator import Simulator

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
KEYS = ["sk-ant-sim-first", "sk-ant-sim-second"]


def configured(folder: Path, sim: Simulator, more: str = "") -> Client:
    """Return a client with two keys."""
    path = folder / "llm.yaml"
    path.write_text(
        f"providers:\n  sim:\n    base_url: {sim.base_url}\n    api_keys: {KEYS}\n"
        f"    retry: {{min_delay: 0.001, max_delay: 0.001}}\n{more}"
    )
    return Client.from_config(path)


def test_keys_take_turns_and_failures_put_one_aside(
    sim: Simulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused: the same call goes out with the other key. Limited: no wait. Spent: that call fails, the next one works."""
    with configured(tmp_path, sim) as client, caplog.at_level(logging.WARNING):
        for _ in range(2):
            client.messages.create(**ASK)
        sim.fail("401")
        assert client.messages.create(**ASK).content
        assert "number 1 is put aside for 300 s, because the service refused it; 1 of 2 keys are left" in caplog.text
    with configured(tmp_path, sim) as client:
        sim.fail("429", retry_after=30)
        assert client.messages.create(**ASK, timeout=10).content
    with configured(tmp_path, sim) as client, caplog.at_level(logging.WARNING):
        sim.fail("402")
        with pytest.raises(QuotaExceeded):
            client.messages.create(**ASK)
        assert client.messages.create(**ASK).content
        assert "its credit or quota is spent" in caplog.text
    assert not any(key in caplog.text for key in KEYS)
    statuses = [request.status for request in sim.requests]
    assert statuses == [200, 200, 401, 200, 429, 200, 402, 200]


def test_where_every_key_is_refused_the_error_says_so(sim: Simulator, tmp_path: Path) -> None:
    """Two requests, one for each key, and no more."""
    with configured(tmp_path, sim) as client:
        sim.fail("401", times=2)
        with pytest.raises(AuthenticationFailed, match="another of the keys"):
            client.messages.create(**ASK)
    assert len(sim.requests) == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("    api_key: sk-ant-sim-x\n", "stands beside api_key"),
        ("    auth: {mode: oauth_bundle}\n", "the mode is oauth_bundle"),
        ("    kind: foundry\n", "the provider's kind is foundry"),
    ],
)
def test_keys_that_another_key_contradicts_are_refused(sim: Simulator, tmp_path: Path, more: str, words: str) -> None:
    """The error has the file's line."""
    with pytest.raises(ConfigError, match=words) as caught:
        configured(tmp_path, sim, more)
    assert caught.value.key == "providers.sim.api_keys"
    assert caught.value.line
