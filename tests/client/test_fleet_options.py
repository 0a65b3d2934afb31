"""The options of a fleet: what would have no effect is refused, and what names a Redis reaches it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from keybearer import Client, RedisServer, Secret
from keybearer.client.from_config import configured
from keybearer.errors import ConfigError


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tenant": "a"}, "shared_limits names no Redis"),
        ({"tenant_weight": 2}, "shared_limits names no Redis"),
        ({"on_fleet": print}, "shared_limits names no Redis"),
        ({"shared_limits": "redis://h", "adaptive": False}, "leave one of them out"),
        ({"shared_limits": "http://h"}, "is not a URL of the form redis://host:6379/0"),
        ({"shared_limits": "redis://h", "tenant_weight": 0}, "a number above 0"),
    ],
)
def test_options_that_would_have_no_effect_are_refused(options: dict[str, Any], words: str) -> None:
    """Nothing of a fleet is accepted and ignored."""
    with pytest.raises(ConfigError, match=words):
        Client(api_key="sk-ant-fake", **options)


def test_the_word_redis_stands_for_the_section(tmp_path: Path) -> None:
    """Its password comes from a file, and its own words win over the URL's."""
    (tmp_path / "password").write_text("from-a-file\n")
    path = tmp_path / "llm.yaml"
    path.write_text(
        "providers:\n  one:\n    api_key: k\n"
        "    redis: {url: 'redis://h:7000', user: fleet, password: '${file:password}', prefix: p}\n"
        "    rate_limit: {shared: redis}\n"
    )
    server = configured(path, None, None).options["shared_limits"]
    assert server == RedisServer(host="h", port=7000, user="fleet", password=Secret("from-a-file"), prefix="p")
    assert "from-a-file" not in repr(server)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("rate_limit: {shared: redis}", r"llm.yaml:4: providers.one.rate_limit.shared: .* no section redis"),
        (
            "rate_limit: {shared: 'redis://a:hidden-pw@h:x'}",
            r"llm.yaml:4: providers.one.rate_limit.shared: it has a port",
        ),
    ],
)
def test_a_mistake_names_its_line_and_no_password(tmp_path: Path, lines: str, words: str) -> None:
    """As every mistake of the file does."""
    path = tmp_path / "llm.yaml"
    path.write_text(f"providers:\n  one:\n    api_key: k\n    {lines}\n")
    with pytest.raises(ConfigError, match=words) as refused:
        configured(path, None, None)
    assert "hidden-pw" not in str(refused.value)
