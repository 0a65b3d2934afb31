"""llm.yaml and the agents' files: what is read, and how mistakes are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from keybearer.config.loader import load_agent, load_config, read_config
from keybearer.errors import ConfigError
from support.configs import failure, load, provider

WHOLE = """\
providers:
  anthropic:
    api_key: ${ANTHROPIC_API_KEY:-}
    base_url: https://api.anthropic.com
    rate_limit:
      requests_per_second: 2.0
    auth:
      mode: oauth_bundle
      bundle: ./secrets/anthropic_oauth.json
"""


def test_the_documented_shape(tmp_path: Path) -> None:
    """The file of the README is read as it stands; an empty key counts as none; paths are against the file's folder."""
    section = load(tmp_path, WHOLE).providers["anthropic"]
    assert section.api_key is None
    assert section.base_url == "https://api.anthropic.com"
    assert section.rate_limit.requests_per_second == 2.0
    assert (section.auth.mode, section.auth.bundle) == ("oauth_bundle", str(tmp_path / "secrets/anthropic_oauth.json"))


def test_the_key_comes_from_the_environment_and_stays_hidden(tmp_path: Path) -> None:
    """An interpolated key is there, and no repr of the configuration shows it."""
    config = load(tmp_path, WHOLE, ANTHROPIC_API_KEY="sk-ant-canary")
    key = config.providers["anthropic"].api_key
    assert key is not None
    assert key.reveal() == "sk-ant-canary"
    assert "canary" not in repr(config)


def test_the_alias_of_a_key(tmp_path: Path) -> None:
    """`refresh_endpoint` is `token_endpoint`; both at once is a mistake."""
    assert (
        provider(tmp_path, "{auth: {refresh_endpoint: https://a.example/t}}").auth.token_endpoint
        == "https://a.example/t"
    )
    error = failure(
        tmp_path, "providers: {p: {auth: {refresh_endpoint: https://a.example, token_endpoint: https://a.example}}}"
    )
    assert "says the same" in error.message


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("providers:\n  p:\n    base_rul: x", 3, "providers.p.base_rul", "base_url"),
        ("provider: {}", 1, "provider", "providers"),
        ("providers:\n  p:\n    auth:\n      mode: oauth", 4, "providers.p.auth.mode", "'oauth' is not one"),
        ("providers:\n  p:\n    auth:\n      mode: setup-token", 4, "providers.p.auth.mode", "setup_token"),
        (
            "providers: {p: {rate_limit: {requests_per_second: '2'}}}",
            1,
            "providers.p.rate_limit.requests_per_second",
            "'2' is not a number",
        ),
        (
            "providers: {p: {rate_limit: {requests_per_second: 0}}}",
            1,
            "providers.p.rate_limit.requests_per_second",
            "above 0",
        ),
        (
            "providers: {p: {rate_limit: {requests_per_second: -1}}}",
            1,
            "providers.p.rate_limit.requests_per_second",
            "out of range",
        ),
        (
            "providers: {p: {rate_limit: {requests_per_second: .nan}}}",
            1,
            "providers.p.rate_limit.requests_per_second",
            "not a number",
        ),
        ("providers: {p: {rate_limit: {burst: 1.5}}}", 1, "providers.p.rate_limit.burst", "not a whole number"),
        ("providers: {p: {rate_limit: [1]}}", 1, "providers.p.rate_limit", "expected a mapping, got a list"),
        ("providers: {p: {strict_streams: 1}}", 1, "providers.p.strict_streams", "not true or false"),
        ("providers: {p: {model: 5}}", 1, "providers.p.model", "put it in quotes"),
        (
            "providers: {p: {api_version: 2023-06-01}}",
            1,
            "providers.p.api_version",
            "expected text, got a date; put it in",
        ),
        ("providers: {p: {betas: x}}", 1, "providers.p.betas", "expected a list, got text"),
        ("providers: {p: {model: [x]}}", 1, "providers.p.model", "expected text, got a list"),
        ("providers: {p: {model: '${NOT_SET}'}}", 1, "providers.p.model", "NOT_SET"),
        ("providers: {p: {model: '${file:none.txt}'}}", 1, "providers.p.model", "cannot be read"),
        ("providers: {p: {model: '${A'}}", 1, "providers.p.model", "has no }"),
        ("providers: {p: {model: '${a b}'}}", 1, "providers.p.model", "not a variable"),
        ("providers:\n  p: {}\n  p: {}", 3, "providers.p", "there twice"),
        ("providers: {p: {model: a, model: b}}", 1, "providers.p.model", "there twice"),
        ("{}", 1, "", "'providers' is missing"),
        ("- 1", 1, "", "expected a mapping, got a list"),
        ("? [a]\n: b", 1, "", "a key is not text"),
        ("a: &x 1\nb: *x", 2, "", "aliases"),
        ("a: !!str x", 1, "", "tag"),
        ("a: !python/object:os.system x", 1, "", "tag"),
        ("a: [", 1, "", "expected"),
        ("a: b\n---\nc: d", 2, "", "another document"),
    ],
)
def test_a_mistake_is_reported_with_file_line_and_key(
    tmp_path: Path, text: str, line: int, key: str, says: str
) -> None:
    """One ConfigError names the file, the line, the key's path and what may stand there."""
    error = failure(tmp_path, text)
    assert (error.file, error.line, error.key) == (str(tmp_path / "llm.yaml"), line, key)
    assert says in str(error)
    assert str(error).startswith(f"{error.file}:{line}: ")


