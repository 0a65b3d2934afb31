"""The tables of what parts of a request cost: whatever the wheel knows stands in one of them."""

from __future__ import annotations

import re
import typing

from anthropic.types.beta import message_create_params

from keybearer.policy.billed_parts import PLAIN, READS_MORE, blocks, is_open, written


def test_every_parameter_of_the_wheel_is_known() -> None:
    """No parameter of `beta.messages.create` is one that this version refuses under a limit."""
    known = set(typing.get_type_hints(message_create_params.MessageCreateParamsBase)) - {
        "anthropic_user_profile_id",
        "betas",
        "user_profile_id",
        "workspace_id",
    }
    assert {name for name in known if not re.search("^anthropic_", name)} <= PLAIN | READS_MORE


def test_blocks_are_found_in_blocks() -> None:
    """Those in a tool's result and in a document are found too; a result's own parts are bounded by their bytes."""
    image = {"type": "image", "source": {"type": "url", "url": "https://x"}}
    document = {"type": "document", "source": {"type": "content", "content": [image]}}
    found = {"type": "web_search_tool_result", "content": [{"type": "web_search_result", "encrypted_content": "x"}]}
    fetched = {"type": "web_fetch_tool_result", "content": {"type": "web_fetch_result", "content": document}}
    body = {"messages": [{"role": "user", "content": [document, found, fetched]}]}
    assert [each["type"] for each in blocks(body)].count("image") == 2
    assert not any(map(is_open, blocks(body)))
    pdf = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "x"}}
    fetched = {"type": "web_fetch_tool_result", "content": {"type": "web_fetch_result", "content": pdf}}
    assert any(map(is_open, blocks({"messages": [{"role": "assistant", "content": [fetched]}]})))


def test_breakpoints_are_found_anywhere() -> None:
    """A breakpoint of a tool, a block or the request counts; one that is only a property of a schema does not."""
    mark = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    assert written({"tools": [{"input_schema": {"properties": mark}}]}) == set()
    assert written({"tools": [mark], "cache_control": {"type": "ephemeral"}}) == {"cache_write_1h", "cache_write_5m"}
