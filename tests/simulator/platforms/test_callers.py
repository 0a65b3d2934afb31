"""Who may call on a platform of the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.simulator.platforms.callers import PLATFORM_KEY, TOKENS, identify
from keybearer.simulator.platforms.refusal import PlatformRefusal


def ask(cloud: str, headers: dict[str, str], **more: Any) -> str:
    """Return who is calling."""
    return identify(cloud, "bedrock", method="POST", url="http://x/", headers=headers, body=b"", now=0.0, **more)


@pytest.mark.parametrize(
    ("cloud", "headers", "who"),
    [
        ("aws", {"authorization": f"Bearer {PLATFORM_KEY}1"}, "key"),
        ("google", {"authorization": f"Bearer {TOKENS['google']}1"}, "token"),
        ("azure", {"authorization": f"Bearer {TOKENS['azure']}1"}, "token"),
        ("azure", {"x-api-key": f"{PLATFORM_KEY}1"}, "key"),
        ("azure", {"api-key": f"{PLATFORM_KEY}1"}, "key"),
    ],
)
def test_its_own_keys_and_tokens_are_taken(cloud: str, headers: dict[str, str], who: str) -> None:
    """Each cloud takes its own form."""
    assert ask(cloud, headers) == who


@pytest.mark.parametrize(
    ("cloud", "headers"),
    [
        ("aws", {}),
        ("aws", {"authorization": "Bearer something-real"}),
        ("google", {"authorization": f"Bearer {PLATFORM_KEY}1"}),
        ("google", {"x-api-key": f"{PLATFORM_KEY}1"}),
        ("azure", {"authorization": f"Bearer {PLATFORM_KEY}1"}),
        ("google", {"authorization": "AWS4-HMAC-SHA256 x"}),
        ("aws", {"authorization": "AWS4-HMAC-SHA256 x"}),
    ],
)
def test_anything_else_is_refused(cloud: str, headers: dict[str, str]) -> None:
    """Another cloud's form, a real-looking key and nothing are refused, and not repeated."""
    with pytest.raises(PlatformRefusal) as caught:
        ask(cloud, headers)
    assert caught.value.status in {401, 403}
    assert "something-real" not in caught.value.message


def test_where_others_can_reach_it_a_key_ends_with_the_token() -> None:
    """On another host than loopback the simulator's token is a part of the key."""
    assert ask("aws", {"authorization": f"Bearer {PLATFORM_KEY}t0ken"}, ends_with="t0ken") == "key"
    with pytest.raises(PlatformRefusal):
        ask("aws", {"authorization": f"Bearer {PLATFORM_KEY}other"}, ends_with="t0ken")
