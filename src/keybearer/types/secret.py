"""`Secret`: text that does not show itself.

Contract: repr, str, format, logging, JSON, pickle and copies of a traceback's locals show `***`. `reveal()` is the one way to the
text, and what it returns still masks itself in repr; its callers are the signing of a request and the writing of a token file.
"""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["ProxyURL", "Secret"]

MASK = "***"


class _Revealed(str):
    """The text itself, for a header or a file; a traceback that shows locals shows `***`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return MASK


class ProxyURL(str):
    """A URL as a text, whose repr names no user and no password: what a traceback and the repr of whatever holds it show."""

    __slots__ = ()

    def __repr__(self) -> str:
        # Up to the last @, also where what was meant as a password breaks the URL: this is shown before the URL is checked.
        scheme, mark, rest = str(self).rpartition("://")
        return repr(f"{scheme}{mark}{'***@' if '@' in rest else ''}{rest.rpartition('@')[2]}")


class Secret:
    """A secret text.

    Example:
        >>> Secret("sk-ant-example")
        ***
        >>> f"{Secret('sk-ant-example')}"
        '***'
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = _Revealed(text)

    def reveal(self) -> str:
        """Return the text."""
        return self.__text

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __len__(self) -> int:
        return len(self.__text)

    def __eq__(self, other: object) -> bool:
        from hmac import compare_digest

        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(self.__text.encode(), other.__text.encode())

    def __hash__(self) -> int:
        return hash(self.__text)

    def __repr__(self) -> str:
        return MASK

    def __str__(self) -> str:
        return MASK

    def __format__(self, _spec: str) -> str:
        return MASK

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled; pass the place it comes from instead")

    def __rich_repr__(self) -> Any:
        yield MASK
