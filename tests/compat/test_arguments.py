"""How a resource comes to take the SDK's arguments."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.client.resources.messages import Messages
from keybearer.compat import Anthropic
from keybearer.compat.arguments import OLD_VERSION, Sampling, options, translating
from keybearer.compat.sentinels import NOT_GIVEN
from keybearer.types.http import Timeouts


def test_options_are_keybearers() -> None:
    """Without sentinels, and with its time limits."""
    assert options({"max_retries": 1, "betas": NOT_GIVEN}) == {"max_retries": 1}
    assert options({"timeout": 3.0})["timeout"] == Timeouts(
        connect=3.0, first_byte=3.0, idle=3.0, progress=300.0, total=None
    )


def test_a_resource_stays_of_its_class() -> None:
    """So do those below it, and the ones that keep the reply; a method keeps its name and docstring."""
    with Anthropic(api_key="sk-ant-test") as client:
        assert isinstance(client.messages, Messages)
        assert type(client.messages).__name__ == "Messages"
        assert client.messages.create.__doc__ == Messages.create.__doc__
        assert type(client.messages.batches).__mro__[1].__name__ == "Batches"
        assert client.beta.messages is client.messages


def test_each_public_method_translates_and_no_other() -> None:
    """What is private, and what is a property, is as it was; the SDK's other ways to an answer are added."""
    made = translating(Messages, dict)
    translated = {name for name in vars(made) if not name.startswith("_")}
    answers = {"with_raw_response", "with_streaming_response"}
    assert translated == {"create", "estimate", "parse", "stream", "count_tokens", "run", "run_stream", *answers}


@pytest.mark.parametrize(
    ("given", "chosen", "expected"),
    [
        ({"messages": [], "temperature": 1}, False, True),
        ({"messages": [], "temperature": None}, False, False),
        ({"messages": [], "temperature": 1}, True, False),
        ({"messages": [], "top_k": 1, "extra_headers": {"Anthropic-Version": "x"}}, False, False),
        ({"requests": [{"params": {"top_p": 1}}]}, False, True),
        ({"requests": [{"params": None}, 3]}, False, False),
        ({"requests": iter([{"params": {"top_p": 1}}])}, False, False),
        ({"name": "an agent", "temperature": 1}, False, False),
    ],
)
def test_a_call_with_sampling_parameters_has_the_older_version(given: Any, *, chosen: bool, expected: bool) -> None:
    """Unless somebody chose one; a batch is looked at where it is a list."""
    headers = Sampling().versioned(given, chosen=chosen).get("extra_headers", {})
    assert (headers.get("anthropic-version") == OLD_VERSION) is expected
