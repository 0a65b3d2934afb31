"""Which endpoint a method and a path have."""

from __future__ import annotations

import pytest

from keybearer.simulator.http.paths import Paths

PATHS = Paths(
    {
        ("GET", "/"): "root",
        ("GET", "/v1/models"): "list",
        ("GET", "/v1/models/{id}"): "one",
        ("POST", "/v1/models/{id}"): "change",
        ("GET", "/v1/stores/{id}/memories/{memory}"): "memory",
        ("HEAD", "/health"): "head",
        ("GET", "/health"): "health",
        ("POST", "/health/{id}/undo"): "undo",
    }
)


@pytest.mark.parametrize(
    ("method", "path", "endpoint", "params"),
    [
        ("GET", "/", "root", {}),
        ("GET", "/v1/models", "list", {}),
        ("GET", "/v1/models/", "missing", {}),
        ("GET", "/v1/models/a b", "one", {"id": "a b"}),
        ("POST", "/v1/models/x", "change", {"id": "x"}),
        ("DELETE", "/v1/models/x", "other", {"id": "x"}),
        ("POST", "/v1/models", "other", {}),
        ("HEAD", "/v1/models", "list", {}),
        ("HEAD", "/v1/models/x", "one", {"id": "x"}),
        ("HEAD", "/health", "head", {}),
        ("HEAD", "/health/x/undo", "other", {"id": "x"}),
        ("GET", "/v1/stores/s/memories/m", "memory", {"id": "s", "memory": "m"}),
        ("GET", "/v1/stores/s/memories/m/more", "missing", {}),
        ("GET", "/v1/stores//memories/m", "missing", {}),
        ("GET", "", "missing", {}),
        ("GET", "*", "missing", {}),
    ],
)
def test_found(method: str, path: str, endpoint: str, params: dict[str, str]) -> None:
    """A parameter takes one whole part; a path that is there under other methods is another refusal than one that is not."""
    assert PATHS.find(method, path, missing="missing", not_allowed="other") == (endpoint, params)
