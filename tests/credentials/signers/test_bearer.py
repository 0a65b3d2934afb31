"""Signing with an OAuth token, and the hosts that it may go to."""

from __future__ import annotations

import pytest

from keybearer.credentials.credential import Credential
from keybearer.credentials.signers.bearer import BearerSigner
from keybearer.errors import CredentialError
from keybearer.types.http import Draft
from keybearer.types.secret import Secret


def draft(url: str) -> Draft:
    """A request to an address."""
    return Draft(method="POST", url=url + "/v1/messages", headers={})


TOKEN = Credential(BearerSigner(Secret("sk-ant-oat01-x")), "a test")


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
    token = Credential(BearerSigner(Secret("t"), other_hosts=("gateway.example.com",)), "a test")
    assert token.sign(draft("https://gateway.example.com")).headers["authorization"] == "Bearer t"
    with pytest.raises(CredentialError):
        token.sign(draft("https://evil.gateway.example.com"))


def test_a_gateway_s_own_token_has_no_beta_tag() -> None:
    """Without `betas` the request's tags stay as they are; with them, each stands once."""
    tagged = Draft(method="POST", url="http://localhost", headers={"anthropic-beta": "a,oauth-2025-04-20"})
    assert BearerSigner(Secret("t"), betas=()).sign(draft("http://localhost"), "a test").headers.keys() == {
        "authorization"
    }
    assert BearerSigner(Secret("t")).sign(tagged, "a test").headers["anthropic-beta"] == "a,oauth-2025-04-20"


def test_a_token_can_be_given_on_and_distinguished() -> None:
    """Other programs may send the token as it is; its name is equal for equal tokens, and does not show it."""
    signer = BearerSigner(Secret("sk-ant-oat01-x"))
    assert signer.access_token == Secret("sk-ant-oat01-x")
    assert signer.refreshable
    assert (
        signer.token_id
        == BearerSigner(Secret("sk-ant-oat01-x"), betas=()).token_id
        != BearerSigner(Secret("y")).token_id
    )
    assert "oat01" not in signer.token_id


def test_a_token_is_taken_out_of_what_came_back() -> None:
    """Wherever a text repeats the token, it is replaced."""
    assert BearerSigner(Secret("gateway-1")).redact({"message": ["bad gateway-1"]}) == {"message": ["bad ***"]}
