"""What a configuration that was merely found may say, tried as somebody who wants a key would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from keybearer.config.fields import is_section
from keybearer.config.files import ConfigFiles
from keybearer.config.loader import load_config
from keybearer.config.schema import ProviderConfig
from keybearer.config.untrusted import demands, digest

ENVIRON = {"ANTHROPIC_API_KEY": "sk-ant-canary", "SECRET": "canary", "HOME": "/home/nobody"}


def written(folder: Path, text: str, **agents: str) -> ConfigFiles:
    """Write a configuration and its agents, and return its files."""
    (folder / "agents").mkdir(parents=True, exist_ok=True)
    (folder / "llm.yaml").write_text(text)
    for name, each in agents.items():
        (folder / "agents" / f"{name}.yaml").write_text(each)
    return ConfigFiles(folder / "llm.yaml")


def asked(folder: Path, text: str, environ: Mapping[str, str] = ENVIRON, **agents: str) -> list[str]:
    """Return the keys that a configuration asks to be trusted for."""
    return [demand.key for demand in demands(written(folder, text, **agents), environ)]


def provider(folder: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    """Return what a provider's section asks to be trusted for, by its own keys."""
    return [key.removeprefix("providers.p.") for key in asked(folder, f"providers:\n  p:\n    {text}\n", environ)]


def keys(cls: type, prefix: str = "") -> list[str]:
    """Return the key paths of a section of the schema."""
    found: list[str] = []
    for field in msgspec.structs.fields(cls):
        inner = is_section(field.type)
        found += keys(field.type, f"{prefix}{field.name}.") if inner else [prefix + field.name]
    return found


HARM = [
    "https://other.example",
    "${SECRET}",
    "${SECRET:-}",
    "${file:~/.ssh/id_rsa}",
    "[other.example]",
    "{x-a: '${SECRET}'}",
]


PLAIN = {
    "model",
    "auth.mode",
    "rate_limit.requests_per_second",
    "rate_limit.concurrency",
    "rate_limit.quota_alert_threshold",
    *(f"timeouts.{name}" for name in ("connect", "first_byte", "idle", "progress", "total")),
}
"""Keys that may be any word that the file itself writes."""


@pytest.mark.parametrize("key", keys(ProviderConfig))
def test_no_key_of_the_schema_takes_anything_elsewhere(tmp_path: Path, key: str) -> None:
    """Every key there is, and so every one to come, set to a host, a variable, a file, a list or a mapping, asks for trust."""
    parts = key.split(".")
    text = "".join(
        f"{'  ' * (depth + 2)}{part}: " + ("\n" if depth < len(parts) - 1 else "") for depth, part in enumerate(parts)
    )
    for value in HARM:
        harmless = value == "https://other.example" and key in PLAIN  # a word that is sent to Anthropic, or no number
        where = f"providers.p.{key}.x-a" if value.startswith("{") else f"providers.p.{key}"
        assert asked(tmp_path, f"providers:\n  p:\n{text}{value}\n") == ([] if harmless else [where]), value


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "",
        "{api_key: '${ANTHROPIC_API_KEY}'}",
        "{api_key: '${ANTHROPIC_API_KEY:-}', base_url: https://api.anthropic.com, model: claude-haiku-4-5}",
        "{base_url: '${ANTHROPIC_BASE_URL:-https://api.anthropic.com}'}",
        "{auth: {mode: static}, rate_limit: {requests_per_second: 2.0, concurrency: 4, burst: 1, adaptive: true}}",
        "{timeouts: {total: 30}, retry: {server_attempts: 2, min_delay: 2}, max_retries: 0}",
        "{proxy: null, headers: ~, auth: }",
    ],
)
def test_what_is_harmless_asks_for_nothing(tmp_path: Path, text: str) -> None:
    """A model, time limits, tighter limits, the environment's own key, and Anthropic's own host."""
    assert provider(tmp_path, text) == []


