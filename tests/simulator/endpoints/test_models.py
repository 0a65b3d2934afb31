"""The list of models, as the official SDK sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import anthropic
import pytest

from keybearer.simulator import Simulator

HAIKU = "claude-haiku-4-5"


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """Run a simulator on a day of which the tests know who is retired."""
    with Simulator(on=date(2026, 11, 25)) as running:
        yield running


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


def test_two_cursors_are_refused(sdk: anthropic.Anthropic) -> None:
    """A page begins after one item or ends before one, not both."""
    with pytest.raises(anthropic.BadRequestError, match="after_id and before_id exclude each other"):
        sdk.models.list(after_id="claude-opus-5-5", before_id="claude-opus-5-5")


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


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the SDK warns that the model is deprecated
def test_a_model_retires_on_its_day(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Opus 4.5 is deprecated, answers until the day on which it retires, and is then no model any more."""
    name = "claude-opus-4-5"
    assert (model := sdk.models.retrieve(name)).lifecycle == "deprecated"
    assert model.retires_at == datetime(2027, 1, 22, tzinfo=UTC)

    def ask() -> anthropic.types.Message:
        return sdk.messages.create(model=name, max_tokens=20, messages=[{"role": "user", "content": "Say hi"}])

    assert ask().model == "claude-opus-4-5-20251101"
    sim.clock.advance(58 * 86400)  # to 2027-01-22
    with pytest.raises(anthropic.NotFoundError, match="model: claude-opus-4-5"):
        ask()
    assert name + "-20251101" not in [each.id for each in sdk.models.list()]
    assert sdk.models.retrieve(name).lifecycle == "retired"
