"""PKCE by the RFC's own example."""

from __future__ import annotations

import secrets

from keybearer.credentials.oauth.pkce import PKCE
from keybearer.types.secret import Secret

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
OCTETS = bytes(
    [
        *(116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214),
        *(191, 240, 91, 88, 5, 88, 83, 132, 141, 121),
    ]
)


def test_the_vectors_of_rfc_7636_appendix_b() -> None:
    """The RFC's octets give its verifier, and that its challenge."""
    pkce = PKCE.make(lambda size: OCTETS[:size])
    assert pkce.verifier == Secret(VERIFIER)
    assert pkce.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_each_verifier_is_new_and_shows_itself_nowhere() -> None:
    """256 random bits in 43 characters, masked in repr."""
    one, two = PKCE.make(secrets.token_bytes), PKCE.make(secrets.token_bytes)
    assert one.verifier != two.verifier
    assert len(one.verifier) == 43
    assert one.verifier.reveal() + "" not in repr(one)
