"""Finds the endpoint of a request by its method and path.

A path without parameters is one look-up. One with them, such as `/v1/files/{id}`, is compared part by part with those that
have as many parts; a parameter takes a whole part that is not empty. HEAD is answered as GET is, where it has no endpoint.
"""

from __future__ import annotations

import collections
from collections.abc import Mapping
from typing import Generic, TypeVar

__all__ = ["Paths"]

Endpoint = TypeVar("Endpoint")


class Paths(Generic[Endpoint]):
    """A table of endpoints.

    Args:
        table: Each endpoint by its method and path.
    """

    def __init__(self, table: Mapping[tuple[str, str], Endpoint]) -> None:
        self._fixed: dict[str, dict[str, Endpoint]] = collections.defaultdict(dict)
        patterns: dict[str, dict[str, Endpoint]] = collections.defaultdict(dict)
        for (method, path), endpoint in table.items():
            (patterns if "{" in path else self._fixed)[path][method] = endpoint
        self._patterns: dict[int, list[tuple[list[str], dict[str, Endpoint]]]] = collections.defaultdict(list)
        for path, methods in patterns.items():
            parts = path.split("/")
            self._patterns[len(parts)].append((parts, methods))

    def find(
        self, method: str, path: str, *, missing: Endpoint, not_allowed: Endpoint
    ) -> tuple[Endpoint, dict[str, str]]:
        """Find an endpoint.

        Args:
            method: The request's method.
            path: Its path, decoded.
            missing: The endpoint for a path that is not there.
            not_allowed: The endpoint for a path that is there under other methods.

        Returns:
            The endpoint, and the path's parameters by name.
        """
        if (methods := self._fixed.get(path)) is not None:
            return _by_method(methods, method, not_allowed), {}
        parts = path.split("/")
        for pattern, methods in self._patterns.get(len(parts), ()):
            params = _matched(pattern, parts)
            if params is not None:
                return _by_method(methods, method, not_allowed), params
        return missing, {}


def _by_method(methods: Mapping[str, Endpoint], method: str, other: Endpoint) -> Endpoint:
    found = methods.get(method)
    if found is None and method == "HEAD":
        found = methods.get("GET")
    return other if found is None else found


def _matched(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    """Return the parameters of a path that has the pattern's form, else None."""
    params = {}
    for form, part in zip(pattern, parts, strict=True):
        if form.startswith("{"):
            if not part:
                return None
            params[form[1:-1]] = part
        elif form != part:
            return None
    return params
