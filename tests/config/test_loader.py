"""llm.yaml and the agents' files: what is read, and how mistakes are told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keybearer.config.loader import load_agent, load_config, read_config
from keybearer.config.schema import Config, ProviderConfig
from keybearer.errors import ConfigError

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


def load(tmp_path: Path, text: str | bytes, **environ: str) -> Config:
    """Read a file with this text."""
    path = tmp_path / "llm.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_config(path, environ)


def provider(tmp_path: Path, text: str, **environ: str) -> ProviderConfig:
    """Read the section of one provider, written as a flow mapping."""
    return load(tmp_path, "providers: {p: " + text + "}", **environ).providers["p"]


def failure(tmp_path: Path, text: str | bytes, **environ: str) -> ConfigError:
    """Return the error that a file gives."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, **environ)
    return caught.value


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


@pytest.mark.parametrize("value", [": {a: b}\n- x", "a # b", "'\"", "&x *x !!python/object:os.system", "{}", "\ta"])
def test_a_value_cannot_inject_structure(tmp_path: Path, value: str) -> None:
    """Whatever a variable holds, it is the text of one scalar."""
    key = provider(tmp_path, "{api_key: 'a${K}z'}", K=value).api_key
    assert key is not None
    assert key.reveal() == f"a{value}z"


def test_interpolation(tmp_path: Path) -> None:
    """Defaults, files against the config's folder, a literal dollar, and dollars that mean nothing."""
    (tmp_path / "key.txt").write_text("from a file\n\n")
    cases = {
        "${A:-x}": "x",
        "${EMPTY:-x}": "x",
        "${SET:-x}": "set",
        "${EMPTY}b": "b",
        "${file:key.txt}": "from a file",
        "$$${SET}$$": "$set$",
        "$${SET}": "${SET}",
        "cost: $5 $": "cost: $5 $",
        "${SET}${SET}": "setset",
    }
    for text, wanted in cases.items():
        assert provider(tmp_path, f"{{model: '{text}'}}", SET="set", EMPTY="").model == wanted


def test_numbers_and_booleans_may_come_from_the_environment(tmp_path: Path) -> None:
    """A typed value takes interpolated text that has its form."""
    section = provider(
        tmp_path,
        "{rate_limit: {requests_per_second: '${R}', burst: '${B}'}, strict_streams: '${S}'}",
        R="1.5",
        B="3",
        S="false",
    )
    assert (section.rate_limit.requests_per_second, section.rate_limit.burst, section.strict_streams) == (1.5, 3, False)


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
def test_a_mistake_is_told_with_file_line_and_key(tmp_path: Path, text: str, line: int, key: str, says: str) -> None:
    """One ConfigError names the file, the line, the key's path and what may stand there."""
    error = failure(tmp_path, text)
    assert (error.file, error.line, error.key) == (str(tmp_path / "llm.yaml"), line, key)
    assert says in str(error)
    assert str(error).startswith(f"{error.file}:{line}: ")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://api.anthropic.com", "not https"),
        ("http://localhost.evil.example", "not https"),
        ("http://127.0.0.1.evil.example", "not https"),
        ("http://evil.example/127.0.0.1", "not https"),
        ("http://localhost@evil.example", "user name"),
        ("http://user:pass@127.0.0.1", "user name"),
        ("http://192.168.1.5", "not https"),
        ("http://[::2]", "not https"),
        ("ftp://localhost", "not a URL"),
        ("api.anthropic.com", "not a URL"),
        ("https://", "not a URL"),
        ("https://a.example?x=1", "query"),
        ("https://a.example:port", "a port that is no number"),
        ("http://evil.test\\.localhost", "a host that is neither"),
        ("http://evil.test\\@localhost", "user name"),
        ("https://a.example\\.anthropic.com", "a host that is neither"),
        ("https://a_\u2024example", "a host that is neither"),
        ("http://localhost\u3002", "a host that is neither"),
        ("http://[fe80::1%25localhost]", "a host that is neither"),
        ("https://a.example;b", "a host that is neither"),
        ("https://a.example/\u00e9", "not printable ASCII"),
        ("http://localhost/..\\evil.test", "not printable ASCII"),
        ("http://127.1", "not https"),
        ("http://0x7f.0.0.1", "not https"),
        ("http://2130706433", "not https"),
    ],
)
def test_a_base_url_that_a_key_may_not_go_to(tmp_path: Path, url: str, says: str) -> None:
    """Only https goes, and http to a loopback address, judged by the parsed host."""
    error = failure(tmp_path, f"providers: {{p: {{base_url: '{url}'}}}}")
    assert says in str(error)
    assert "pass@" not in str(error)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "http://localhost:8080",
        "http://127.0.0.1",
        "http://127.9.9.9:1",
        "http://[::1]:8080",
        "http://sim.localhost",
        "https://my_gateway.example/anthropic/%7Bteam%7D",
    ],
)
def test_a_base_url_that_may(tmp_path: Path, url: str) -> None:
    """Https to anywhere, http to this machine."""
    assert provider(tmp_path, f"{{base_url: '{url}'}}").base_url == url


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


