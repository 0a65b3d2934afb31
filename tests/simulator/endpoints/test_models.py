"""The list of models, as the official SDK sees it."""

from __future__ import annotations

import anthropic
import pytest

HAIKU = "claude-haiku-4-5"


def test_models_are_listed_in_pages(sdk: anthropic.Anthropic) -> None:
    """The list walks through every page, without the retired models."""
    whole = [model.id for model in sdk.models.list(limit=1000)]
    assert [model.id for model in sdk.models.list(limit=3)] == whole
    assert "claude-mythos-preview" not in whole
    assert [model.id for model in sdk.models.list(lifecycle=["retired"])] == ["claude-mythos-preview"]
    after = sdk.models.list(limit=2, after_id=whole[1])
    assert [model.id for model in after.data] == whole[2:4]
    before = sdk.models.list(limit=2, before_id=whole[3])
    assert [model.id for model in before.data] == whole[1:3]


def test_a_model_by_id_or_alias(sdk: anthropic.Anthropic) -> None:
    """An alias gives the dated model, and an unknown name a 404."""
    model = sdk.models.retrieve(HAIKU)
    assert (model.id, model.max_tokens, model.lifecycle) == ("claude-haiku-4-5-20251001", 64_000, "active")
    with pytest.raises(anthropic.NotFoundError):
        sdk.models.retrieve("claude-nope")


@pytest.mark.parametrize("limit", [0, 1001])
def test_limits_of_a_list(sdk: anthropic.Anthropic, limit: int) -> None:
    """A page holds 1 to 1000 items."""
    with pytest.raises(anthropic.BadRequestError):
        sdk.models.list(limit=limit)
