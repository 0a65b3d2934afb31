"""An identity provider of the simulator's own: it issues identity tokens, rotates its keys, and revokes them.

Strategy: the keys and the signatures are PyJWT's and cryptography's, which are loaded with the first token: only simulators that are
asked for one need the extra `simulator-identity`. Tokens are dated by the simulator's clock.

Contract: a key that was rotated stays in the key set until it is revoked, as providers keep it for the tokens that it has signed.

Sources: RFC 7515, 7517, 7519; OpenID Connect Discovery 1.0.
"""

from __future__ import annotations

import json
import secrets
from typing import Any, Final

from msgspec import Struct

from keybearer.simulator.core.clock import SimulatedClock

__all__ = ["ALGORITHMS", "AUDIENCE", "ISSUER", "SUBJECT", "IdentityProvider", "load_jwt"]

ISSUER: Final = "https://identity.simulator.test"
"""The issuer (`iss`) of its tokens; a name, which nothing has to resolve."""
AUDIENCE: Final = "https://api.anthropic.com"
SUBJECT: Final = "system:serviceaccount:default:app"
ALGORITHMS: Final = ("ES256", "RS256")
LIFETIME: Final = 3600


def load_jwt() -> Any:
    """Return the library `jwt`.

    Raises:
        ImportError: The extra is not installed; the message has the command that installs it.
    """
    try:
        import cryptography  # noqa: F401 - PyJWT without it signs nothing here
        import jwt
    except ImportError as error:
        raise ImportError(
            "The simulator's federation needs PyJWT and cryptography, which are not installed. "
            "Install keybearer with its extra: 'keybearer[simulator-identity]'",
            name=error.name,
        ) from None
    return jwt


class _SigningKey(Struct, frozen=True):
    kid: str
    algorithm: str
    private: Any

    @property
    def public(self) -> dict[str, Any]:
        """The key as it is published."""
        jwt = load_jwt()
        made: dict[str, Any] = json.loads(jwt.get_algorithm_by_name(self.algorithm).to_jwk(self.private.public_key()))
        return made | {"kid": self.kid, "alg": self.algorithm, "use": "sig"}


class IdentityProvider:
    """The provider.

    Args:
        clock: The clock that its tokens are dated by.
    """

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self._keys: list[_SigningKey] = []

    def issue(
        self,
        *,
        subject: str = SUBJECT,
        audience: str | list[str] = AUDIENCE,
        expires_in: float = LIFETIME,
        claims: dict[str, Any] | None = None,
    ) -> str:
        """Issue an identity token.

        Args:
            subject: Whom it is about (`sub`).
            audience: Whom it is for (`aud`).
            expires_in: Seconds until it expires; not positive for one that has expired already.
            claims: More claims, which win over these; None as a value leaves a claim out.
        """
        jwt = load_jwt()
        if not self._keys:
            self.rotate()
        now, key = self._clock.now(), self._keys[-1]
        whole = {
            "iss": ISSUER,
            "sub": subject,
            "aud": audience,
            "iat": int(now if expires_in > 0 else now + expires_in - LIFETIME),
            "exp": int(now + expires_in),
            "jti": secrets.token_hex(8),
        } | (claims or {})
        kept = {name: value for name, value in whole.items() if value is not None}
        token: str = jwt.encode(kept, key.private, algorithm=key.algorithm, headers={"kid": key.kid})
        return token

    def rotate(self, algorithm: str = "ES256") -> str:
        """Sign with a new key from now on; return its id.

        Raises:
            ValueError: The algorithm is not one of `ALGORITHMS`.
        """
        if algorithm not in ALGORITHMS:
            raise ValueError(f"algorithm is one of {', '.join(ALGORITHMS)}, not {algorithm!r}")
        load_jwt()
        from cryptography.hazmat.primitives.asymmetric import ec, rsa

        private: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if algorithm == "ES256"
            else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )
        self._keys.append(_SigningKey(secrets.token_hex(4), algorithm, private))
        return self._keys[-1].kid

    def private_pem(self) -> tuple[str, str]:
        """Return the id of the present key, and the private key in PEM; one is made if there is none."""
        if not self._keys:
            self.rotate("RS256")
        from cryptography.hazmat.primitives import serialization

        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return self._keys[-1].kid, self._keys[-1].private.private_bytes(*form).decode()

    def revoke(self, kid: str | None = None) -> None:
        """Take a key out of the key set, or all of them: the tokens that it has signed are good no longer."""
        self._keys = [key for key in self._keys if kid is not None and key.kid != kid]

    def key_set(self) -> dict[str, Any]:
        """Return the public keys (RFC 7517)."""
        return {"keys": [key.public for key in self._keys]}