def test_a_home_path_and_an_absolute_path(tmp_path: Path) -> None:
    """`~` is the home; an absolute path stays."""
    assert provider(tmp_path, "{ca_file: ~/ca.pem}").ca_file == os.path.expanduser("~/ca.pem")  # noqa: PTH111 - the reference
    assert provider(tmp_path, "{ca_file: /etc/ca.pem}").ca_file == "/etc/ca.pem"


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("ca_file", "~nosuch-user/x", "it begins with ~nosuch-user, and the system knows no such user"),
        ("ca_file", "a\\0b", "it has a NUL in it, which no path has"),
        ("ca_file", "a\\ud83d", "half of a character"),
        ("api_key", "${file:~nosuch-user/x}", "it begins with ~nosuch-user"),
        ("api_key", "${file:a\\0b}", "it has a NUL in it"),
    ],
)
def test_a_path_that_can_be_none_is_told_with_its_line(tmp_path: Path, key: str, text: str, words: str) -> None:
    """No path ends in a traceback: the mistake is told where it stands."""
    with pytest.raises(ConfigError, match=words) as caught:
        load(tmp_path, f'providers:\n  anthropic:\n    {key}: "{text}"\n')
    assert (caught.value.line, caught.value.key) == (3, f"providers.anthropic.{key}")


@pytest.mark.parametrize("home", ["~", "", "relative"])
def test_a_tilde_without_a_home_is_told_with_its_line(
    tmp_path: Path, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home that is no absolute path is none, and only a path that needs it is an error."""
    monkeypatch.setenv("HOME", home)
    assert provider(tmp_path, "{ca_file: ca.pem}").ca_file == str(tmp_path / "ca.pem")
    for text in ("{ca_file: ~/ca.pem}", "{api_key: '${file:~/key}'}"):
        with pytest.raises(ConfigError, match="it begins with ~, and there is no home"):
            provider(tmp_path, text)


def test_a_file_that_no_path_names_cannot_be_read() -> None:
    """`load_config` of what can be no path is a `ConfigError` too."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config("a\0b")


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    """A key that an editor of Windows saved is the key."""
    (tmp_path / "key.txt").write_text("\ufeffsk-ant-canary\r\n", encoding="utf-8")
    key = provider(tmp_path, "{api_key: '${file:key.txt}'}").api_key
    assert key is not None
    assert key.reveal() == "sk-ant-canary"


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
    """A wrong `model` of an agent is told like a mistake in llm.yaml."""
    config = load(tmp_path, "providers: {anthropic: {}}")
    path = tmp_path / "scout.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match="scout.yaml:1") as caught:
        load_agent(path, config)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{rate_limit: {requests_per_second: .inf}}", "not a number"),
        ("{rate_limit: {requests_per_second: 1.0e+400}}", "must be finite"),
        ("{rate_limit: {requests_per_second: 0.0}}", "it must be above 0"),
        ("{rate_limit: {quota_alert_threshold: 1.5}}", "it must be above 0 and at most 1"),
        ("{rate_limit: {burst: 0}}", "it must be at least 1"),
        ("{max_retries: " + "9" * 5000 + "}", "a number of 5000 characters is too long"),
    ],
)
def test_numbers_that_are_none_are_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    """Infinite, bottomless and out of range numbers are told in plain words."""
    error = failure(tmp_path, "providers: {p: " + text + "}")
    assert words in error.message
    assert len(error.message) < 300


