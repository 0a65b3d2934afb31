"""What all rows have in common is checked before; what a row may still make right is left to it."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer import AsyncClient
from keybearer.bulk.parameters import check_parameters
from keybearer.bulk.template import Template
from keybearer.errors import UsageError

CLIENT = AsyncClient(api_key="sk-ant-example", model="claude-haiku-4-5")
PARAMS = {"model": "claude-haiku-4-5", "max_tokens": 9}
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "{image}"}}
TURN = {"role": "user", "content": "{text}"}


@pytest.mark.parametrize(
    ("template", "params"),
    [
        (None, {}),
        ("{text}", PARAMS),
        ({"model": "{m}", "max_tokens": "{n}", "messages": [TURN]}, {}),
        ({"messages": "{turns}"}, PARAMS),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, PARAMS),
        ({"messages": [TURN], "tools": "{tools}", "tool_choice": {"type": "tool", "name": "look"}}, PARAMS),
        ({"messages": [TURN], "thinking": {"type": "enabled", "budget_tokens": 2048}, "max_tokens": "{n}"}, PARAMS),
        ({"messages": [TURN], "temperature": "{t}", "timeout": "{s}", "betas": ["{b}"]}, PARAMS),
        ({"messages": [TURN], "model": None}, PARAMS),
    ],
)
def test_what_rows_may_make_right(template: Any, params: dict[str, Any]) -> None:
    """It is not refused."""
    check_parameters(None if template is None else Template(template), params, CLIENT)


@pytest.mark.parametrize(
    ("template", "params", "says"),
    [
        (None, {"max_token": 5}, "Did you mean max_tokens"),
        (None, {"max_tokens": "many"}, "Every row would be refused: max_tokens"),
        ({"messages": [TURN], "stop_sequence": ["x"]}, PARAMS, "Did you mean stop_sequences"),
        ({"messages": [TURN], "tools": {}}, PARAMS, "Every row would be refused: tools"),
        ("{text}", {"max_tokens": 9, "model": " "}, "Every row would be refused: model"),
    ],
)
def test_what_every_row_would_be_refused_for(template: Any, params: dict[str, Any], says: str) -> None:
    """It is refused at once, in words."""
    with pytest.raises(UsageError, match=says):
        check_parameters(None if template is None else Template(template), params, CLIENT)
