"""Entra's tokens."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from keybearer.credentials.sources.azure import EntraCredentials
from keybearer.errors import NoCredentials


def test_a_token_is_asked_for_foundrys_scope() -> None:
    """The scope is the one of the SDK's own page."""
    asked: list[str] = []

    def get_token(scope: str) -> SimpleNamespace:
        asked.append(scope)
        return SimpleNamespace(token="t", expires_on=5)

    token, expires_at = EntraCredentials(SimpleNamespace(get_token=get_token)).fetch()
    assert (token.reveal(), expires_at, asked) == ("t", 5.0, ["https://ai.azure.com/.default"])


def test_without_azure_identity_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra, and the ways that need none."""
    monkeypatch.setitem(sys.modules, "azure", None)
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    with pytest.raises(NoCredentials) as caught:
        EntraCredentials().fetch()
    assert "Install keybearer[azure]" in caught.value.hint
