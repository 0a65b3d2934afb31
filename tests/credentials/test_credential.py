"""Signing, and the hosts that an OAuth token may go to."""

from __future__ import annotations

import pytest

from keybearer.credentials.credential import Credential
from keybearer.errors import CredentialError
from keybearer.types.http import Draft
from keybearer.types.secret import Secret


def draft(url: str) -> Draft:
    """A request to an address."""
    return Draft(method="POST", url=url + "/v1/messages", headers={})


TOKEN = Credential("oauth", Secret("sk-ant-oat01-x"), "a test")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.anthropic.com",
        "https://API.Anthropic.com",
        "https://platform.claude.com",
        "http://127.0.0.1:8000",
        "http://localhost:1",
        "http://[::1]:8000",
    ],
)
def test_an_oauth_token_goes_to_anthropic_and_loopback(url: str) -> None:
    """These hosts get the token."""
    assert TOKEN.sign(draft(url)).headers["authorization"] == "Bearer sk-ant-oat01-x"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://anthropic.com.example.com",
        "https://notanthropic.com",
        "https://api.anthropic.com@example.com",
        "http://api.anthropic.com",
        "http://10.0.0.1",
    ],
)
def test_an_oauth_token_goes_nowhere_else(url: str) -> None:
    """Another host, a look-alike, or clear text is refused before anything is sent."""
    with pytest.raises(CredentialError, match="is not sent") as caught:
        TOKEN.sign(draft(url))
    assert "sk-ant" not in str(caught.value)


def test_other_hosts_can_be_allowed() -> None:
    """`allow_other_hosts` adds hosts, each by its whole name."""
    token = Credential("oauth", Secret("t"), "a test", other_hosts=("gateway.example.com",))
    assert token.sign(draft("https://gateway.example.com")).headers["authorization"] == "Bearer t"
    with pytest.raises(CredentialError):
        token.sign(draft("https://evil.gateway.example.com"))


def test_an_api_key_goes_where_it_is_told() -> None:
    """An API key is the user's own to send to a gateway, in its own header."""
    key = Credential("api_key", Secret("sk-ant-api03-x"), "a test")
    request = key.sign(draft("https://gateway.example.com"))
    assert request.headers == {"x-api-key": "sk-ant-api03-x"}


def test_a_caller_cannot_be_overruled_by_a_profile() -> None:
    """What a request says of the workspace wins over the profile's."""
    token = Credential("oauth", Secret("t"), "a test", headers=(("anthropic-workspace-id", "a"),))
    request = token.sign(Draft(method="POST", url="https://api.anthropic.com", headers={"anthropic-workspace-id": "b"}))
    assert request.headers["anthropic-workspace-id"] == "b"
