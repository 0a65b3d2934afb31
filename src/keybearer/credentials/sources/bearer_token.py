"""A bearer token that nothing here can refresh: a setup token, or one from the environment."""

from __future__ import annotations

from keybearer.credentials.credential import Credential, FixedCredential
from keybearer.credentials.signers.bearer import OAUTH_BETA, BearerSigner
from keybearer.types.secret import Secret

__all__ = ["BearerToken"]


class BearerToken(FixedCredential):
    """The provider of a bearer token that does not change.

    Args:
        token: The token.
        source: Where it came from, in words.
        remedy: What to do when the service refuses it, in a sentence.
        other_hosts: Hosts that may have the token, besides Anthropic's and loopback.
        betas: The beta tags that it needs.
    """

    def __init__(
        self,
        token: Secret,
        *,
        source: str,
        remedy: str,
        other_hosts: tuple[str, ...] = (),
        betas: tuple[str, ...] = (OAUTH_BETA,),
    ) -> None:
        super().__init__(Credential(BearerSigner(token, betas, other_hosts), source, remedy))
        self.other_hosts = other_hosts
