"""A credential: its signer, what it adds to a request, and that nobody asks which signer it has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keybearer
from keybearer.credentials.credential import Credential, FixedCredential, signed
from keybearer.credentials.signers.bearer import BearerSigner
from keybearer.types.http import Draft, Request
from keybearer.types.secret import Secret
from support.logins import run


class Initials:
    """A third way of signing, which nothing in keybearer knows."""

    kind, what, refreshable, token_id, access_token = "initials", "signature", True, "1", None

    def sign(self, draft: Draft, source: str) -> Request:
        """Sign with the source's name."""
        return signed(draft, {**draft.headers, "x-signed-by": source})

    def redact(self, value: Any) -> Any:
        """Return the value: there is no secret."""
        return value


def test_a_signer_of_one_s_own_needs_nothing_else() -> None:
    """A credential signs with any signer, and a provider gives it."""
    provider = FixedCredential(Credential(Initials(), "me"))
    request = run(provider.current()).sign(Draft(method="POST", url="http://localhost", headers={"a": "b"}))
    assert request.headers == {"a": "b", "x-signed-by": "me"}


def test_a_caller_cannot_be_overruled_by_a_profile() -> None:
    """What a request says of the workspace wins over the profile's."""
    token = Credential(BearerSigner(Secret("t")), "a test", headers=(("anthropic-workspace-id", "a"),))
    request = token.sign(Draft(method="POST", url="https://api.anthropic.com", headers={"anthropic-workspace-id": "b"}))
    assert request.headers["anthropic-workspace-id"] == "b"


def test_only_the_signers_know_which_signer_it_is() -> None:
    """No other module compares a credential's kind: what differs is an attribute of the signer."""
    root = Path(keybearer.__file__).parent
    asked = [
        path.relative_to(root).as_posix()
        for folder in ("api", "cli", "client", "credentials", "exchange", "shell")
        for path in (root / folder).rglob("*.py")
        if re.search(r"\.kind (?:[!=]=|in|not in) ", path.read_text(encoding="utf-8"))
    ]
    assert asked == []
