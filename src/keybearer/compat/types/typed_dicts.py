"""TypedDicts as fields of pydantic's models, on Pythons before 3.12.

There pydantic refuses `typing.TypedDict`, which keybearer's are, and asks for that of `typing_extensions`, which the official SDK has.

Contract: such a field takes a dict with texts as keys, and keeps it as it is; what the service refuses is found when it is sent. From
3.12 on pydantic reads the TypedDict itself, and nothing is done here.
"""

from __future__ import annotations

import sys
from typing import Any, get_args, is_typeddict

__all__ = ["taken_by_pydantic"]


def taken_by_pydantic(value: Any) -> Any:
    """Return a type after letting pydantic take it and those that it is made of.

    Args:
        value: A TypedDict, or a union of them; any other type is left as it is.
    """
    if sys.version_info < (3, 12):
        if is_typeddict(value):
            value.__get_pydantic_core_schema__ = _dict_schema  # only pydantic looks for it
        else:
            for each in get_args(value):
                taken_by_pydantic(each)
    return value


def _dict_schema(source: Any, handler: Any) -> Any:
    from pydantic_core import core_schema

    del source, handler
    return core_schema.dict_schema(core_schema.str_schema())