def test_the_example_asks_for_nothing(tmp_path: Path) -> None:
    """What the project shows as its first configuration works where it lies."""
    example = Path(__file__).parent.parent.parent / "examples" / "llm.yaml"
    assert asked(tmp_path, example.read_text()) == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{api_key: sk-ant-literal}", "api_key"),
        ("{api_key: '${ANTHROPIC_API_KEY:-sk-ant-theirs}'}", "api_key"),
        ("{api_key: 'x${ANTHROPIC_API_KEY}'}", "api_key"),
        ("{base_url: http://127.0.0.1:9}", "base_url"),
        ("{base_url: 'https://api.anthropic.com:8443'}", "base_url"),
        ("{base_url: 'https://api.anthropic.com.evil.test'}", "base_url"),
        ("{base_url: 'https://evil.test\\.anthropic.com'}", "base_url"),
        ("{base_url: 'https://${SECRET}.anthropic.com'}", "base_url"),
        ("{base_url: '${ANTHROPIC_BASE_URL:-https://other.example}'}", "base_url"),
        ("{base_url: '${SECRET:-https://api.anthropic.com}'}", "base_url"),
        ("{model: '${ANTHROPIC_API_KEY}'}", "model"),
        ("{max_retries: 8}", "max_retries"),
        ("{rate_limit: {burst: 100}}", "rate_limit.burst"),
        ("{rate_limit: {adaptive: false}}", "rate_limit.adaptive"),
        ("{retry: {server_attempts: 50}}", "retry.server_attempts"),
        ("{retry: {min_delay: 0.001}}", "retry.min_delay"),
        ("{retry: {budget: 1}}", "retry.budget"),
        ("{headers: {}}", "headers"),
        ("{proxy: ''}", "proxy"),
        ("{nonsense: 1}", "nonsense"),
        ("{timeouts: [1]}", "timeouts"),
    ],
)
def test_what_needs_trust(tmp_path: Path, text: str, key: str) -> None:
    """Literal keys, other hosts, other variables, looser limits, and whatever is not known."""
    if text == "{headers: {}}":
        assert provider(tmp_path, text) == []  # nothing is set
    else:
        assert provider(tmp_path, text) == [key]


def test_the_environment_s_own_address_is_no_news(tmp_path: Path) -> None:
    """A file may name the address that the environment sets anyway, and no other."""
    own = {"ANTHROPIC_BASE_URL": "https://gateway.example"}
    assert provider(tmp_path, "{base_url: https://GATEWAY.example}", own) == []
    assert provider(tmp_path, "{base_url: '${ANTHROPIC_BASE_URL}'}", own) == []
    assert provider(tmp_path, "{base_url: https://gateway.example.evil.test}", own) == ["base_url"]


def test_agents_and_the_file_s_own_retry_are_looked_at_too(tmp_path: Path) -> None:
    """A variable in an agent's model, and a looser retry beside the providers, ask for trust; an agent's other keys do not."""
    agent = "model: {provider: p, model: '${SECRET}'}\nprompt: 'costs ${5}'\n"
    found = asked(tmp_path, "providers: {p: {}}\nretry: {server_attempts: 9}\n", scout=agent)
    assert found == ["retry.server_attempts", "model.model"]


def test_a_digest_changes_with_every_file_that_is_read(tmp_path: Path) -> None:
    """`llm.yaml`, an agent that comes, a file that is put in, a file of certificates: each makes another configuration."""
    text = "providers: {p: {headers: {x: '${file:x.txt}'}, ca_file: ca.pem}}\n"
    seen: list[str] = []

    def note() -> None:
        seen.append(digest(ConfigFiles(tmp_path / "llm.yaml"), ENVIRON))

    written(tmp_path, text)
    note()
    note()
    assert seen[0] == seen[1]
    for name, content in {
        "x.txt": "1",
        "ca.pem": "c",
        "agents/a.yaml": "model: {provider: p, model: m}",
        "llm.yaml": text + "# more\n",
    }.items():
        (tmp_path / name).write_text(content)
        note()
    (tmp_path / "x.txt").write_text("2")
    note()
    assert len(set(seen)) == 6


def test_certificates_that_a_variable_names_are_part_of_the_digest(tmp_path: Path) -> None:
    """A default of a variable names a file as a plain path does: other certificates make another configuration."""
    files = written(tmp_path, "providers: {p: {ca_file: '${NO_SUCH:-ca.pem}'}}\n")
    (tmp_path / "ca.pem").write_text("1")
    before = digest(files, ENVIRON)
    (tmp_path / "ca.pem").write_text("2")
    assert digest(ConfigFiles(tmp_path / "llm.yaml"), ENVIRON) != before


def test_a_file_that_a_list_puts_in_is_part_of_the_digest(tmp_path: Path) -> None:
    """A list's values put files in too: a change of one makes another configuration."""
    files = written(tmp_path, "providers: {p: {betas: ['${file:x.txt}']}}\n")
    (tmp_path / "x.txt").write_text("1")
    before = digest(files, ENVIRON)
    (tmp_path / "x.txt").write_text("2")
    assert digest(ConfigFiles(tmp_path / "llm.yaml"), ENVIRON) != before


def test_what_was_judged_is_what_is_obeyed(tmp_path: Path) -> None:
    """A file that changes after it was looked at, and before it is read, changes nothing."""
    files = written(tmp_path, "providers: {p: {base_url: https://api.anthropic.com}}\n")
    assert demands(files, ENVIRON) == []
    (tmp_path / "llm.yaml").write_text("providers: {p: {base_url: https://other.example}}\n")
    config: Any = load_config(files, ENVIRON)
    assert config.providers["p"].base_url == "https://api.anthropic.com"
