"""The base of every error, and the errors that are raised before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybearer.types.seen import ReceivedResponse, SentRequest

__all__ = [
    "ConfigError",
    "ConversationError",
    "CredentialError",
    "KeybearerError",
    "LoginRequired",
    "NoCredentials",
    "RedisUnavailable",
    "RefreshFailed",
    "UsageError",
]


def restored(cls: type[KeybearerError], message: str, state: dict[str, Any]) -> KeybearerError:
    """Restore a pickled error; its fields are keyword arguments, which `args` does not hold."""
    error = cls(message)
    error.__dict__.update(state)
    return error


class KeybearerError(Exception):
    """The base of every error that keybearer raises.

    Args:
        message: What happened, and to what.
        request: The request that it came of.
        **fields: Values of the class's annotated attributes.

    Attributes:
        message: What happened, and to what.
        hint: What to do next, or an empty string.
        retryable: Whether the same request may succeed later, and sending it again cannot be billed twice. keybearer retries these,
            unless the reply's `x-should-retry` says otherwise.
        attempts: The failed attempts before this error, one line for each.
        request: The request that it came of, without its credential and its body; None where none was sent.
        response: The reply that it came of; None where none came.
        body: What came in place of an answer; None where nothing did.
        run: What the run has come to that this error has ended, a `RunResult` whose `dump()` goes on another time; None outside a run.
    """

    hint: str = ""
    retryable: bool = False
    attempts: tuple[str, ...] = ()
    request: SentRequest | None = None
    response: ReceivedResponse | None = None
    body: Any = None
    run: Any = None

    def __init__(self, message: str, request: Any = None, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        if request is not None:
            self.request = request
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
        return restored, (type(self), self.message, self.__dict__.copy())


class ConfigError(KeybearerError):
    """A mistake in llm.yaml, an agent's file, a client's arguments, or an environment variable that sets one of those.

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
    """The login is over: refused, revoked, or expired without a refresh token. A person must log in again."""


class RefreshFailed(CredentialError):
    """A token could not be refreshed this time: no usable answer, a full disk, or a lock that another process holds.

    Attributes:
        retry_after: Seconds until it is tried again.
    """

    retryable = True
    retry_after: float = 0.0


class NoCredentials(CredentialError):
    """No usable credential was found.

    Attributes:
        looked: What was looked for and where, one line for each source.
    """

    looked: tuple[str, ...] = ()

    def __str__(self) -> str:
        looked = "".join(f"\n  - {line}" for line in self.looked)
        return f"{self.message}{looked}\n{self.hint}" if looked else super().__str__()


class UsageError(KeybearerError):
    """The library was called in a way that cannot work: a closed client, a stream read twice, an option that it does not take."""


class RedisUnavailable(KeybearerError):
    """What processes share in Redis cannot be read or written now.

    Attributes:
        server: Where it is: `Redis at redis.internal:6379`.
        problem: What is wrong, in one word for programs: `unreachable`, `slow`, `refused`, `full`, `read_only`, `starting`, `cluster`,
            `unconfirmed`, `lost`, `failed`.
    """

    retryable = True
    server: str = ""
    problem: str = ""


class ConversationError(KeybearerError):
    """A saved conversation cannot be read or written.

    Attributes:
        file: The file's path as it was given; empty for text that came from no file.
        line: The line that is damaged, from 1; 0 when no line is.
        problem: What is wrong, in one word for programs: `damaged`, `cut`, `not_one`, `newer`, `missing`, `unreadable`, `changed`,
            `unwritable`.
    """

    file: str = ""
    line: int = 0
    problem: str = ""
