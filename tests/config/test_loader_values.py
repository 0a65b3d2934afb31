"""The values of llm.yaml: URLs, paths, numbers and variables, and how a wrong one is reported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keybearer.errors import ConfigError
from support.configs import failure, load, provider


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


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://api.anthropic.com", "not https"),
        ("http://localhost.evil.example", "not https"),
        ("http://127.0.0.1.evil.example", "not https"),
        ("http://evil.example/127.0.0.1", "not https"),
        ("http://sim.localhost", "not https"),
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
        "https://my_gateway.example/anthropic/%7Bteam%7D",
    ],
)
def test_a_base_url_that_may(tmp_path: Path, url: str) -> None:
    """Https to anywhere, http to this machine."""
    assert provider(tmp_path, f"{{base_url: '{url}'}}").base_url == url


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
def test_a_path_that_can_be_none_is_reported_with_its_line(tmp_path: Path, key: str, text: str, words: str) -> None:
    """No path ends in a traceback: the mistake is reported where it stands."""
    with pytest.raises(ConfigError, match=words) as caught:
        load(tmp_path, f'providers:\n  anthropic:\n    {key}: "{text}"\n')
    assert (caught.value.line, caught.value.key) == (3, f"providers.anthropic.{key}")


@pytest.mark.parametrize("home", ["~", "", "relative"])
def test_a_tilde_without_a_home_is_reported_with_its_line(
    tmp_path: Path, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home that is no absolute path is none, and only a path that needs it is an error."""
    monkeypatch.setenv("HOME", home)
    assert provider(tmp_path, "{ca_file: ca.pem}").ca_file == str(tmp_path / "ca.pem")
    for text in ("{ca_file: ~/ca.pem}", "{api_key: '${file:~/key}'}"):
        with pytest.raises(ConfigError, match="it begins with ~, and there is no home"):
            provider(tmp_path, text)


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    """A key that an editor of Windows saved is the key."""
    (tmp_path / "key.txt").write_text("\ufeffsk-ant-canary\r\n", encoding="utf-8")
    key = provider(tmp_path, "{api_key: '${file:key.txt}'}").api_key
    assert key is not None
    assert key.reveal() == "sk-ant-canary"


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
    """Infinite, bottomless and out of range numbers are reported in plain words."""
    error = failure(tmp_path, "providers: {p: " + text + "}")
    assert words in error.message
    assert len(error.message) < 300


def test_infinity_from_the_environment_is_refused(tmp_path: Path) -> None:
    """A variable cannot bring a number that the file could not."""
    for value in ("inf", "nan", "1e999"):
        text = "providers: {p: {rate_limit: {requests_per_second: '${R}'}}}"
        assert "must be finite" in failure(tmp_path, text, R=value).message


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
    """A wrong proxy is reported with its line and without a part of it; a good one is there, and no repr shows its password."""
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