def test_infinity_from_the_environment_is_refused(tmp_path: Path) -> None:
    """A variable cannot bring a number that the file could not."""
    for value in ("inf", "nan", "1e999"):
        text = "providers: {p: {rate_limit: {requests_per_second: '${R}'}}}"
        assert "must be finite" in failure(tmp_path, text, R=value).message


@pytest.mark.parametrize("text", ["providers: {}", "providers:"])
def test_no_provider_has_its_own_words(tmp_path: Path, text: str) -> None:
    """An empty list of providers is told as that."""
    assert "it names no provider" in failure(tmp_path, text).message


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("providers: {p: {api_key: $KEY}}", "providers.p.api_key"),
        ("providers: {p: {model: '$KEY'}}", "providers.p.model"),
        ("providers: {p: {headers: {x-a: $KEY}}}", "providers.p.headers.x-a"),
        ("providers: {p: {max_retries: $KEY}}", "providers.p.max_retries"),
    ],
)
def test_a_variable_without_braces_is_no_variable(tmp_path: Path, text: str, key: str) -> None:
    """`$NAME` would be sent as it stands; the error says which form is due, and shows a name only if it is one."""
    error = failure(tmp_path, text, KEY="canary")
    assert str(error) == (
        f"{error.file}:1: {key}: a $ and a name, without braces, is no variable. "
        "Write ${KEY} for a variable, and $$ for a dollar."
    )
    error = failure(tmp_path, text.replace("$KEY", "$ecret_canary"))
    assert "canary" not in str(error)
    assert error.hint == "Write ${NAME} for a variable, and $$ for a dollar."


def test_a_dollar_of_another_kind_stays(tmp_path: Path) -> None:
    """Only a scalar that is nothing but a variable without braces is taken for a mistake."""
    for text, value in {"$$KEY": "$KEY", "a$KEY": "a$KEY", "$5": "$5", "$": "$"}.items():
        assert provider(tmp_path, f"{{model: '{text}'}}", KEY="x").model == value


def test_a_proxy_of_the_file_is_checked_and_hides_its_password(tmp_path: Path) -> None:
    """A wrong proxy is told with its line and without a part of it; a good one is there, and no repr shows its password."""
    section = provider(tmp_path, "{proxy: 'HTTP://user:canary@proxy.example:3128'}")
    assert section.proxy == "http://user:canary@proxy.example:3128"
    assert "canary" not in repr(section)
    assert "http://***@proxy.example:3128" in repr(section)
    error = failure(tmp_path, "providers: {p: {proxy: 'ftp://user:canary@proxy:1'}}")
    assert (error.line, error.key) == (1, "providers.p.proxy")
    assert "it is of a kind that is not known; it may be http://" in error.message
    assert "canary" not in str(error)


def test_a_time_limit_is_at_most_a_year(tmp_path: Path) -> None:
    """What no clock of a system counts is refused when the file is read."""
    assert "at most 31536000" in failure(tmp_path, "providers: {p: {timeouts: {idle: 1.0e+300}}}").message


def test_the_lines_of_the_keys_are_given(tmp_path: Path) -> None:
    """Whoever looks at two keys at once can say where they stand."""
    path = tmp_path / "llm.yaml"
    path.write_text("retry:\n  min_delay: 5.0\nproviders:\n  p:\n    model: m\n")
    _, lines = read_config(path, {})
    assert lines == {"retry": 1, "retry.min_delay": 2, "providers": 3, "providers.p": 4, "providers.p.model": 5}
