"""The models' names on the platforms."""

from __future__ import annotations

import pytest

from keybearer.providers.names import name_there, table


@pytest.mark.parametrize(
    ("model", "kind", "there"),
    [
        ("claude-haiku-4-5", "bedrock", "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("claude-haiku-4-5", "bedrock_mantle", "anthropic.claude-haiku-4-5"),
        ("claude-haiku-4-5-20251001", "bedrock_mantle", "anthropic.claude-haiku-4-5"),
        ("claude-opus-4-6", "bedrock", "anthropic.claude-opus-4-6-v1"),
        ("claude-sonnet-5-5", "bedrock", "anthropic.claude-sonnet-5-5"),
        ("claude-haiku-4-5", "vertex", "claude-haiku-4-5@20251001"),
        ("claude-sonnet-5-5", "vertex", "claude-sonnet-5-5"),
        ("claude-future-7-20270101", "vertex", "claude-future-7@20270101"),
        ("claude-future-7", "bedrock", "anthropic.claude-future-7"),
        ("us.anthropic.claude-opus-5", "bedrock", "us.anthropic.claude-opus-5"),
        ("claude-haiku-4-5@20251001", "vertex", "claude-haiku-4-5@20251001"),
        ("my-deployment", "foundry", "my-deployment"),
        ("claude-haiku-4-5", "foundry", "claude-haiku-4-5"),
    ],
)
def test_a_model_has_its_name_there(model: str, kind: str, there: str) -> None:
    """A name of the API's is translated; one that is the platform's already stays as it is."""
    prefix = "anthropic." if kind.startswith("bedrock") else ""
    assert name_there(model, kind, prefix) == there


def test_the_table_has_what_the_rule_cannot_know() -> None:
    """Every name in the table is one of the API's own, and each has another somewhere."""
    assert len(table()) >= 15
    assert all(name.startswith("claude-") and row for name, row in table().items())
