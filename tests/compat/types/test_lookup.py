"""What the SDK's names of types stand for."""

from __future__ import annotations

import importlib
import pickle
from typing import Any

import pytest

from keybearer.compat import types as compat_types
from keybearer.compat.types import beta as compat_beta
from keybearer.types import content, events
from keybearer.types.messages import Message
from keybearer.types.record import Record
from keybearer.types.requests import RoleMessageParam

types: Any = compat_types
beta: Any = compat_beta


def test_a_type_that_keybearer_has_is_that() -> None:
    """Under the name of the API and under the beta API's."""
    assert types.Message is beta.BetaMessage is Message
    assert types.ToolUseBlock is beta.BetaToolUseBlock is content.ToolUseBlock
    assert types.MessageParam is RoleMessageParam
    assert types.RawMessageStreamEvent == events.RawEvent
    assert types.MessageParam(role="user", content="hi") == {"role": "user", "content": "hi"}


def test_a_block_of_a_server_tool_is_of_the_class_of_its_type() -> None:
    """The SDK has a class for each; here they are one class, and `type` says which."""
    found = content.content_block({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []})
    assert isinstance(found, types.WebSearchToolResultBlock)
    assert not isinstance(found, types.WebFetchToolResultBlock)
    assert not isinstance(content.TextBlock(text="hi"), types.WebSearchToolResultBlock)
    match found:
        case types.WebFetchToolResultBlock():
            pytest.fail("it is no result of a fetch")
        case types.WebSearchToolResultBlock(tool_use_id=tool_use_id):
            assert tool_use_id == "srvtoolu_1"
    assert types.WebSearchToolResultBlock(tool_use_id="srvtoolu_1", content=[]) == found


def test_both_kinds_of_the_event_that_ends_a_block_are_of_its_class() -> None:
    """The service's event, and the one of `messages.stream`, which holds the block."""
    whole = events.ContentBlockStopEvent(0, content.TextBlock(text="hi"))
    for event in (events.RawContentBlockStopEvent(0), whole):
        assert isinstance(event, types.RawContentBlockStopEvent)
    assert not isinstance(events.RawMessageStopEvent(), types.RawContentBlockStopEvent)


def test_a_model_that_keybearer_has_no_class_for_is_a_record() -> None:
    """It can be made, and is recognized by its type where it has one; where it has none, that is said."""
    vault = beta.BetaManagedAgentsVault
    made = vault(id="vlt_1")
    assert type(made) is Record
    assert (made.type, made.id) == ("vault", "vlt_1")
    assert isinstance(made, vault)
    assert not isinstance(Record.of({"type": "session"}), vault)
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own
    with pytest.raises(TypeError, match="nothing in it says its type"):
        isinstance(made, types.ModelCapabilities)


def test_a_parameter_that_keybearer_has_no_type_for_is_a_dict() -> None:
    """And a choice of texts is a text."""
    assert types.BrowserZoomConfigParam(enabled=True) == {"enabled": True}
    assert types.AnthropicBetaParam is str
    assert types.BROWSER_MEMBER_NAME_VALUES[0] == "navigate"


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        ("types.tool_use_block", "ToolUseBlock", content.ToolUseBlock),
        ("types.message_param", "MessageParam", RoleMessageParam),
        ("types.beta.beta_message", "BetaMessage", Message),
        ("types.beta.sessions.beta_managed_agents_span_model_usage", "BetaManagedAgentsSpanModelUsage", None),
        ("types.beta.sessions", "BetaManagedAgentsSpanModelUsage", None),
        ("types.shared.error_object", "ErrorObject", None),
    ],
)
def test_a_module_of_the_sdk_can_be_imported(module: str, name: str, expected: Any) -> None:
    """As programs do it, though nearly none is a file."""
    found = getattr(importlib.import_module(f"keybearer.compat.{module}"), name)
    assert expected is None or found is expected


def test_a_module_that_the_sdk_does_not_have_is_not_found() -> None:
    """Neither below the types nor beside them."""
    for module in ("types.no_such_type", "types.beta.nothing.at_all", "no_such_module"):
        with pytest.raises(ModuleNotFoundError, match=f"keybearer.compat.{module.partition('.at_all')[0]}"):
            importlib.import_module(f"keybearer.compat.{module}")


def test_an_unknown_type_has_the_nearest_name_in_its_error() -> None:
    """Nothing of the SDK's is near it."""
    with pytest.raises(AttributeError, match="no attribute 'BetaMesage'.*Did you mean"):
        beta.BetaMesage  # noqa: B018 - the access is the test


def test_star_imports_have_the_sdks_names() -> None:
    """`from anthropic.types import *`."""
    assert {"Message", "ToolParam", "FileExpiredError"} <= set(types.__all__)
