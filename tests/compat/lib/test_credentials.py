"""The SDK's providers of tokens, as a client's `credentials`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest

from keybearer import compat
from keybearer.compat.lib.credentials import TokenProvider
from keybearer.errors import UsageError
from keybearer.simulator import Simulator

TOKEN = "sk-ant-oat01-sim-" + "a" * 80

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


def performed(flow: Any) -> Iterator[Any]:
    """Run a flow of calls that block, and give their results."""
    effect = next(flow, None)
    while effect is not None:
        found = effect.function()
        yield found
        try:
            effect = flow.send(found)
        except StopIteration:
            return


@pytest.mark.parametrize("sdk", [anthropic, compat])
def test_a_function_gives_the_token_of_a_request(sdk: Any, sim: Simulator) -> None:
    """It is asked once while its token is good, and again, with `force_refresh`, when the service refused it."""
    asked: list[bool] = []

    def function(*, force_refresh: bool = False) -> Any:
        asked.append(force_refresh)
        return sdk.AccessToken(TOKEN if force_refresh else "sk-ant-oat01-wrong", 4_000_000_000)

    with sdk.Anthropic(credentials=function, base_url=sim.base_url) as client:
        assert client.messages.create(**ASK).content
        assert client.messages.create(**ASK).content
    assert asked == [False, True]


@pytest.mark.parametrize("sdk", [anthropic, compat])
def test_a_coroutine_function_is_awaited(sdk: Any, sim: Simulator) -> None:
    """On the client's loop; what it raises reaches the caller."""

    async def run() -> None:
        loop = asyncio.get_running_loop()

        async def function(**_: bool) -> Any:
            assert asyncio.get_running_loop() is loop
            return sdk.AccessToken(TOKEN)

        async with sdk.AsyncAnthropic(credentials=function, base_url=sim.base_url) as client:
            assert (await client.messages.create(**ASK)).content

        async def failing(**_: bool) -> Any:
            raise LookupError("the vault is shut")

        async with sdk.AsyncAnthropic(credentials=failing, base_url=sim.base_url, max_retries=0) as client:
            with pytest.raises(LookupError if sdk is compat else anthropic.APIConnectionError):
                await client.messages.create(**ASK)

    asyncio.run(run())


def test_a_token_is_kept_until_a_minute_before_it_expires() -> None:
    """One that expires at 0 is asked for each time, and one without a time is kept."""
    for expires_at, calls in ((0, 3), (None, 1), (1_100, 2)):
        clock = iter([1_030.0, 1_050.0])
        made: list[int] = []

        def function(at: int | None = expires_at, made: list[int] = made, **_: bool) -> Any:
            made.append(1)
            return compat.AccessToken("sk-ant-oat01-x", at)

        provider = TokenProvider(function, None, lambda clock=clock: next(clock))  # type: ignore[misc] # a clock
        for _ in range(3):
            effects = list(performed(provider.current()))
            assert len(effects) <= 1
        assert len(made) == calls


def test_what_returns_no_token_and_what_is_the_sdks_alone_say_so(tmp_path: Path, sim: Simulator) -> None:
    """In words that name what to give."""
    with compat.Anthropic(credentials=lambda **_: "text", base_url=sim.base_url) as client:  # type: ignore[arg-type] # that is the point
        with pytest.raises(compat.CredentialsError, match="returned no AccessToken"):
            client.messages.create(**ASK)
    theirs: Any = compat.WorkloadIdentityCredentials(federation_rule_id="fdrl_1")
    with compat.Anthropic(credentials=theirs, base_url=sim.base_url) as client:
        with pytest.raises(UsageError, match="has no WorkloadIdentityCredentials"):
            client.messages.create(**ASK)
    with pytest.raises(UsageError, match="has no default_credentials"):
        compat.default_credentials()
    assert "canary" not in repr(compat.AccessToken("canary"))
    with pytest.raises(compat.CredentialsError, match="NOT_SET is not set"):
        compat.EnvToken("NOT_SET")()
    assert compat.StaticToken("t")().token == "t"
    with pytest.raises(compat.IdentityTokenFileError, match="cannot be read"):
        compat.IdentityTokenFile(tmp_path / "none")()
    (tmp_path / "jwt").write_text("a.b.c\n")
    assert compat.IdentityTokenFile(tmp_path / "jwt")() == "a.b.c"
