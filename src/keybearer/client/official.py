"""keybearer's credentials for the official SDK's `credentials=` parameter.

    import anthropic
    from keybearer import SDKCredentials

    client = anthropic.Anthropic(credentials=SDKCredentials.from_config("config/llm.yaml"))

Strategy: `expires_at=0` makes the SDK ask before every request, so it has every guarantee of keybearer's credentials: one refresh over
tasks, threads and processes, no lost token, and another process's refresh adopted.

Contract: only OAuth tokens are given; an API key goes to the SDK as `api_key=`. The SDK's base URL must be one that the
token may go to.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

from keybearer.client.settings import resolve
from keybearer.credentials.credential import Credential, CredentialProvider
from keybearer.credentials.hosts import check_host
from keybearer.errors import UsageError
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.default import DefaultAsyncTransport, DefaultTransport

if TYPE_CHECKING:
    from anthropic.lib.credentials import AccessToken

__all__ = ["AsyncSDKCredentials", "SDKCredentials"]


class _Bridge:
    """What both kinds share.

    Args:
        provider: What gives the credentials; found as a client's are when omitted.
    """

    def __init__(self, provider: CredentialProvider | None = None) -> None:
        self._provider = provider or resolve({}).exchange.credentials
        self._last: Credential | None = None

    @classmethod
    def from_config(cls, path: str | os.PathLike[str] = "config/llm.yaml", *, provider: str | None = None) -> Self:
        """Take the credentials that `llm.yaml` describes.

        Args:
            path: The file.
            provider: The provider; the only one when omitted.

        Raises:
            ConfigError: The file cannot be used.
            CredentialError: The credential cannot be used.
        """
        from keybearer.client.from_config import configured

        return cls(resolve({}, configured(path, None, provider)).exchange.credentials)

    def for_base_url(self, base_url: str) -> Self:
        """Check the address that the SDK's client sends to; the SDK calls this when it is made.

        Raises:
            CredentialError: The token may not go there.
        """
        check_host(base_url, getattr(self._provider, "other_hosts", ()), what="keybearer's OAuth token")
        return self

    def _begin(self, force_refresh: bool) -> None:
        if force_refresh and self._last is not None:
            self._provider.rejected(self._last)

    def _token(self, credential: Credential) -> AccessToken:
        from anthropic.lib.credentials import AccessToken

        self._last = credential
        token = credential.access_token
        if token is None:
            raise UsageError(
                f"The credential in use is an {credential.signer.what}: {credential.source}.",
                hint="Give an API key to the SDK as api_key=; this is for OAuth tokens.",
            )
        return AccessToken(token=str(token.reveal()), expires_at=0)


class SDKCredentials(_Bridge):
    """Credentials for `anthropic.Anthropic(credentials=...)`, and for the async client too.

    Args:
        provider: What gives the credentials; found as a client's are when omitted.
    """

    def __call__(self, *, force_refresh: bool = False) -> AccessToken:
        """Give the access token, fresh.

        Args:
            force_refresh: The token given last was refused.

        Raises:
            CredentialError: There is none that can be used.
        """
        self._begin(force_refresh)
        return self._token(SyncDriver(DefaultTransport(TransportOptions())).run(self._provider.current()))


class AsyncSDKCredentials(_Bridge):
    """Credentials for `anthropic.AsyncAnthropic(credentials=...)` that are awaited on its loop.

    Args:
        provider: What gives the credentials; found as a client's are when omitted.
    """

    async def __call__(self, *, force_refresh: bool = False) -> AccessToken:
        """Give the access token, fresh.

        Args:
            force_refresh: The token given last was refused.

        Raises:
            CredentialError: There is none that can be used.
        """
        self._begin(force_refresh)
        driver = AsyncDriver(DefaultAsyncTransport(TransportOptions()))
        return self._token(await driver.run(self._provider.current()))
