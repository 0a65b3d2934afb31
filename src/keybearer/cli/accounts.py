"""Whose login a bundle is: the token endpoint names the account and the organization, and the bundle keeps them."""

from __future__ import annotations

from typing import Any, NamedTuple

from keybearer.credentials.stores.documents import parse_object
from keybearer.errors.sanitize import sanitize
from keybearer.types.secret import Secret

__all__ = ["Account", "account_of"]


class Account(NamedTuple):
    """Whose login it is.

    Attributes:
        account: The account: its address, else its id.
        organization: The organization: its name, else its id; None when the bundle has none.
    """

    account: str | None
    organization: str | None

    def __str__(self) -> str:
        if self.account and self.organization:
            return f"{self.account} ({self.organization})"
        return self.account or self.organization or "an account without a name"

    def differs(self, other: Account) -> bool:
        """Return whether two accounts certainly differ: both state the account or the organization, and not the same."""
        return any(one and two and one != two for one, two in zip(self, other, strict=True))


def account_of(document: Secret) -> Account | None:
    """Return whose login a bundle's text is; None when it does not say.

    Args:
        document: The bundle's text.
    """
    whole = parse_object(document)[1]
    account, organization = _section(whole, "account"), _section(whole, "organization")
    found = Account(
        _text(account, "email_address") or _text(account, "email") or _text(account, "uuid"),
        _text(organization, "name") or _text(organization, "uuid"),
    )
    return found if found.account or found.organization else None


def _section(document: dict[str, Any], name: str) -> dict[str, Any]:
    section = document.get(name)
    return section if isinstance(section, dict) else {}


def _text(section: dict[str, Any], name: str) -> str | None:
    value = section.get(name)
    return sanitize(value, 100) if isinstance(value, str) and value.strip() else None
