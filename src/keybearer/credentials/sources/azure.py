"""Entra's access tokens, as azure-identity finds them: variables, workload identity, managed identity, the developer's own logins."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from keybearer.config.metadata import is_metadata_host
from keybearer.credentials.sources.platform_tokens import FetchedToken
from keybearer.errors import NoCredentials
from keybearer.types.secret import Secret

__all__ = ["EntraCredentials"]

SCOPE: Final = "https://ai.azure.com/.default"
"""Source: `lib/foundry.md` of the `anthropic` 2.14.0 wheel."""

REMEDY: Final = "log in with `az login`, or see which identity the environment has and whether it may call Foundry."


class EntraCredentials:
    """azure-identity's `DefaultAzureCredential`.

    Args:
        credential: Another credential of azure-identity's, in place of that.
    """

    def __init__(self, credential: Any = None) -> None:
        self._credential = credential

    def fetch(self) -> FetchedToken:
        """Fetch a token.

        Raises:
            NoCredentials: azure-identity is not installed.
        """
        if self._credential is None:
            try:
                from azure.identity import DefaultAzureCredential
            except ImportError:
                raise NoCredentials(
                    "Entra's credentials are looked for by azure-identity, which is not installed.",
                    hint="Install keybearer[azure], set ANTHROPIC_FOUNDRY_API_KEY, or give Platform(token=...) a function.",
                ) from None
            self._credential = DefaultAzureCredential(transport=_transport())
        token = self._credential.get_token(SCOPE)
        return FetchedToken(Secret(token.token), float(token.expires_on))


def _transport() -> Any:
    """Return azure-core's own transport, which goes past the environment's proxy for a metadata server."""
    from azure.core.pipeline.transport import RequestsTransport

    class Direct(RequestsTransport):  # type: ignore[misc] # the library has no types where it is not installed
        def __init__(self) -> None:
            super().__init__()
            self.without_proxy = RequestsTransport(use_env_settings=False)

        def send(self, request: Any, **given: Any) -> Any:
            if is_metadata_host(urlsplit(request.url).hostname or ""):
                return self.without_proxy.send(request, **given)
            return super().send(request, **given)

        def close(self) -> None:
            self.without_proxy.close()
            super().close()

    return Direct()
