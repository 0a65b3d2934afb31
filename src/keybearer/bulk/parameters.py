"""The parameters that all rows of a job have in common, checked before any is sent: what is wrong there fails every row.

Strategy: a request is made with a word in place of each column, as the client would make it. What it is refused for counts where it
is about a parameter that no column changes; anything else may be right for the real rows, and is left to them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from keybearer.api.bodies import checked_body
from keybearer.bulk.template import Template
from keybearer.errors import LintError, UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.errors.sanitize import sanitize
from keybearer.types.requests import CreateParams, RequestOptions

__all__ = ["check_parameters"]

_KNOWN: Final = frozenset(CreateParams.__annotations__)
_OPTIONS: Final = frozenset(RequestOptions.__annotations__)
_NAME: Final = re.compile(r"\w+")
_WORD: Final = [{"role": "user", "content": "word"}]
_ENOUGH: Final = 64_000
"""A `max_tokens` above the thinking budgets that are tried."""

_NAMING: Final = "Name it in the template, or in params (on the command line -m and --max-tokens)."


def check_parameters(template: Template | None, params: Mapping[str, Any], client: Any) -> None:
    """Check the parameters that all rows have in common.

    Args:
        template: The template; None for rows that are requests.
        params: The arguments that every request has, unless it has its own.
        client: The client that sends the rows.

    Raises:
        UsageError: Every row would be refused.
    """
    given = {} if template is None else template.given
    for name in (*given, *params):
        if name not in _KNOWN:
            raise UsageError(
                f"There is no parameter {name!r} of a request.{did_you_mean(name, _KNOWN)}",
                hint="A parameter of the API that this version does not know goes into extra_body.",
            )
    filled = {"messages": _WORD} if template is None else template.fill(dict.fromkeys(template.columns, "word"))
    constant = (
        params.keys() - filled.keys() if template is None else (params.keys() - filled.keys()) | template.constant
    )
    stand_ins = {"model": "claude", "max_tokens": _ENOUGH}
    tried = {**params, **filled}
    for name, value in stand_ins.items():
        if (name in given and name not in constant) or (template is None and tried.get(name) is None):
            tried[name] = value  # each row has its own
        elif tried.get(name) is None and not getattr(client, name, None):
            raise UsageError(f"No row has {name}, which every request needs.", hint=_NAMING)
    if template is not None and "tools" in given and "tools" not in constant:
        tried.pop("tool_choice", None)  # it may name a tool of the column
    for name in (_OPTIONS & tried.keys()) - constant:
        del tried[name]
    most = tried.get("max_tokens")
    if (
        "max_tokens" in constant and most is not None and (type(most) is not int or most < 1)
    ):  # the linter does not look
        raise UsageError(
            f"Every row would be refused: max_tokens: it is {sanitize(repr(most), 40)}, and no whole number from 1 on."
        )
    _try(tried, constant, client)


def _try(params: Mapping[str, Any], constant: set[str], client: Any) -> None:
    """Make a request as the client would.

    Raises:
        UsageError: It is refused for what is constant.
    """
    settings = getattr(client, "_settings", None)
    if settings is None:  # an object that is only like a client
        return
    try:
        checked_body(settings.defaults, params, {})
    except TypeError as error:
        raise UsageError(f"Every row would fail: {error}") from None
    except LintError as error:
        problems = [each for each in error.problems if (name := _NAME.match(each)) and name[0] in constant]
        if problems:
            raise UsageError(f"Every row would be refused: {'; '.join(problems)}") from None
