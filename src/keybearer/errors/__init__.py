"""Every error that keybearer raises, as one tree.

Strategy: the class says whose fault it is and so what can be done; the message says what happened and to what; `hint` says
what to do next. No message, attribute or traceback local of these classes ever holds a secret.

    KeybearerError
    ├── ConfigError                  llm.yaml, an agent's file, a client's argument: file, line, key path, nearest valid key
    ├── CredentialError              a credential, before any request was sent
    │   ├── NoCredentials            no usable one was found; `looked` lists the places
    │   ├── LoginRequired            the login is over: refused, revoked, or expired without a refresh token
    │   └── RefreshFailed            the token endpoint gave no usable answer; the login may still be valid
    ├── ConversationError            a saved conversation that cannot be read or written: file, line, problem
    ├── RedisUnavailable             what processes share in Redis cannot be read or written now
    ├── UsageError                   the library was called in a way that cannot work (a closed client, a wrong option)
    ├── TransportError               the network: no reply, or not all of it
    │   ├── ConnectionFailed         DNS, TCP, TLS, proxy, reset
    │   └── TimedOut                 connect, first byte, idle, progress or total time
    ├── DeadlineExceeded             a wait would end after the call's deadline
    ├── CircuitOpen                  not sent: the service failed too often just now
    ├── SpendLimitExceeded           not sent: it might cost more than is left of a limit of the caller's own
    ├── UnexpectedResponse           an answer that is not the API's: HTML, bad JSON, a redirect
    ├── APIError                     the API answered with an error
    │   ├── InvalidRequest           400 and other 4xx
    │   │   ├── NotFound             404, model not found
    │   │   ├── Conflict             409
    │   │   ├── RequestTooLarge      413
    │   │   ├── PromptTooLong        the prompt does not fit the model's context
    │   │   └── LintError            found before sending, so nothing was sent; `problems` lists each mistake
    │   ├── CredentialInvalid        401, 403
    │   │   ├── AuthenticationFailed 401
    │   │   └── PermissionDenied     403
    │   ├── RateLimited              429
    │   ├── QuotaExceeded            402, a spend limit, a spent subscription window
    │   └── ServerError              5xx
    │       └── Overloaded           529
    ├── AnswerError                  a whole answer that is no value of the type that was asked for; `answer` and `text` are what came
    │   ├── AnswerRefused            the model refused
    │   ├── AnswerCut                it ended before the value was whole
    │   └── AnswerInvalid            it does not fit the type; `problems` says what is wrong where
    └── StreamError                  a stream that did not become a message; `partial` is what came
        ├── StreamTruncated          it ended before message_stop
        │   └── StreamTimedOut       because a time limit passed; also a TimedOut
        ├── StreamProtocolError      it broke the protocol
        └── StreamAPIError           it carried `event: error`; also an instance of the APIError above that it names
"""

from __future__ import annotations

from keybearer.errors.answers import AnswerCut, AnswerError, AnswerInvalid, AnswerRefused
from keybearer.errors.base import (
    ConfigError,
    ConversationError,
    CredentialError,
    KeybearerError,
    LoginRequired,
    NoCredentials,
    RedisUnavailable,
    RefreshFailed,
    UsageError,
)
from keybearer.errors.service import (
    APIError,
    AuthenticationFailed,
    CircuitOpen,
    Conflict,
    ConnectionFailed,
    CredentialInvalid,
    DeadlineExceeded,
    InvalidRequest,
    LintError,
    NotFound,
    Overloaded,
    PermissionDenied,
    PromptTooLong,
    QuotaExceeded,
    RateLimited,
    RequestTooLarge,
    ServerError,
    SpendLimitExceeded,
    TimedOut,
    TransportError,
    UnexpectedResponse,
)
from keybearer.errors.streams import (
    StreamAPIError,
    StreamError,
    StreamProtocolError,
    StreamTimedOut,
    StreamTruncated,
    in_stream,
)
from keybearer.errors.streams import StreamCredentialInvalid as StreamCredentialInvalid
from keybearer.errors.streams import StreamInvalidRequest as StreamInvalidRequest
from keybearer.errors.streams import StreamOverloaded as StreamOverloaded
from keybearer.errors.streams import StreamQuotaExceeded as StreamQuotaExceeded
from keybearer.errors.streams import StreamRateLimited as StreamRateLimited
from keybearer.errors.streams import StreamServerError as StreamServerError

__all__ = [
    "APIError",
    "AnswerCut",
    "AnswerError",
    "AnswerInvalid",
    "AnswerRefused",
    "AuthenticationFailed",
    "CircuitOpen",
    "ConfigError",
    "Conflict",
    "ConnectionFailed",
    "ConversationError",
    "CredentialError",
    "CredentialInvalid",
    "DeadlineExceeded",
    "InvalidRequest",
    "KeybearerError",
    "LintError",
    "LoginRequired",
    "NoCredentials",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "PromptTooLong",
    "QuotaExceeded",
    "RateLimited",
    "RedisUnavailable",
    "RefreshFailed",
    "RequestTooLarge",
    "ServerError",
    "SpendLimitExceeded",
    "StreamAPIError",
    "StreamError",
    "StreamProtocolError",
    "StreamTimedOut",
    "StreamTruncated",
    "TimedOut",
    "TransportError",
    "UnexpectedResponse",
    "UsageError",
    "in_stream",
]

RequestInvalid = LintError
"""The former name of `LintError`, kept for one release."""

# Tracebacks and pickles name the public module, whichever file the class is written in.
for _each in list(globals().values()):
    if isinstance(_each, type) and issubclass(_each, KeybearerError):
        _each.__module__ = __name__
