"""`keybearer config show` and `schema`: what is set, by what, and what may be; no secret is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
import yaml

from keybearer.cli import main
from keybearer.cli.config_lines import _SECRETS
from keybearer.cli.config_schema import schema_of
from keybearer.config.fields import is_section
from keybearer.config.schema import ProviderConfig
from support.command import keybearer

FILE = """\
retry: {server_attempts: 2}
providers:
  a:
    api_key: ${KEY:-canary-of-a-default}
    base_url: https://api.anthropic.com
    headers: {X-Gateway-Key: canary, X-Team: blue}
    rate_limit: {requests_per_second: "${RPS:-2.0}"}
    proxy: http://me:canary@proxy:80
    auth: {refresh_endpoint: https://a.example/token}
  b:
    api_key: ${KEY}
  c:
    api_keys: [canary-of-a-gateway, "${KEY}"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration with secrets in it, and an agent."""
    path = tmp_path / "llm.yaml"
    path.write_text(FILE)
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "scout.yaml").write_text("model: {provider: a, model: claude-opus-5, max_tokens: 9}\n")
    return path


def shown(*flags: str, environ: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Run `config show` for a program; return its lines by key."""
    done = keybearer("config", "show", "--json", *flags, environ={"KEY": "canary"} | (environ or {}))
    assert (done.returncode, done.stderr) == (0, "")
    assert "canary" not in done.stdout
    return {each["key"]: each for each in json.loads(done.stdout)}


def test_what_the_file_writes(file: Path) -> None:
    """Each value has its line; a variable's name is no secret, and all else of a key, a header or a proxy is masked."""
    lines = shown("--config", str(file))
    assert lines["providers.b.api_key"]["value"] == "${KEY}"
    assert lines["providers.a.api_key"]["value"] == "***"
    assert lines["providers.c.api_keys"]["value"] == ["***", "${KEY}"]
    assert lines["providers.a.headers.X-Gateway-Key"]["value"] == "***"
    assert lines["providers.a.headers.X-Team"]["value"] == "blue"
    assert lines["providers.a.proxy"] == {
        "key": "providers.a.proxy",
        "value": "http://***@proxy:80",
        "origin": f"{file}:8",
    }
    assert "proxy" not in lines


def test_what_calls_go_by(file: Path) -> None:
    """Every key of the schema has a value and what sets it: the agent, a line, a variable, or the default."""
    lines = shown("--config", str(file), "--resolved", "--agent", "scout")
    assert {key: lines[key]["origin"] for key in ("model", "max_tokens")} == dict.fromkeys(
        ("model", "max_tokens"), "the agent scout"
    )
    assert lines["rate_limit.requests_per_second"]["value"] == 2.0
    assert lines["retry.server_attempts"] == {"key": "retry.server_attempts", "value": 2, "origin": f"{file}:1"}
    assert lines["auth.token_endpoint"]["origin"] == f"{file}:9"
    assert lines["headers"]["value"] == {"X-Gateway-Key": "***", "X-Team": "blue"}
    assert lines["timeouts.connect"] == {"key": "timeouts.connect", "value": 10.0, "origin": "default"}
    assert {key.partition(".")[0] for key in lines} - {"provider", "max_tokens"} == {
        field.name for field in msgspec.structs.fields(ProviderConfig)
    }


def test_without_a_file(tmp_path: Path) -> None:
    """The environment and the defaults are shown; only what a file says is nothing then."""
    environ = {"ANTHROPIC_API_KEY": "canary", "HTTPS_PROXY": "http://me:canary@p:1", "ANTHROPIC_BASE_URL": "https://g"}
    done = keybearer("config", "show", "--resolved", "--origin", cwd=tmp_path, environ=environ)
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "api_key: *** # ANTHROPIC_API_KEY" in lines
    assert "proxy: http://***@p:1 # HTTPS_PROXY" in lines
    assert "base_url: https://g # ANTHROPIC_BASE_URL" in lines
    none = keybearer("config", "show", cwd=tmp_path)
    assert (none.returncode, none.stdout) == (1, "")


def test_a_file_with_a_mistake_is_not_shown(file: Path) -> None:
    """What would not be used is an error."""
    file.write_text("providers: {a: {modle: x}}\n")
    assert keybearer("config", "show", "--config", str(file)).returncode == 2


GOOD = (
    FILE,
    "providers: {a: {max_retries: '${N}', auth: {mode: '${MODE}', retry_on_401: true}}}",
    "providers: {a: {model: }}",
)
BAD = (
    "providers: {a: {modle: x}}",
    "providers: {a: {max_retries: many}}",
    "providers: {a: {auth: {mode: zork}}}",
    "provider: {}",
)


def test_the_schema_takes_what_the_loader_takes() -> None:
    """An editor that goes by the schema marks the same mistakes."""
    schema = json.loads(keybearer("config", "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert [validator.is_valid(yaml.safe_load(text)) for text in GOOD] == [True] * len(GOOD)
    assert [validator.is_valid(yaml.safe_load(text)) for text in BAD] == [False] * len(BAD)


def test_the_schema_has_the_meaning_of_each_key() -> None:
    """What an editor shows for a key is what its class says; an agent's file may have other keys too."""
    provider = schema_of()["$defs"]["ProviderConfig"]["properties"]
    assert provider["base_url"]["description"] == "Where the API is."
    assert all("description" in each for each in provider.values())
    agent = schema_of(agent=True)
    assert jsonschema.Draft202012Validator(agent).is_valid({"model": {"provider": "a", "model": "m"}, "tools": []})


@pytest.mark.parametrize("flags", [[], ["--json"], ["--resolved"], ["--resolved", "--origin", "--json"]], ids=" ".join)
@pytest.mark.parametrize("value", ["canary-password", "${file:pw}", "${NOPE:-canary-password}"])
def test_a_password_of_a_section_is_masked(
    tmp_path: Path, flags: list[str], value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As every secret of the schema."""
    (tmp_path / "pw").write_text("canary-password\n")
    text = f"providers: {{a: {{api_key: sk-ant-canary, redis: {{url: redis://h, user: u, password: '{value}'}}}}}}"
    (tmp_path / "llm.yaml").write_text(text)
    assert main(["config", "show", "--config", str(tmp_path / "llm.yaml"), *flags]) == 0
    shown = capsys.readouterr()
    assert "redis.password" in shown.out
    assert "canary" not in shown.out + shown.err


def secrets(cls: type) -> set[str]:
    """Return the names of the keys of a section that are secrets."""
    found = set()
    for field in msgspec.structs.fields(cls):
        if is_section(field.type) or (kinds := [each for each in get_args(field.type) if is_section(each)]):
            found |= secrets(field.type if is_section(field.type) else kinds[0])
        elif "Secret" in str(field.type):
            found.add(field.name)
    return found


def test_every_secret_of_the_schema_is_known() -> None:
    """A new key of that type has to be named where the file's own text is shown."""
    assert secrets(ProviderConfig) == _SECRETS
