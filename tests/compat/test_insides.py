"""Modules of the SDK's insides that programs import names from."""

from __future__ import annotations

import importlib

import pytest

from keybearer import compat
from keybearer.compat.insides import WHERE


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("_client", "Anthropic AsyncAnthropic Client AsyncClient"),
        ("_constants", "DEFAULT_TIMEOUT DEFAULT_MAX_RETRIES"),
        ("lib.bedrock", "AnthropicBedrock AsyncAnthropicBedrock"),
        ("lib.vertex", "AnthropicVertex"),
        ("lib.streaming._types", "TextEvent InputJsonEvent MessageStopEvent MessageStreamEvent"),
        ("lib.streaming._beta_types", "BetaRawContentBlockStartEvent ParsedBetaMessageStopEvent"),
        ("lib.streaming._messages", "MessageStream AsyncMessageStream"),
        ("resources.messages.messages", "Messages Message RawMessageStreamEvent Stream MessageParam"),
        ("resources.beta.messages.messages", "Messages BetaMessage"),
    ],
)
def test_a_name_is_the_one_that_programs_mean(module: str, names: str) -> None:
    """The SDK has each in its module of this name, and it is the same as under its public name."""
    theirs = importlib.import_module(f"anthropic.{module}")
    ours = importlib.import_module(f"keybearer.compat.{module}")
    for name in names.split():
        assert hasattr(theirs, name)
        assert getattr(ours, name) is getattr(compat, name, None) or hasattr(ours, name)


def test_a_name_that_the_sdk_has_nowhere_is_none_here() -> None:
    """The error names the module; a module that is not listed is not found."""
    module = importlib.import_module("keybearer.compat._client")
    with pytest.raises(AttributeError, match=r"'keybearer.compat._client' has no attribute 'Nothing'"):
        module.Nothing  # noqa: B018 - the access is the test
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("keybearer.compat._base_client")
    assert [inside for inside in WHERE if importlib.import_module(f"anthropic.{inside}") is None] == []
