"""The table of a client's options: what a half-done row would break."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import trustme

from keybearer import Client, RedisServer, RetryPolicy
from keybearer.api.checks import text
from keybearer.client.from_config import configured
from keybearer.client.options import OPTIONS, ClientOptions, Option
from keybearer.config.fields import is_section
from keybearer.config.schema import ProviderConfig
from keybearer.errors import ConfigError
from keybearer.providers.platform import FIELDS

OWN = {"api_key", "api_keys", "auth", "redis", "retry", "kind", "allow", *FIELDS}
"""Keys of a provider that are no option by themselves: the credential, the retry policy, those of a platform, and the Redis."""

SAMPLES: dict[str, tuple[str, Any]] = {
    "base_url": ("https://gateway.example", "https://gateway.example"),
    "model": ("claude-haiku-4-5", "claude-haiku-4-5"),
    "api_version": ('"2023-06-01"', "2023-06-01"),
    "timeout": ("{total: 5}", 5.0),
    "max_retries": ("7", 7),
    "requests_per_second": ("3", 3.0),
    "burst": ("4", 4),
    "concurrency": ("5", 5),
    "adaptive": ("false", False),
    "quota_alert_threshold": ("0.5", 0.5),
    "shared_limits": ("redis://redis.example/1", RedisServer(host="redis.example", database=1)),
    "tenant": ("search", "search"),
    "tenant_weight": ("2", 2.0),
    "circuit_breaker": ("{enabled: false}", False),
    "on_overload": ("[claude-sonnet-4-5]", ["claude-sonnet-4-5"]),
    "default_headers": ("{x-team: blue}", {"x-team": "blue"}),
    "betas": ("[some-beta]", ["some-beta"]),
    "proxy": ("http://proxy.example:8080", "http://proxy.example:8080"),
    "ca_file": ("./ca.pem", None),
    "stream_limits": ("{blocks: 9}", 9),
    "strict_streams": ("false", False),
    "stream_long_requests": ("false", False),
    "ledger": ("./spend.db", None),
    "spend_limit": ("{usd: 5.5, per: day, on_full: wait}", None),
    "prices": (
        '{claude-opus-5: {input: 4.5, batch: {input: 2}}, "*": {discount: 0.1}}',
        {
            "claude-opus-5": {"input": 4.5, "batch": {"input": 2.0}},
            "*": {"discount": 0.1},
        },
    ),
}
"""A value of each option in `llm.yaml`, and what the client gets; a new row needs one here."""


def missing(options: dict[str, Option]) -> list[str]:
    """Return what a table lacks, in words."""
    fields = {name: ProviderConfig.__annotations__[name] for name in ProviderConfig.__struct_fields__}
    sections = {name for name in ("rate_limit",) if name in fields}
    keys = {name for name in fields if name not in OWN | sections} | {
        f"{section}.{name}"
        for section in sections
        for name in type(getattr(ProviderConfig(), section)).__struct_fields__
    }
    named = {option.key for option in options.values() if option.key}
    found = [f"llm.yaml knows {key}, and no option reads it" for key in sorted(keys - named)]
    found += [f"{key} is no key of llm.yaml" for key in sorted(named - keys)]
    found += [f"{name} says nothing of itself" for name, option in options.items() if not option.words.endswith(".")]
    return found + [f"{name} has no sample" for name, option in options.items() if option.key and name not in SAMPLES]


def test_each_row_is_whole() -> None:
    """Each key of a provider is read by one option, each option that has a key has one that exists, and each has words."""
    assert missing(OPTIONS) == []
    assert all(is_section(type(getattr(ProviderConfig(), name))) for name in ("auth", "retry", "rate_limit"))


@pytest.mark.parametrize(
    "row",
    [
        Option(text, "Misspelt.", "zork"),
        Option(text, "", None),
        Option(text, "Without a sample.", "base_url"),
    ],
)
def test_a_half_done_row_fails(row: Option) -> None:
    """A newcomer's row with a key that does not exist, without words, or without a sample is named."""
    assert missing(OPTIONS | {"mine": row}) != []


def test_a_key_that_no_option_reads_fails() -> None:
    """A key that was added to the schema alone, which would be read and do nothing, is named."""
    assert missing({name: option for name, option in OPTIONS.items() if name != "burst"}) == [
        "llm.yaml knows rate_limit.burst, and no option reads it"
    ]


@pytest.mark.parametrize("name", [name for name, option in OPTIONS.items() if option.key])
def test_what_the_file_says_reaches_the_client(tmp_path: Path, name: str) -> None:
    """Each key that has an option sets it, and the client takes it; an argument of the client wins."""
    written, wanted = SAMPLES[name]
    option = OPTIONS[name]
    assert option.key is not None
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    path = tmp_path / "llm.yaml"
    lines = ["providers:", "  one:", "    api_key: sk-ant-test"]
    lines += ["  " * depth + f"{key}:" for depth, key in enumerate(option.key.split("."), 2)]
    more = "      shared: redis://redis.example\n" if name.startswith("tenant") else ""  # else they are refused
    path.write_text("\n".join(lines) + f" {written}\n{more}")
    found = configured(path, None, None).options[name]
    if name == "timeout":
        assert found.total == wanted
    elif name == "stream_limits":
        assert found.blocks == wanted
    elif name in {"ca_file", "ledger"}:
        assert os.fspath(found) == str(tmp_path / written)
    elif name == "spend_limit":
        assert (str(found.usd), found.per, found.on_full) == ("5.5", "day", "wait")
    else:
        assert found == wanted
    assert option.check(found) is None
    Client.from_config(path).close()


@pytest.mark.parametrize(
    ("written", "why"), [("{per: day}", "takes usd or tokens"), ("{usd: 1, timezone: Mars/Base}", "no such")]
)
def test_a_spend_limit_of_the_file_is_checked(tmp_path: Path, written: str, why: str) -> None:
    """What no limit can be is a mistake of the file, with its line."""
    path = tmp_path / "llm.yaml"
    path.write_text(f"providers:\n  one:\n    api_key: sk-ant-test\n    spend_limit: {written}\n")
    with pytest.raises(ConfigError, match=rf":4: providers.one.spend_limit: it cannot be: .*{why}"):
        configured(path, None, None)


def test_the_types_and_the_table_are_one() -> None:
    """An editor completes what the table has, with its words; the retry policy is merged by hand."""
    assert list(OPTIONS) == list(ClientOptions.__annotations__)
    for name, option in OPTIONS.items():
        assert f"{name}: {option.words}" in str(ClientOptions.__doc__)
    assert OPTIONS["retry"].check(RetryPolicy()) is None


def test_the_page_has_the_table() -> None:
    """The docs list each option with its key and its words; a missing row is shown as it must be."""
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    for name, option in OPTIONS.items():
        key = f"`{option.key}`" if option.key else ""
        assert f"| `{name}` | {key} | {option.words} |" in page
