"""Platforms' keys and tokens: kept, renewed in time, one fetch at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from keybearer.credentials.credential import Credential
from keybearer.credentials.signers.platform_token import PlatformSigner
from keybearer.credentials.sources.platform_tokens import CloudToken, FetchedToken, FunctionToken, platform_key
from keybearer.errors import CredentialError, NoCredentials, RefreshFailed
from keybearer.flow import Blocking, Flow, Invoke
from keybearer.types.secret import Secret

CANARY = "token-canary-0123456789"
signer = partial(PlatformSigner, host="a.example", what="access token")


def run(flow: Flow[Credential]) -> tuple[Credential, int]:
    """Run a flow, and count its effects."""
    effects, answer = 0, None
    try:
        while True:
            effect = flow.send(answer)
            effects += 1
            assert isinstance(effect, Blocking | Invoke)
            answer = effect.function()
    except StopIteration as end:
        return end.value, effects


class World:
    """A cloud's library on a clock that the test turns."""

    def __init__(self) -> None:
        self.now, self.fetched = 1000.0, 0
        self.lock = threading.Lock()
        self.tokens = CloudToken(
            self.fetch, signer, source="the cloud", remedy="log in.", lock=self.lock, now=lambda: self.now
        )

    def fetch(self) -> FetchedToken:
        """Fetch a token of an hour."""
        self.fetched += 1
        return FetchedToken(Secret(f"{CANARY}-{self.fetched}"), self.now + 3600)


def revealed(credential: Credential) -> str:
    """Return the token of a credential."""
    assert credential.access_token is not None
    return credential.access_token.reveal()


def test_a_token_is_kept_until_five_minutes_before_its_end() -> None:
    """The kept token needs no effect; five minutes before its end the next is fetched."""
    world = World()
    assert run(world.tokens.current())[1] == 1
    world.now += 3299
    kept, effects = run(world.tokens.current())
    assert (revealed(kept), effects) == (f"{CANARY}-1", 0)
    world.now += 2
    assert revealed(run(world.tokens.current())[0]) == f"{CANARY}-2"


def test_while_one_fetches_the_others_send_the_kept_token() -> None:
    """Until it is about to expire: then they wait."""
    world = World()
    run(world.tokens.current())
    world.now += 3400
    with world.lock:
        assert run(world.tokens.current())[1] == 0
        world.now += 195
        assert isinstance(next(world.tokens.current()), Blocking)


def test_a_crowd_fetches_once() -> None:
    """Of threads that come at once, one fetches."""
    world = World()
    threads = [threading.Thread(target=lambda: run(world.tokens.current())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.fetched == 1


def test_a_refused_token_is_not_sent_again() -> None:
    """After a 401 another is fetched; a refusal of an older token changes nothing."""
    world = World()
    first, _ = run(world.tokens.current())
    world.tokens.rejected(first)
    second, _ = run(world.tokens.current())
    assert revealed(second) == f"{CANARY}-2"
    world.tokens.rejected(first)
    assert run(world.tokens.current())[1] == 0


def failing(error: Exception) -> Callable[[], Any]:
    """Return a function that raises."""

    def fetch() -> Any:
        raise error

    return fetch


def test_a_librarys_error_is_in_words() -> None:
    """What the library raises is a `RefreshFailed` with what to do; an error of ours stays as it is."""
    make = partial(
        CloudToken, signer=signer, source="The cloud", remedy="log in.", lock=threading.Lock(), now=lambda: 0.0
    )
    with pytest.raises(RefreshFailed, match=r"The cloud gave no token: ValueError: no network[.] log in\."):
        run(make(failing(ValueError("no network"))).current())
    with pytest.raises(NoCredentials):
        run(make(failing(NoCredentials("none"))).current())


def test_a_function_is_asked_each_time() -> None:
    """Only the function knows how long its token lives."""
    answers = iter(["one", "two"])
    tokens = FunctionToken(lambda: next(answers), signer)
    assert [revealed(run(tokens.current())[0]) for _ in range(2)] == ["one", "two"]


@pytest.mark.parametrize("answer", [None, "", "a b", 5])
def test_what_a_function_returns_is_checked(answer: Any) -> None:
    """What is no token is refused without being shown."""
    with pytest.raises(CredentialError, match="returned no token"):
        run(FunctionToken(lambda: answer, signer).current())


def test_a_key_is_cleaned_and_checked() -> None:
    """White space around a pasted key is removed; a key that no header can have is refused without being shown."""
    assert revealed(run(platform_key(Secret(f" {CANARY}\n"), "X_KEY", signer).current())[0]) == CANARY
    with pytest.raises(CredentialError, match="The key from X_KEY is empty, or has characters") as caught:
        platform_key(Secret(f"{CANARY} {CANARY}"), "X_KEY", signer)
    assert CANARY not in str(caught.value)
