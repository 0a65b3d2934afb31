"""Signing with an API key."""

from __future__ import annotations

from keybearer.credentials.credential import Credential
from keybearer.credentials.signers.api_key import APIKeySigner
from keybearer.types.http import Draft
from keybearer.types.secret import Secret


def test_an_api_key_goes_where_it_is_sent() -> None:
    """An API key is the user's own to send to a gateway, in its own header."""
    key = Credential(APIKeySigner(Secret("sk-ant-api03-x")), "a test")
    request = key.sign(Draft(method="POST", url="https://gateway.example.com/v1/messages", headers={}))
    assert request.headers == {"x-api-key": "sk-ant-api03-x"}


def test_an_api_key_is_not_refreshed_or_given_on() -> None:
    """A 401 is final for it, no other program gets it as a token, and its name does not show it."""
    key = APIKeySigner(Secret("sk-ant-api03-x"))
    assert (key.refreshable, key.access_token) == (False, None)
    assert key.token_id == APIKeySigner(Secret("sk-ant-api03-x")).token_id != APIKeySigner(Secret("y")).token_id
    assert "api03" not in key.token_id


def test_an_api_key_is_taken_out_of_what_came_back() -> None:
    """Wherever a text repeats the key, it is replaced."""
    assert APIKeySigner(Secret("gateway-1")).redact("bad gateway-1") == "bad ***"
    assert APIKeySigner(Secret("test")).redact("a test") == "a test"  # a word that a local gateway takes is no secret
