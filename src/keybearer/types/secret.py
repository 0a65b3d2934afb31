"""`Secret`: text that no repr, log, traceback or pickle shows.

Contract: repr, str, format and logging show `***`, and so do the locals of a traceback; pickling raises `TypeError`. `reveal()` is the
only way to the text. Its result is a `str` whose repr shows `***` too.
"""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["MountedSecret", "ProxyURL", "Secret"]

MASK = "***"


class _Revealed(str):
    """The text of a secret, for a header or a file; its repr, and so a traceback with locals, shows `***`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return MASK


class ProxyURL(str):
    """The URL of a proxy or a Redis server, whose repr masks the user and the password."""

    __slots__ = ()

    def __repr__(self) -> str:
        # Masked up to the last @, even if a password breaks the URL's form: the repr may be shown before the URL is checked.
        scheme, mark, rest = str(self).rpartition("://")
        return repr(f"{scheme}{mark}{'***@' if '@' in rest else ''}{rest.rpartition('@')[2]}")


class Secret:
    """Text that is masked wherever it is shown.

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


class MountedSecret(Secret):
    """A secret that is the whole of a file, which may be replaced while the program runs.

    Args:
        text: The file's text.
        path: The file.
    """

    __slots__ = ("path",)

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text)
        self.path = path
