"""Parses a fault from a header, a scenario or a call: `cut; after_events=3; ending=reset`, or just `529`."""

from __future__ import annotations

import difflib
import math
from typing import Any, Final

from msgspec import Struct

from keybearer.simulator.core.errors import STATUS
from keybearer.simulator.core.request import CHAT_PATH, ITEM_PATH, MESSAGES_PATH
from keybearer.simulator.faults.phases import PHASES
from keybearer.simulator.faults.table import FAULTS, PLACE, Applied, FaultKind

__all__ = ["Fault", "how_often", "make_fault", "parse_fault"]

STATUSES: Final = range(200, 600)
NEAR: Final = 0.8
"""How much a word is like a known one, from 0 to 1, if it is most likely that one misspelt."""


class Fault(Struct, frozen=True):
    """A fault with its conditions.

    Args:
        applied: The fault itself.
        times: How many requests it strikes; None for all.
        path: The path of the requests it strikes, or None for all paths below `/v1`; the items of batches have to be named.
        skip: The number of requests that it spares first.
    """

    applied: Applied
    times: int | None = 1
    path: str | None = None
    skip: int = 0

    @property
    def name(self) -> str:
        """The fault's name."""
        return self.applied.kind.name

    @property
    def needs_stream(self) -> bool:
        """Whether it strikes streams only."""
        return self.applied.kind.needs_stream or bool(self.applied.phase)

    def may_strike(self, path: str) -> bool:
        """Return whether it may strike a request on a path."""
        if self.path is not None:
            return path == self.path
        return path != ITEM_PATH and self.fits(path)

    def fits(self, path: str) -> bool:
        """Return whether it has a meaning on a path of the API: one in the events has it for what is a message."""
        kind = self.applied.kind
        if kind.stage != "events":
            return path.startswith("/v1/")
        return path in _event_paths(kind)


def _event_paths(kind: FaultKind) -> list[str]:
    """Return the paths on which a fault in the events has a meaning."""
    chat, plain = [CHAT_PATH] if kind.chat else [], [ITEM_PATH] if kind.plain else []
    return [MESSAGES_PATH, *chat, *plain]


def _convert(name: str, value: Any, default: Any) -> Any:
    """Convert a parameter to the type of its default, which is its only declaration."""
    kind = type(default)
    try:
        made = kind(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name}={value!r} should be of type {kind.__name__}") from None
    if kind is float and math.isnan(made):
        raise ValueError(f"{name}={value!r} is no number")
    if name == "status" and made != 0 and made not in STATUSES:
        raise ValueError(f"status={value!r} should be from {STATUSES[0]} to {STATUSES[-1]}")
    return made


def _check_error_type(name: str, *, is_free: bool) -> None:
    """Refuse an error type that does not exist; one of the future needs a status, and is not almost a known one."""
    near = difflib.get_close_matches(name, STATUS, n=1, cutoff=NEAR if is_free else 0.6)
    if name not in STATUS and (near or not is_free):
        hint = f"; did you mean {near[0]!r}?" if near else "; give its `status` as well"
        raise ValueError(f"no error is of type {name!r}{hint}")


def _check_phase(phase: str, *, has_place: bool) -> None:
    if phase not in PHASES:
        near = difflib.get_close_matches(phase, PHASES, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(PHASES)}"
        raise ValueError(f"no phase is called {phase!r}{hint}")
    if has_place:
        raise ValueError(f"a fault strikes in a phase, or after some events or bytes: `phase={phase}` or the other one")


def how_often(value: Any) -> int | None:
    """Read `times`: a number from 1, or None for `always`.

    Raises:
        ValueError: It is neither.
    """
    if value is None or value == "always":
        return None
    times: int = _convert("times", value, 1)
    if times < 1:
        raise ValueError(f"times={value!r} should be 1 or more, or always")
    return times


def make_fault(name: str, params: dict[str, Any]) -> Fault:
    """Make a fault from a name and parameters.

    Args:
        name: A name of the table, or an HTTP status.
        params: The fault's own parameters, and `times`, `path` and `skip`.

    Returns:
        The fault.

    Raises:
        ValueError: For a name or a parameter that does not exist, with the nearest one.
    """
    if name.isdecimal():
        name, params = "error", {"status": name, **params}
    kind = FAULTS.get(name)
    if kind is None:
        near = difflib.get_close_matches(name, FAULTS, n=1)
        raise ValueError(f"no fault is called {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    own = dict(params)
    times, path, skip = own.pop("times", 1), own.pop("path", None), own.pop("skip", 0)
    known = kind.parameters
    for key in own:
        if key not in known:
            raise ValueError(f"the fault {name!r} has no {key!r}; it has {', '.join(known) or 'no parameters'}")
    paths = _event_paths(kind)
    if kind.stage == "events" and path not in {None, *paths}:
        raise ValueError(
            f"the fault {name!r} is one of a message's events: its path is {' or '.join(paths)}, not {path!r}"
        )
    converted = {key: _convert(key, value, known[key]) for key, value in own.items()}
    phase = converted.pop("phase", "")
    if phase:
        _check_phase(phase, has_place=PLACE in converted or "after_bytes" in converted)
    if converted.get("type"):
        _check_error_type(converted["type"], is_free=kind.stage == "instead" and bool(converted.get("status")))
    return Fault(
        Applied(kind, {**kind.fixed, **converted}, phase),
        times=how_often(times),
        path=path,
        skip=_convert("skip", skip, 0),
    )


def parse_fault(spec: str, **more: Any) -> Fault:
    """Parse a fault.

    Args:
        spec: Such as `overloaded`, `529; retry_after=2`, `cut; after_events=3; ending=reset; times=2`.
        more: Further parameters.

    Returns:
        The fault.

    Raises:
        ValueError: See `make_fault`.
    """
    name, *rest = (piece.strip() for piece in spec.split(";"))
    params: dict[str, Any] = {}
    for piece in filter(None, rest):
        key, _, value = piece.partition("=")
        params[key.strip().replace("-", "_")] = value.strip()
    return make_fault(name.replace("-", "_"), {**params, **more})
