"""Workload identity federation as a source of credentials.

Strategy: every search loads this, so it only looks at names; the login itself is `keybearer.credentials.sources.federated_login`.

Contract: in `auto`, the variables count only when all that are needed are set, and `ANTHROPIC_PROFILE`, as in the SDK, goes before
them. What the configuration says, it says for good: an incomplete `auth.federation` is an error.
"""

from __future__ import annotations

from keybearer.config.auth_schema import FederationConfig
from keybearer.credentials.federation.named import RULE, missing
from keybearer.credentials.search import Found, Mode, Search
from keybearer.errors import CredentialError

__all__ = ["Federation"]


class Federation:
    """The source `federation`."""

    mode: Mode = "federation"
    lenient = False

    def configured(self, search: Search) -> bool:
        """Return whether the configuration speaks of it."""
        return search.auth.mode == "federation" or search.auth.federation != FederationConfig()

    def place(self, search: Search) -> str:
        """Return the rule and the identity token's place, or which variables are there and which not."""
        rule = search.auth.federation.federation_rule_id or search.environ.get(RULE)
        return f"workload identity federation by {f'rule {rule}' if rule else f'a rule, such as {RULE} names'}"

    def present(self, search: Search) -> bool:
        """Return whether all that it needs is named."""
        return self._wanted(search) and not missing(search.auth.federation, search.environ)

    def open(self, search: Search) -> Found:
        """Return the login; the identity token is read when the first access token is needed.

        Raises:
            CredentialError: Something that it needs is not named.
        """
        lacks = missing(search.auth.federation, search.environ)
        if not self._wanted(search) or (lacks and not self.configured(search)):
            source = self.place(search)
            raise CredentialError("Workload identity federation is not set up.", source=source, problem="missing")
        if lacks:
            raise CredentialError(
                f"Workload identity federation lacks {lacks[0]}.",
                source=self.place(search),
                problem="incomplete",
                hint=f"Set {lacks[1]}. docs/federation.md has a recipe for each platform.",
            )
        if search.auth.mode == "federation" and search.auth.store == "keyring":
            raise CredentialError(
                "auth.store is keyring, and a federation token is shared in a file.",
                source=self.place(search),
                problem="keyring",
                hint="Leave auth.store out; auth.federation.cache names the file.",
            )
        from keybearer.credentials.sources.federated_login import from_configuration

        return from_configuration(search)

    def _wanted(self, search: Search) -> bool:
        return self.configured(search) or not search.environ.get("ANTHROPIC_PROFILE")
