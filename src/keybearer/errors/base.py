"""The base of every error, and the errors that are raised before anything is sent."""

from __future__ import annotations

from typing import Any

__all__ = [
    "ConfigError",
    "CredentialError",
    "KeybearerError",
    "LoginRequired",
    "NoCredentials",
    "RefreshFailed",
    "UsageError",
]


def _rebuild(cls: type[KeybearerError], message: str, state: dict[str, Any]) -> KeybearerError:
    """Make an error again from its pickle: its class may want keyword arguments, which `args` cannot hold."""
    error = cls(message)
    error.__dict__.update(state)
    return error


class KeybearerError(Exception):
    """The base of every error that keybearer raises.

    Args:
        message: What happened, and to what.
        **fields: Values of the class's annotated attributes.

    Attributes:
        message: What happened, and to what.
        hint: What to do next, or an empty string.
        retryable: Whether the same request may succeed when sent again later, and is paid for once: what keybearer itself repeats.
        attempts: What was tried before this error was raised, one line an attempt.
    """

    hint: str = ""
    retryable: bool = False
    attempts: tuple[str, ...] = ()

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        for name, value in fields.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)

    def __str__(self) -> str:
        parts = [self.message]
        if len(self.attempts) > 1:
            parts.append(f"Tried {len(self.attempts)} times: " + "; ".join(self.attempts) + ".")
        if self.hint:
            parts.append(self.hint)
        return " ".join(parts)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.__dict__.copy())


class ConfigError(KeybearerError):
    """A mistake in llm.yaml, in an agent's file, in a client's arguments or in a variable of the environment that they stand for.

    Attributes:
        file: The file's path as it was given; empty when the mistake is in no file.
        line: The line, from 1; 0 when the mistake has none.
        key: The key's path, such as `providers.anthropic.base_url`, or the argument's or the variable's name.
    """

    file: str = ""
    line: int = 0
    key: str = ""


class CredentialError(KeybearerError):
    """A credential cannot be used.

    Attributes:
        source: Where it came from, in words; never the credential itself.
        problem: What is wrong, in one word for programs: `missing`, `unreadable`, `exposed`, `not_json`, ...
            `keybearer.credentials.stores.private_files` and the modules that read a source list theirs.
    """

    source: str = ""
    problem: str = ""


class LoginRequired(CredentialError):
    """A login is over: expired with nothing to refresh it with, revoked, or refused. Only a person can make another."""


class RefreshFailed(CredentialError):
    """A token could not be refreshed now: no answer, a strange one, a full disk, a lock that is held too long.

    Attributes:
        retry_after: Seconds until it is tried again.
    """

    retryable = True
    retry_after: float = 0.0


class NoCredentials(CredentialError):
    """No usable credential was found.

    Attributes:
        looked: What was looked for and where, one line a source.
    """

    looked: tuple[str, ...] = ()

    def __str__(self) -> str:
        looked = "".join(f"\n  - {line}" for line in self.looked)
        return f"{self.message}{looked}\n{self.hint}" if looked else super().__str__()


class UsageError(KeybearerError):
    """The library was called in a way that cannot work: a closed client, a stream read twice, an option that it does not take."""
