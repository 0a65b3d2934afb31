"""AWS keys: of the environment, of botocore, renewed by botocore."""

from __future__ import annotations

import sys
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from keybearer.credentials.signers.sigv4 import SigV4Signer
from keybearer.credentials.sources.aws import AWSCredentials, botocore_session, environment_key
from keybearer.errors import NoCredentials, RefreshFailed
from keybearer.flow import Blocking

signer = partial(SigV4Signer, region="us-east-1", service="bedrock", host="a.example")
SECRET = "aws-secret-canary-0123456789"


def run(provider: AWSCredentials) -> tuple[Any, int]:
    """Return the current credential, and how many effects it took."""
    flow, effects, answer = provider.current(), 0, None
    try:
        while True:
            effect = flow.send(answer)
            assert isinstance(effect, Blocking)
            effects += 1
            answer = effect.function()
    except StopIteration as end:
        return end.value, effects


class Chain:
    """botocore's credentials."""

    method = "sso"

    def __init__(self) -> None:
        self.number, self.due, self.fails = 1, False, False

    def refresh_needed(self) -> bool:
        """Return whether they are due."""
        return self.due

    def get_frozen_credentials(self) -> Any:
        """Return the present key, renewed when it is due."""
        if self.fails:
            raise RuntimeError("the SSO session has expired")
        if self.due:
            self.number, self.due = self.number + 1, False
        return SimpleNamespace(access_key=f"ASIA{self.number}", secret_key=SECRET, token="session")


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> Chain:
    """A botocore that finds a key which is renewed."""
    found = Chain()
    session = SimpleNamespace(get_scoped_config=dict, get_credentials=lambda: found)
    botocore, modules = ModuleType("botocore"), {"session": ModuleType("botocore.session")}
    modules["exceptions"] = ModuleType("botocore.exceptions")
    modules["session"].Session = lambda profile: session  # type: ignore[attr-defined] # noqa: ARG005
    modules["exceptions"].ProfileNotFound = KeyError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "botocore", botocore)
    for name, module in modules.items():
        setattr(botocore, name, module)
        monkeypatch.setitem(sys.modules, f"botocore.{name}", module)
    botocore_session.cache_clear()
    return found


def test_a_key_of_the_environment_needs_no_botocore() -> None:
    """AWS's three variables sign by themselves, without an effect; a profile that is named goes to botocore."""
    environ = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "t"}
    credential, effects = run(AWSCredentials(signer, None, environ))
    assert (credential.signer.key.access_key, credential.source, effects) == ("AKIA1", "AWS_ACCESS_KEY_ID", 0)
    assert environment_key({"AWS_ACCESS_KEY_ID": "AKIA1"}) is None
    assert SECRET not in repr(credential)


def test_botocore_renews_and_nothing_is_copied(chain: Chain) -> None:
    """The present key is asked for at each request, and where nobody sleeps if it is due to be renewed."""
    provider = AWSCredentials(signer, "work", {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": SECRET})
    first, effects = run(provider)
    assert (first.signer.key.access_key, first.source, effects) == ("ASIA1", "AWS (sso)", 1)
    assert run(provider)[1] == 0
    chain.due = True
    renewed, effects = run(provider)
    assert (renewed.signer.key.access_key, effects) == ("ASIA2", 1)


def test_a_renewal_that_fails_is_in_words(chain: Chain) -> None:
    """Botocore's own words stand in the error."""
    chain.fails = True
    with pytest.raises(
        RefreshFailed, match="botocore could not renew the AWS key: RuntimeError: the SSO session has expired"
    ):
        run(AWSCredentials(signer, None, {}))


def test_without_botocore_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra, and the ways that need none."""
    monkeypatch.setitem(sys.modules, "botocore", None)
    botocore_session.cache_clear()
    with pytest.raises(NoCredentials) as caught:
        run(AWSCredentials(signer, None, {}))
    assert "Install keybearer[aws]" in caught.value.hint
