"""Which keys `llm.yaml` has."""

from __future__ import annotations

import pytest

from keybearer.config.keys import unknown_key


@pytest.mark.parametrize(
    ("path", "unknown"),
    [
        ("providers.a.model", None),
        ("providers.a.auth.refresh_endpoint", None),
        ("providers.a.headers.x-team", None),
        ("providers.a.prices.claude-opus-5-5.input", None),
        ("providers.a.betas", None),
        ("retry.min_delay", None),
        ("providers.a.modle", "providers.a.modle"),
        ("providers.a.auth.mode.x", None),
        ("providers.a.auth.modee", "providers.a.auth.modee"),
        ("provider.a.model", "provider"),
        ("providers.a.prices.m.inputs", "providers.a.prices.m.inputs"),
    ],
)
def test_a_path_leads_to_a_key_or_says_where_it_ends(path: str, unknown: str | None) -> None:
    """Below a mapping of the user's own names any name is one."""
    found = unknown_key(path.split("."))
    assert (found and found.path) == unknown
