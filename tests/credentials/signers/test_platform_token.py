"""A platform's key or token: in its headers, for its host."""

from __future__ import annotations

import pytest

from keybearer.credentials.signers.platform_token import PlatformSigner
from keybearer.errors import CredentialError
from keybearer.types.http import Draft
from keybearer.types.secret import Secret

CANARY = "platform-key-canary-0123456789"


def draft(url: str) -> Draft:
    """Return a draft to an address."""
    return Draft(method="POST", url=url, headers={"accept": "x"})


def test_a_token_is_a_bearer_token() -> None:
    """Without headers of its own it goes into `Authorization`."""
    request = PlatformSigner(Secret(CANARY), "a.example", "token").sign(draft("https://a.example/x"), "a test")
    assert request.headers == {"accept": "x", "authorization": f"Bearer {CANARY}"}
    assert CANARY not in repr(request)


def test_a_key_goes_into_the_headers_of_the_platform() -> None:
    """Foundry reads a key from either of two headers; a repr masks both."""
    signer = PlatformSigner(Secret(CANARY), "a.example", "key", ("x-api-key", "api-key"))
    request = signer.sign(draft("https://a.example/x"), "a test")
    assert request.headers == {"accept": "x", "x-api-key": CANARY, "api-key": CANARY}
    assert CANARY not in repr(request) + repr(signer)
    assert signer.access_token is None


@pytest.mark.parametrize("url", ["https://b.example/x", "https://a.example.evil/x", "https://a.example:444/x"])
def test_no_other_host_gets_it(url: str) -> None:
    """A request to any other host is refused before it is sent."""
    with pytest.raises(CredentialError, match="is not sent to") as caught:
        PlatformSigner(Secret(CANARY), "a.example", "token").sign(draft(url), "a test")
    assert CANARY not in str(caught.value)