def test_a_file_that_cannot_be_read_or_is_no_text(tmp_path: Path) -> None:
    """A missing, an empty, a too large and a binary file have their own words."""
    with pytest.raises(ConfigError, match="No such file"):
        load_config(tmp_path / "none.yaml")
    assert "empty" in failure(tmp_path, "").message
    assert "empty" in failure(tmp_path, "# nothing\n").message
    assert "larger than 1 MiB" in failure(tmp_path, b"#" * ((1 << 20) + 1)).message
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        load_config("/dev/zero")  # a device has no size, and no end
    assert "larger than 1 MiB" in failure(tmp_path, "providers: {p: {api_key: '${file:/dev/zero}'}}").message
    assert failure(tmp_path, b"providers: {}\nx: \xff").line == 2
    assert "nested too deeply" in failure(tmp_path, "a: " + "[" * 1500).message


@pytest.mark.parametrize(
    ("mode", "meant"),
    [
        ("oauth", "oauth_bundle"),
        ("OAuth", "oauth_bundle"),
        ("bundle", "oauth_bundle"),
        ("oauth-bundle", "oauth_bundle"),
        ("api_key", "static"),
        ("claude-code", "cli_import"),
        ("token", "setup_token"),
        ("setup-token", "setup_token"),
        ("statik", "static"),
        ("atuo", "auto"),
    ],
)
def test_a_mode_that_is_none_names_the_one_that_was_meant(tmp_path: Path, mode: str, meant: str) -> None:
    """What people call a mode leads to it, before what is merely spelt alike."""
    error = failure(tmp_path, f"providers: {{p: {{auth: {{mode: {mode}}}}}}}")
    assert error.hint == f"Did you mean {meant!r}?"


def test_a_file_that_no_path_names_cannot_be_read() -> None:
    """`load_config` of what can be no path is a `ConfigError` too."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config("a\0b")


def test_an_agent_names_provider_and_model(tmp_path: Path) -> None:
    """An agent's file gives its model; its other keys are the application's."""
    config = load(tmp_path, "providers: {anthropic: {}}")
    path = tmp_path / "scout.yaml"
    path.write_text("name: scout\ntools: [a, b]\nmodel: {provider: anthropic, model: claude-haiku-4-5}\n")
    agent = load_agent(path, config)
    assert (agent.provider, agent.model, agent.max_tokens) == ("anthropic", "claude-haiku-4-5", None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("model: {provider: antropic, model: m}", "Did you mean 'anthropic'"),
        ("model: {provider: anthropic}", "'model' is missing"),
        ("name: x", "'model' is missing"),
        ("model: {provider: anthropic, model: m, modle: x}", "no such key"),
        ("model: claude", "expected a mapping, got text"),
    ],
)
def test_a_mistake_in_an_agent_s_file(tmp_path: Path, text: str, says: str) -> None:
    """A wrong `model` of an agent is reported like a mistake in llm.yaml."""
    config = load(tmp_path, "providers: {anthropic: {}}")
    path = tmp_path / "scout.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match="scout.yaml:1") as caught:
        load_agent(path, config)
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["providers: {}", "providers:"])
def test_no_provider_has_its_own_words(tmp_path: Path, text: str) -> None:
    """An empty list of providers is reported as that."""
    assert "it names no provider" in failure(tmp_path, text).message


def test_the_lines_of_the_keys_are_given(tmp_path: Path) -> None:
    """Whoever looks at two keys at once can say where they stand."""
    path = tmp_path / "llm.yaml"
    path.write_text("retry:\n  min_delay: 5.0\nproviders:\n  p:\n    model: m\n")
    _, lines = read_config(path, {})
    assert lines == {"retry": 1, "retry.min_delay": 2, "providers": 3, "providers.p": 4, "providers.p.model": 5}
