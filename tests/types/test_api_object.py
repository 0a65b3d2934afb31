"""`APIObject`: what is kept beside the fields, in copies and in comparisons."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from keybearer.errors import UnexpectedResponse
from keybearer.types.content import UnknownBlock, content_block
from keybearer.types.http import Headers
from keybearer.types.like_pydantic import state_of
from keybearer.types.usage import Usage, count
from keybearer.wire.response import parse

SOURCE: dict[str, Any] = {
    "type": "message",
    "id": "msg_1",
    "born_tomorrow": {"a": [1]},
    "content": [
        {"type": "text", "text": "hi", "new": 1},
        {"type": "web_search_tool_result", "tool_use_id": "t", "content": [{"type": "odd", "x": {"type": "in"}}]},
        {"type": "odd", "data": "x"},
    ],
    "usage": {"input_tokens": 1, "new_tokens": 2},
}


@pytest.mark.parametrize("make_copy", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])  # noqa: S301 - our own bytes
def test_a_copy_has_everything_that_came(make_copy: Callable[[Any], Any]) -> None:
    """Copies and pickles keep unknown fields, at every depth, and a message's headers and request id."""
    message = parse.message(SOURCE)
    state_of(message)["_headers"] = Headers([("request-id", "req_1")])
    made = make_copy(message)
    assert made == message
    assert made.to_dict() == SOURCE
    assert made.to_param() == message.to_param()
    assert made.request_id == "req_1"
    assert made.content[0].extra == {"new": 1}
    assert made.content[1].content[0].x.type == "in"
    assert made.usage.extra == {"new_tokens": 2}


def test_a_deep_copy_shares_nothing() -> None:
    """A deep copy's JSON is its own; a shallow one's values are the same."""
    message = parse.message(SOURCE)
    assert copy.deepcopy(message).to_dict()["born_tomorrow"] is not SOURCE["born_tomorrow"]
    assert copy.copy(message).content is message.content


def test_unknown_values_are_equal_when_all_that_came_is() -> None:
    """Two blocks of one unknown type are equal only with the same payload; equal ones have one hash."""
    one, same, other = (content_block({"type": "odd", "x": x}) for x in ([1], [1], [2]))
    assert isinstance(one, UnknownBlock)
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != content_block({"type": "text"})


@pytest.mark.parametrize("figure", [None, "12", [1], {}, -1, True, 1e400, float("nan"), 10**400])
def test_no_figure_of_a_usage_makes_a_sum_fail(figure: Any) -> None:
    """A figure that is not a sane number is kept as it came, and is not known: no sum makes a 0 of it."""
    usage = Usage.of(
        {
            "input_tokens": 2,
            "cache_read_input_tokens": figure,
            "cache_creation_input_tokens": 3.0,
            "output_tokens_details": {"thinking_tokens": figure},
        }
    )
    assert (usage.total_input_tokens, usage.thinking_tokens) == (5, None)
    assert Usage.of({"output_tokens_details": figure}).thinking_tokens is count(figure) is None


def test_text_that_is_null_is_no_text() -> None:
    """A text block without text is skipped by `Message.text`."""
    blocks = [{"type": "text", "text": None}, {"type": "text", "text": "a"}]
    assert parse.message({"type": "message", "content": blocks}).text == "a"


@pytest.mark.parametrize("content", [None, "hi", {"type": "text"}])
def test_an_answer_whose_content_is_not_a_list_is_not_the_apis(content: Any) -> None:
    """Content of another type is an error: an empty answer would hide it."""
    with pytest.raises(UnexpectedResponse, match="content is not a list"):
        parse.message({"type": "message", "content": content})
