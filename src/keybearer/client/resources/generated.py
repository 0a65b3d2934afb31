"""The names of the resources that are served from the table, for annotations such as `sessions: BetaSessions`.

Their methods and parameters are in `generated.pyi` beside this file; at run time each is a `Resource`.
"""

from __future__ import annotations

from keybearer.client.resources.tree import Resource


def __getattr__(name: str) -> type[Resource]:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return Resource
