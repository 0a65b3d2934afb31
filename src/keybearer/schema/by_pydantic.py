"""Types that pydantic knows better: its models and dataclasses, its adapters, and what brings its own validation.

Contract: pydantic is never imported; a type that is pydantic's can only be there when the program has imported it.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, Final, get_args, get_origin

from keybearer.schema.node import INVALID, Mistake, Mistakes, Node, join, shown
from keybearer.wire.json import dumps

__all__ = ["adapter_of", "pydantic_node"]

_HOOK: Final = "__get_pydantic_core_schema__"
"""The method by which a class, or what stands beside a type in `Annotated`, brings a validation of its own."""


def adapter_of(tp: Any) -> Any:
    """Return pydantic's `TypeAdapter` of a type that is pydantic's; None for any other.

    Args:
        tp: A model, a pydantic dataclass, an adapter, a class that brings its validation, or an `Annotated` with a validator.
    """
    pydantic = sys.modules.get("pydantic")
    if pydantic is None:
        return None
    if isinstance(tp, pydantic.TypeAdapter):
        return tp
    if get_origin(tp) is Annotated:
        ours = any(hasattr(each, _HOOK) for each in get_args(tp)[1:])
    else:
        ours = isinstance(tp, type) and (hasattr(tp, "__pydantic_validator__") or hasattr(tp, _HOOK))
    return pydantic.TypeAdapter(tp) if ours else None


def pydantic_node(adapter: Any) -> Node:
    """Return the node of a type by its adapter: pydantic's own schema and its own validation."""
    pydantic = sys.modules["pydantic"]

    def load(value: Any, at: str, problems: Mistakes) -> Any:
        try:
            return adapter.validate_json(dumps(value))
        except pydantic.ValidationError as error:
            for each in error.errors(include_url=False, include_context=False):
                path = at
                for key in each["loc"]:
                    path = join(path, key)
                words = f"{each['msg'][:1].lower()}{each['msg'][1:]}, not {shown(each['input'])}"
                problems.append(Mistake(path, words))
            return INVALID

    try:
        return Node(adapter.json_schema(), load)
    except pydantic.PydanticUserError as error:
        raise TypeError(f"pydantic makes no JSON Schema of it ({str(error).splitlines()[0].rstrip('.')})") from None
