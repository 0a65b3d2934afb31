"""The options of the simulator, for the constructor and the command line alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
import inspect
import math
import re
from pathlib import Path
from typing import Any, Final

__all__ = ["PROVIDERS", "Options"]

_MOST: Final = 1e9
_HIGHEST_PORT: Final = 65535
_NUMBERS: Final = {
    "tokens_per_second": 0.0,
    "time_to_first_token": 0.0,
    "ping_interval": 0.001,
    "batch_seconds": 0.0,
    "access_token_seconds": 1,
    "refresh_grace_seconds": 0.0,
}
"""The options that are numbers, with the smallest value of each."""

_FIRST_DAY: Final = dt.date(2000, 1, 1)
_LAST_DAY: Final = dt.date(2999, 12, 31)

PROVIDERS: Final = frozenset({"aws", "bedrock", "bedrock_mantle", "foundry", "google_cloud", "vertex"})
"""The platforms that can be served; `simulator/platforms/forms.py` has them."""

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def _shown(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value if isinstance(value, str | int | float | None) else str(value)


def _providers(named: frozenset[str]) -> frozenset[str]:
    """Return the platforms that are named.

    Raises:
        ValueError: There is none of a name.
    """
    if unknown := sorted(named - PROVIDERS - {"all"}):
        raise ValueError(f"provider is of {', '.join(sorted(PROVIDERS))}, or all, not {unknown[0]!r}")
    return PROVIDERS if "all" in named else named


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a simulator.

    Args:
        host: Where to listen. Anything but loopback needs `token`.
        port: 0 takes a free one.
        token: The token for the admin pages (`x-sim-token`); a random one when omitted. A host that is not loopback needs
            one, and then accepts only the API key that ends with it.
        seed: The seed of the engine and of the ids.
        lenient: Names of rules to skip.
        future: What nobody knows yet (a field, a block or a tool under a beta tag, a tag that may be newer than the tables):
            `accept` lets it pass with a note in the journal, `refuse` refuses it.
        scenario: A YAML file of scripted turns; a reset starts it again.
        chaos: A chaos profile that strikes requests: the name of one that ships with the package, or a YAML file.
        report: A file to write the outcome to when it ends, as JUnit XML.
        replay: A recording to answer from, in place of the engine.
        replay_ignore: Regular expressions for what differs between a recording and its replay, beside the built-in rules.
        record: A file to record to: every request is passed on to `upstream`, and the exchange is kept.
        upstream: The base URL that requests are passed on to while recording.
        prerender: Answer equal requests with the bytes of the first reply, without checking them: for benchmarks of clients.
        tier: The rate limits, a name of `rate_limits.TIERS`.
        tokens_per_second: The speed of a stream; 0 sends as fast as the client reads.
        time_to_first_token: Seconds before a reply begins.
        ping_interval: Seconds of silence in a paced stream after which a `ping` is sent.
        chunking: How a stream is cut into writes: `burst` (as few as possible), `event` (one each), or a number
            of bytes.
        batch_seconds: How long a batch takes on the clock.
        access_token_seconds: How long an OAuth access token lives.
        refresh_grace_seconds: How long a spent refresh token still gets the reply of its first use; 0 for not at all.
        federation: A YAML file of federation rules, a list, beside the one that trusts the simulator's own identity provider.
        oauth_errors: The shape of the token endpoint's errors: `rfc` (RFC 6749) or `api` (the API's error body).
        auto_approve: The consent page approves by itself, for tests without a browser.
        provider: The platforms to serve beside the API, each below its name: `bedrock_mantle`, `bedrock`, `aws`, `vertex`,
            `google_cloud`, `foundry`; or `all`.
        frozen: Start with the clock stopped.
        on: The day (UTC) on which the clock starts, at midnight; today when omitted. Models are deprecated and retired by it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = None
    seed: int = 0
    lenient: frozenset[str] = frozenset()
    future: str = "accept"
    scenario: Path | None = None
    chaos: str | Path | None = None
    report: Path | None = None
    replay: Path | None = None
    replay_ignore: tuple[str, ...] = ()
    record: Path | None = None
    upstream: str = "https://api.anthropic.com"
    prerender: bool = False
    tier: str = "unlimited"
    tokens_per_second: float = 0.0
    time_to_first_token: float = 0.0
    ping_interval: float = 15.0
    chunking: str = "burst"
    batch_seconds: float = 60.0
    access_token_seconds: int = 8 * 3600
    refresh_grace_seconds: float = 0.0
    federation: Path | None = None
    oauth_errors: str = "rfc"
    auto_approve: bool = False
    provider: frozenset[str] = frozenset()
    frozen: bool = False
    on: dt.date | None = None

    @property
    def starts_at(self) -> float | None:
        """When the clock starts, in seconds since the epoch; None for now."""
        if self.on is None:
            return None
        return dt.datetime.combine(self.on, dt.time(), dt.UTC).timestamp()

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOOPBACK

    @classmethod
    def described(cls) -> dict[str, str]:
        """Return what each option says, by its name, from the docstring of this class."""
        lines = inspect.cleandoc(cls.__doc__ or "").partition("Args:\n")[2]
        found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", lines, re.MULTILINE)
        return {name: " ".join(words.split()) for name, words in found}

    def shown(self) -> dict[str, Any]:
        """Return every option by its name, as JSON values."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: _shown(value) for name, value in values.items()}

    def __post_init__(self) -> None:
        """Refuse values that are unsafe or have no meaning."""
        if not self.is_loopback and not self.token:
            raise ValueError(f"listening on {self.host!r} opens the simulator to the network: give a token as well")
        if self.token and not (self.token.isascii() and self.token.isprintable() and " " not in self.token):
            raise ValueError("the token is printable ASCII without spaces, for a header carries it")
        object.__setattr__(self, "provider", _providers(self.provider))
        if self.oauth_errors not in {"rfc", "api"}:
            raise ValueError(f"oauth_errors is 'rfc' or 'api', not {self.oauth_errors!r}")
        if self.future not in {"accept", "refuse"}:
            raise ValueError(f"future is 'accept' or 'refuse', not {self.future!r}")
        if self.chunking not in {"burst", "event"} and not (self.chunking.isdecimal() and int(self.chunking) > 0):
            raise ValueError(f"chunking is 'burst', 'event' or a number of bytes, not {self.chunking!r}")
        for name, least in _NUMBERS.items():
            value = getattr(self, name)
            good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            if not good or not least <= value <= _MOST:
                raise ValueError(f"{name} is a number from {least:g} to {_MOST:,.0f}, not {value!r}")
        if self.on is not None and not _FIRST_DAY <= self.on <= _LAST_DAY:
            raise ValueError(f"on is a day from {_FIRST_DAY} to {_LAST_DAY}, not {self.on}")
        if not 0 <= self.port <= _HIGHEST_PORT:
            raise ValueError(f"port is a number from 0 to {_HIGHEST_PORT}, not {self.port!r}")
