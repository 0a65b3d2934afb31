"""`keybearer config path` and `validate`; trust is in tests/cli/test_trust.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command import keybearer


def test_which_file_commands_go_by(llm_yaml: Path, tmp_path: Path) -> None:
    """A named file is printed; one that was found and needs trust is refused, and none is exit code 1."""
    assert keybearer("config", "path", "--config", str(llm_yaml)).stdout == f"{llm_yaml}\n"
    assert keybearer("config", "path", environ={"KEYBEARER_CONFIG": str(llm_yaml)}).stdout == f"{llm_yaml}\n"
    none = keybearer("config", "path", cwd=tmp_path)
    assert (none.returncode, none.stdout) == (1, "")
    assert "there is no config/llm.yaml" in none.stderr
    (tmp_path / "config").mkdir()
    llm_yaml.rename(tmp_path / "config" / "llm.yaml")
    found = keybearer("config", "path", cwd=tmp_path)
    assert (found.returncode, found.stdout) == (2, "")
    assert "keybearer config trust" in found.stderr
    keybearer("config", "trust", cwd=tmp_path)
    assert keybearer("config", "path", cwd=tmp_path).stdout == "config/llm.yaml\n"


def test_a_file_is_checked_with_its_agents(llm_yaml: Path, tmp_path: Path) -> None:
    """The first mistake of the file or of an agent beside it has file and line; no value is shown."""
    done = keybearer("config", "validate", str(llm_yaml))
    assert done.stdout == f"{llm_yaml} can be used: providers anthropic; agents scout.\n"
    (tmp_path / "agents" / "other.yaml").write_text("model: {provider: zork, model: m}\n")
    done = keybearer("config", "validate", str(llm_yaml))
    assert (done.returncode, done.stdout) == (2, "")
    assert "other.yaml:1" in done.stderr
    llm_yaml.write_text("providers: {a: {api_key: sk-ant-canary-1234567, modle: x}}\n")
    done = keybearer("config", "validate", str(llm_yaml))
    assert done.returncode == 2
    assert "modle" in done.stderr
    assert "canary" not in done.stderr


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("{auth: {mode: oauth_bundle, store: redis}}", "providers.b.auth.store: auth.store is redis, and neither"),
        (
            "{auth: {mode: oauth_bundle, store: redis}, redis: {url: 'redis://h', ca_file: /x}}",
            "needs: write rediss://",
        ),
        ("{rate_limit: {shared: redis}}", "providers.b.rate_limit.shared: The provider has no section redis"),
        ("{ca_file: /no/such/file}", "providers.b.ca_file"),
        ("{on_overload: [1]}", "providers.b.on_overload"),
    ],
)
def test_every_provider_is_checked_as_its_client_would_be(llm_yaml: Path, second: str, words: str) -> None:
    """What only a client of the provider would find is found too, with its line."""
    llm_yaml.write_text(f"providers:\n  anthropic: {{}}\n  b: {second}\n")
    done = keybearer("config", "validate", str(llm_yaml))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{llm_yaml}:3: " in done.stderr
    assert words in done.stderr


@pytest.mark.parametrize(
    "second",
    ["{auth: {mode: static, store: redis}}", "{kind: bedrock, region: us-east-1, auth: {store: redis}}"],
)
def test_a_login_that_is_not_looked_for_needs_no_redis(llm_yaml: Path, second: str) -> None:
    """The word stands there, and nothing is kept by it."""
    llm_yaml.write_text(f"providers:\n  anthropic: {{}}\n  b: {second}\n")
    for agent in (llm_yaml.parent / "agents").glob("*.yaml"):
        agent.unlink()
    done = keybearer("config", "validate", str(llm_yaml))
    assert (done.returncode, done.stderr) == (0, "")
