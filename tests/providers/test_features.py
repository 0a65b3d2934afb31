"""What a platform lacks is refused in words, before anything is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keybearer import Platform
from keybearer.errors import UsageError
from keybearer.providers.destination import destination_of
from keybearer.providers.features import FEATURES, used
from keybearer.providers.table import PLATFORMS
from keybearer.types.http import Draft
from support.platforms import destination

FILE = [{"role": "user", "content": [{"type": "document", "source": {"type": "file", "file_id": "file_1"}}]}]
SAID = [{"role": "user", "content": [{"type": "text", "text": '"speed" {"type": "file", "file_id": "file_1"}'}]}]


def draft(path: str, body: dict[str, Any] | None = None, base: str = "https://x") -> Draft:
    """Return a draft in the API's own form."""
    return Draft(method="POST", url=base + path, headers={}, body=json.dumps(body).encode() if body else b"")


@pytest.mark.parametrize(
    ("path", "body", "features"),
    [
        ("/v1/messages", {"model": "m"}, ["messages"]),
        ("/v1/messages/count_tokens", None, ["count_tokens"]),
        ("/v1/messages/batches/b/results", None, ["batches"]),
        ("/v1/messages?beta=true", None, ["messages"]),
        ("/v1/models/m", None, ["models"]),
        ("/v1/files", None, ["files"]),
        ("/v1/skills/s", None, ["skills"]),
        ("/v1/agents", None, ["other"]),
        ("/v1/user_profiles/u/action_urls", None, ["action_urls"]),
        ("/v1/messages", {"speed": "fast"}, ["messages", "fast_mode"]),
        ("/v1/messages", {"speed": "standard", "container": None}, ["messages"]),
        ("/v1/messages", {"thread": {"type": "create"}}, ["messages", "threads"]),
        ("/v1/messages", {"mcp_servers": []}, ["messages", "mcp_connector"]),
        ("/v1/messages", {"fallbacks": [{}]}, ["messages", "server_fallbacks"]),
        ("/v1/messages", {"messages": FILE}, ["messages", "files"]),
        ("/v1/messages", {"messages": SAID}, ["messages"]),
        ("/v1/messages/batches", {"requests": [{"params": {"speed": "fast"}}]}, ["batches", "fast_mode"]),
    ],
)
def test_a_request_shows_what_it_uses(path: str, body: dict[str, Any] | None, features: list[str]) -> None:
    """The path and the fields say it; text that only looks like a field does not."""
    assert list(used(draft(path, body), path)) == features
    assert set(features) <= FEATURES.keys()


def test_the_refusal_names_who_offers_it() -> None:
    """It says what was not sent, to whom, and which platforms have it."""
    to = destination("bedrock")
    with pytest.raises(UsageError) as caught:
        to.check(draft("/v1/messages/batches", base=to.base))
    assert str(caught.value).startswith("Amazon Bedrock (runtime) does not offer message batches: nothing was sent.")
    assert "Anthropic's own API (kind: anthropic), Amazon Bedrock (Mantle) (kind: bedrock_mantle)" in caught.value.hint
    assert "Vertex" not in caught.value.hint


def test_a_guess_can_be_overruled() -> None:
    """A feature that the table only guesses to be missing says how to send it, and is sent then."""
    fast = draft("/v1/messages", {"speed": "fast"}, destination("foundry").base)
    with pytest.raises(UsageError, match="add 'fast_mode' to the platform's `allow`"):
        destination("foundry").check(fast)
    destination_of(Platform("foundry", resource="a-resource", allow=("fast_mode",)), {}).check(fast)


def test_every_lack_is_a_feature_with_a_source() -> None:
    """The table names features that exist, and how each lack is known."""
    for row in PLATFORMS.values():
        assert row.lacks.keys() <= FEATURES.keys()
        assert set(row.lacks.values()) <= {"wheel", "guess"}
