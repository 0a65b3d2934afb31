"""`Timestamp`: a time of the service, which is the text that came and can be used as a `datetime`.

Strategy: it is a text (RFC 3339), so it is shown, compared and sent back as it came. What only a `datetime` has (`.year`,
`.timestamp()`, `.strftime(...)`) and what is done with another `datetime` (`<`, `-`) is done with the time that it stands for.

Contract: a text that is no time is kept as it came, and is no `Timestamp`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import datetime as dt  # at run time, only when a time is read: see `_read`

__all__ = ["NEVER", "Timestamp", "times", "timestamp"]

LONGEST: Final = 64
"""The most characters of a text that is read as a time."""


class Timestamp(str):
    """A time as the service sent it.

    Example:
        >>> made = Timestamp("2026-05-14T08:30:00Z")
        >>> made, made.year, made.datetime.isoformat()
        ('2026-05-14T08:30:00Z', 2026, '2026-05-14T08:30:00+00:00')
    """

    __slots__ = ()

    @property
    def datetime(self) -> dt.datetime:
        """The time; one without a zone is of UTC.

        Raises:
            ValueError: The text is no time.
        """
        return _read(self)

    if TYPE_CHECKING:  # what programs read of a `datetime`
        year: int
        month: int
        day: int
        hour: int
        minute: int
        second: int
        microsecond: int
        tzinfo: dt.tzinfo | None

        def isoformat(self) -> str:
            """Return it as RFC 3339."""
            raise NotImplementedError

        def timestamp(self) -> float:
            """Return the seconds since 1970."""
            raise NotImplementedError

        def strftime(self, format: str) -> str:  # noqa: A002 - its name in `datetime`
            """Return it in a format."""
            raise NotImplementedError

        def astimezone(self) -> dt.datetime:
            """Return it in another zone."""
            raise NotImplementedError

        def date(self) -> dt.date:
            """Return its day."""
            raise NotImplementedError

    else:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
            return getattr(self.datetime, name)

    def replace(self, *args: Any, **fields: Any) -> Any:
        """Replace a part of the text, or with fields by name those of the time, as `datetime.replace` does."""
        return super().replace(*args) if args else self.datetime.replace(**fields)

    def __format__(self, how: str) -> str:
        return format(self.datetime, how) if "%" in how else super().__format__(how)

    def __sub__(self, other: dt.datetime | dt.timedelta | Timestamp) -> Any:
        return self.datetime - (other.datetime if isinstance(other, Timestamp) else other)

    def __rsub__(self, other: dt.datetime) -> dt.timedelta:
        return other - self.datetime

    def __add__(self, other: Any) -> Any:
        return super().__add__(other) if isinstance(other, str) else self.datetime + other

    def __eq__(self, other: object) -> bool:
        return (
            super().__eq__(other) if isinstance(other, str) or not hasattr(other, "tzinfo") else self.datetime == other
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __lt__(self, other: Any) -> bool:
        return self._before(other, "__lt__")

    def __le__(self, other: Any) -> bool:
        return self._before(other, "__le__")

    def __gt__(self, other: Any) -> bool:
        return self._before(other, "__gt__")

    def __ge__(self, other: Any) -> bool:
        return self._before(other, "__ge__")

    def _before(self, other: Any, how: str) -> bool:
        """Compare as times, where both are; else as texts."""
        if isinstance(other, Timestamp):
            other = other.datetime
        mine: Any = str.__str__(self) if isinstance(other, str) else self.datetime
        found: bool = getattr(mine, how)(other)
        return found


def _read(text: str) -> dt.datetime:
    import datetime as dt

    read = dt.datetime.fromisoformat(str.__str__(text))
    return read if read.tzinfo is not None else read.replace(tzinfo=dt.UTC)


def timestamp(value: Any) -> Any:
    """Return a text that is a time as a `Timestamp`, and anything else as it came."""
    if isinstance(value, str) and len(value) <= LONGEST:
        try:
            _read(value)
        except ValueError:
            return value
        return Timestamp(value)
    return value


def times(*names: str) -> dict[str, Callable[[Any], Any]]:
    """Return the builders of fields that are times.

    Args:
        names: The fields.
    """
    return dict.fromkeys(names, timestamp)


NEVER: Final = Timestamp()
"""The default of a time that did not come: an empty text."""
