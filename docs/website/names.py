"""Every public name, and what stands behind it: read from the packages' own `__all__`, and from a client."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import keybearer
from keybearer import bulk, errors, prices, simulator
from keybearer.testing import plugin
from keybearer.types import events

__all__ = ["public_names"]

RESOURCES = ("messages", "messages.batches", "models", "files", "skills", "skills.versions")
"""The resources that are typed by hand; the others are in one generated table (docs/resources.md)."""


def _client() -> Iterator[tuple[str, Any]]:
    """Give the methods of a client and of its resources, by their path from `client`."""
    client = keybearer.Client(api_key="sk-ant-example")
    for name in dir(client):
        if not name.startswith("_") and name not in RESOURCES:
            yield f"client.{name}", inspect.getattr_static(type(client), name)
    for path in RESOURCES:
        resource: Any = client
        for part in path.split("."):
            resource = getattr(resource, part)
        for name in dir(type(resource)):
            if not name.startswith("_") and f"{path}.{name}" not in RESOURCES:
                yield f"client.{path}.{name}", inspect.getattr_static(type(resource), name)
    client.close()


def public_names() -> dict[str, Any]:
    """Return every public name, with its object; properties and class methods as they stand in their class."""
    found = {name: getattr(keybearer, name) for name in keybearer.__all__}
    for prefix, module in (
        ("bulk", bulk),
        ("errors", errors),
        ("prices", prices),
        ("simulator", simulator),
        ("events", events),
    ):
        found |= {
            f"{prefix}.{name}": getattr(module, name)
            for name in module.__all__
            if name not in {*keybearer.__all__, "in_stream"}
        }
    found |= {f"testing.{name}": getattr(plugin, name) for name in ("claude_sim", "claude_env")}
    return found | dict(_client())
