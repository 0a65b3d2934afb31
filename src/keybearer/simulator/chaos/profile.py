"""A chaos profile: which faults strike how often, made from a mapping and checked whole.

A fault strikes at a rate, or in bursts. A brown-out is a stretch of time in which rates are raised, further faults strike and
replies are slower.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from keybearer.simulator.control.matching import Matcher, make_matcher
from keybearer.simulator.control.seen import SeenRequest
from keybearer.simulator.control.wrong import Path, ScriptError, check_keys, dotted
from keybearer.simulator.core.patterns import lazy, unwarned
from keybearer.simulator.core.request import ITEM_PATH, ServedCall
from keybearer.simulator.faults import Fault, parse_fault

__all__ = ["Brownout", "Burst", "ChaosProfile", "ChaosRule", "make_profile"]

PROFILE_KEYS: Final = ("seed", "faults", "brownouts", "tolerate")
RULE_KEYS: Final = ("name", "fault", "rate", "burst", "match")
BURST_KEYS: Final = ("requests", "every", "every_seconds")
MATCH_KEYS: Final = ("path", "model", "session", "agent", "stream", "headers")
BROWNOUT_KEYS: Final = ("start", "seconds", "every", "raise", "first_byte", "tokens_per_second", "faults")
PERCENT: Final = lazy(r"(\d+(?:\.\d+)?)\s*%")
MOST: Final = 1e9
NAMED_PATHS: Final = ("/v1/oauth/", ITEM_PATH)
"""Struck only by a rule whose match names a path: a fault of the messages would say nothing for tokens, and items may be many."""


class Burst(Struct, frozen=True, kw_only=True):
    """Requests in a row that a fault strikes.

    Args:
        requests: How many.
        every: The last `requests` of every so many requests that the rule is about; None if time counts.
        every_seconds: The first `requests` after every so many seconds; None if requests count.
    """

    requests: int
    every: int | None = None
    every_seconds: float | None = None


class ChaosRule(Struct, frozen=True, kw_only=True):
    """One fault of a profile, and how often it strikes.

    Args:
        name: Its name in the report; the fault as it was written unless the profile says another.
        fault: The fault.
        rate: The share of requests that it strikes, from 0 to 1.
        burst: Or the requests in a row.
        path: What a request's path must contain, as a regular expression.
        match: The other conditions on a request.
    """

    name: str
    fault: Fault
    rate: float = 0.0
    burst: Burst | None = None
    path: re.Pattern[str] | None = None
    match: Matcher = msgspec.field(default_factory=lambda: Matcher({}))

    def is_about(self, call: ServedCall, seen: SeenRequest) -> bool:
        """Return whether it may strike a request."""
        if self.path is None and call.path.startswith(NAMED_PATHS):
            return False
        return (
            self.fault.fits(call.path)
            and (self.path is None or self.path.search(call.path) is not None)
            and (seen.stream or not self.fault.needs_stream)
            and self.match.captures(seen) is not None
        )


class Brownout(Struct, frozen=True, kw_only=True):
    """A stretch of time in which the service is worse.

    Args:
        start: Seconds after the first request.
        seconds: How long it lasts.
        every: Seconds from its start to its next start; None for only once.
        factor: What every rate is multiplied by.
        first_byte: Seconds by which replies begin later.
        tokens_per_second: The speed of streams; 0 for the usual one.
        rules: Faults that strike only then.
    """

    start: float
    seconds: float
    every: float | None = None
    factor: float = 1.0
    first_byte: float = 0.0
    tokens_per_second: float = 0.0
    rules: tuple[ChaosRule, ...] = ()

    def is_on(self, elapsed: float) -> bool:
        """Return whether it is on, some seconds after the first request."""
        since = elapsed - self.start
        if since < 0:
            return False
        return (since if self.every is None else since % self.every) < self.seconds


class ChaosProfile(Struct, frozen=True, kw_only=True):
    """A chaos profile.

    Args:
        name: Its name in reports.
        seed: What decides which requests are struck.
        rules: Its faults.
        brownouts: Its brown-outs.
        tolerate: The share of a fault's struck requests that the client may give up, from 0 to 1.
    """

    name: str
    seed: int = 0
    rules: tuple[ChaosRule, ...] = ()
    brownouts: tuple[Brownout, ...] = ()
    tolerate: float = 0.0

    @property
    def every_rule(self) -> tuple[ChaosRule, ...]:
        """Its faults, and those of its brown-outs."""
        return (*self.rules, *(rule for brownout in self.brownouts for rule in brownout.rules))


def _number(given: Mapping[str, Any], key: str, path: Path, *, least: float = 0.0, usual: float = 0.0) -> float:
    value = given.get(key, usual)
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or not least <= value <= MOST:
        raise ScriptError(f"{dotted((*path, key))} should be a number from {least:g}, not {value!r:.60}", (*path, key))
    return float(value)


def _share(given: Mapping[str, Any], key: str, path: Path) -> float:
    value = given.get(key, 0)
    percent = PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    share = float(percent[1]) / 100 if percent else value
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ScriptError(
            f"{dotted((*path, key))} should be a share such as `5%` or `0.05`, not {value!r:.60}", (*path, key)
        )
    return float(share)


def _burst(value: Any, path: Path) -> Burst:
    given = check_keys(value, BURST_KEYS, "a burst", path)
    if ("every" in given) == ("every_seconds" in given):
        raise ScriptError("a burst comes `every` so many requests, or `every_seconds`: one of them", path)
    for key in ("requests", "every"):
        number = given.get(key, 1)
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise ScriptError(
                f"{dotted((*path, key))} should be a whole number from 1, not {number!r:.60}", (*path, key)
            )
    if "requests" not in given:
        raise ScriptError("a burst says how many `requests` in a row it strikes", path)
    every = given.get("every")
    if every is not None and every < given["requests"]:
        raise ScriptError(f"a burst of {given['requests']} requests does not fit into every {every}", (*path, "every"))
    seconds = _number(given, "every_seconds", path, least=0.001) if "every_seconds" in given else None
    return Burst(requests=given["requests"], every=every, every_seconds=seconds)


def _path_pattern(match: dict[str, Any], path: Path) -> re.Pattern[str] | None:
    value = match.pop("path", None)
    if value is None:
        return None
    try:
        with unwarned():
            return re.compile(value)
    except (re.error, TypeError, RecursionError, OverflowError) as wrong:
        raise ScriptError(f"{dotted((*path, 'path'))} is no regular expression: {wrong}", (*path, "path")) from wrong


def _rule(value: Any, path: Path) -> ChaosRule:
    given = check_keys(value, RULE_KEYS, "a fault of a profile", path)
    spec = given.get("fault")
    if isinstance(spec, bool) or not isinstance(spec, str | int):
        raise ScriptError(
            f"a fault has `fault`, a line such as `cut; after_events=3`, not {spec!r:.60}", (*path, "fault")
        )
    try:
        fault = parse_fault(str(spec))
    except ValueError as error:
        raise ScriptError(str(error), (*path, "fault")) from error
    if fault.times != 1 or fault.path or fault.skip:
        raise ScriptError("how often and where it strikes is its `rate`, `burst` and `match`", (*path, "fault"))
    if ("rate" in given) == ("burst" in given):
        raise ScriptError("a fault has a `rate` or a `burst`: one of them", path)
    match = dict(check_keys(given.get("match") or {}, MATCH_KEYS, "a match of a profile", (*path, "match")))
    pattern = _path_pattern(match, (*path, "match"))
    if fault.needs_stream and match.get("stream") is False:
        raise ScriptError(
            f"the fault {fault.name!r} needs a stream, and the match wants none", (*path, "match", "stream")
        )
    return ChaosRule(
        name=" ".join(str(given.get("name", spec)).split()) or fault.name,
        fault=fault,
        rate=_share(given, "rate", path),
        burst=_burst(given["burst"], (*path, "burst")) if "burst" in given else None,
        path=pattern,
        match=make_matcher(match, (*path, "match")),
    )


def _rules(value: Any, path: Path) -> tuple[ChaosRule, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ScriptError(f"{dotted(path)} should be a list of faults", path)
    rules = tuple(_rule(each, (*path, index)) for index, each in enumerate(value))
    always = sum(rule.rate for rule in rules if not rule.match.shown and rule.path is None)
    if always > 1 + 1e-9:
        raise ScriptError(
            f"the rates of {dotted(path)} without a match are {always:.0%} together, more than all requests", path
        )
    return rules


def _brownout(value: Any, path: Path) -> Brownout:
    given = check_keys(value, BROWNOUT_KEYS, "a brown-out", path)
    if "seconds" not in given:
        raise ScriptError("a brown-out says how many `seconds` it lasts", path)
    made = Brownout(
        start=_number(given, "start", path),
        seconds=_number(given, "seconds", path, least=0.001),
        every=_number(given, "every", path, least=0.001) if "every" in given else None,
        factor=_number(given, "raise", path, usual=1.0),
        first_byte=_number(given, "first_byte", path),
        tokens_per_second=_number(given, "tokens_per_second", path),
        rules=_rules(given.get("faults"), (*path, "faults")),
    )
    if made.every is not None and made.every < made.seconds:
        raise ScriptError(f"it lasts {made.seconds:g} s, and begins again every {made.every:g} s", (*path, "every"))
    if made.factor == 1 and not (made.first_byte or made.tokens_per_second or made.rules):
        raise ScriptError("nothing is worse in it: give `raise`, `first_byte`, `tokens_per_second` or `faults`", path)
    return made


def make_profile(value: Any, name: str) -> ChaosProfile:
    """Make a profile from a mapping.

    Args:
        value: With `seed`, `faults`, `brownouts` and `tolerate`, all optional but one of the middle two.
        name: Its name in reports.

    Returns:
        The profile.

    Raises:
        ScriptError: A key or a fault does not exist, or a value has the wrong type.
    """
    given = check_keys(value, PROFILE_KEYS, "a chaos profile", ())
    seed = given.get("seed", 0)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ScriptError(f"seed should be a whole number, not {seed!r:.60}", ("seed",))
    brownouts = given.get("brownouts") or []
    if not isinstance(brownouts, list):
        raise ScriptError("brownouts should be a list of brown-outs", ("brownouts",))
    made = ChaosProfile(
        name=name,
        seed=seed,
        rules=_rules(given.get("faults"), ("faults",)),
        brownouts=tuple(_brownout(each, ("brownouts", index)) for index, each in enumerate(brownouts)),
        tolerate=_share(given, "tolerate", ()),
    )
    if not (made.rules or made.brownouts):
        raise ScriptError("a chaos profile has `faults` or `brownouts`", ())
    names = [rule.name for rule in made.every_rule]
    if double := next((each for each in names if names.count(each) > 1), None):
        raise ScriptError(f"two faults are called {double!r}: give one a `name`", ())
    return made
