"""Where a workload's identity token comes from: a file, a variable, a command, or its platform.

Strategy: a source is read anew for every exchange, because the tokens rotate: a projected service-account token, for example, is
replaced in its file long before it expires. Reading is a flow, so a platform's address is asked through the client's own transport.

Contract: the token is a `Secret`; no error, repr or log has it, nor what a command printed. `local` says whether reading it sends
anything: `auth status` reads those only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from keybearer.credentials.federation.platforms import ENDPOINTS, IdentityRequest
from keybearer.credentials.stores.private_files import read_secret
from keybearer.errors import CredentialError, TransportError
from keybearer.flow import Blocking, Flow, Send
from keybearer.types.secret import Secret

__all__ = ["CommandIdentity", "EndpointIdentity", "FileIdentity", "IdentitySource", "VariableIdentity"]

COMMAND_TIMEOUT: Final = 30.0
"""The time limit of a command that prints an identity token, in seconds."""

MAX_PRINTED: Final = 1 << 20
"""The most bytes that a command's output may have; what is larger is no token."""

_FILE_ADVICE: Final = {
    "missing": "Correct the path; in Kubernetes, mount a projected serviceAccountToken volume there.",
    "unreadable": "Let this user read it; in Kubernetes, set the pod's fsGroup or defaultMode.",
}


class IdentitySource(Protocol):
    """A place that an identity token comes from.

    Attributes:
        words: The place, in words.
        local: Whether reading it sends nothing and runs nothing.
    """

    words: str
    local: bool

    def read(self) -> Flow[Secret]:
        """Read the token as it is now.

        Raises:
            CredentialError: In the flow; it cannot be read.
        """
        ...


class FileIdentity:
    """A token in a file; a mounted one may be a link and readable by others.

    Args:
        path: The file.
        named: What names it, in words, where that is not the configuration.
    """

    local = True

    def __init__(self, path: Path, named: str = "") -> None:
        self.path = path
        self.words = f"the file {path}" + (f" ({named})" if named else "")

    def read(self) -> Flow[Secret]:
        """Read the file."""
        return (yield from Blocking(self._text))

    def _text(self) -> Secret:
        try:
            return Secret(read_secret(self.path, "the identity token's file", links=True, shared=True).reveal().strip())
        except CredentialError as error:
            failed = error.with_traceback(None)
        problem = f"identity_{failed.problem}"
        hint = _FILE_ADVICE.get(failed.problem, "Name the file that the platform puts the token into.")
        raise CredentialError(failed.message, source=self.words, problem=problem, hint=hint)


class VariableIdentity:
    """A token in a variable, which is read anew each time.

    Args:
        name: The variable.
        environ: The environment.
    """

    local = True

    def __init__(self, name: str, environ: Mapping[str, str]) -> None:
        self.words, self._name, self._environ = f"the variable {name}", name, environ

    def read(self) -> Flow[Secret]:
        """Read the variable."""
        yield from ()  # no effect: it is in memory
        text = Secret(self._environ.get(self._name, "").strip())
        if text:
            return text
        raise CredentialError(
            f"The identity token's variable {self._name} is not set.",
            source=self.words,
            problem="identity_missing",
            hint="Set it to the token, or name another place in auth.federation.identity_token.",
        )


class CommandIdentity:
    """A token that a command prints. It is run without a shell.

    Args:
        command: The program and its arguments.
    """

    local = False

    def __init__(self, command: tuple[str, ...]) -> None:
        self.words, self._command = f"the command {command[0]!r}", command

    def read(self) -> Flow[Secret]:
        """Run the command."""
        return (yield from Blocking(self._printed))

    def _printed(self) -> Secret:
        problem, token = _run(self._command)
        if not problem:
            return token
        raise CredentialError(
            f"The identity token's command {self._command[0]!r} {problem}.",
            source=self.words,
            problem="identity_command",
            hint="Run it by hand to see what it says: its output is not shown here, for a token may be in it.",
        )


class EndpointIdentity:
    """A token that a platform hands out at an address.

    Args:
        platform: The platform, a key of `ENDPOINTS`.
        asked: What it is asked with.
    """

    local = False

    def __init__(self, platform: str, asked: IdentityRequest) -> None:
        self._endpoint, self._asked = ENDPOINTS[platform], asked
        self.words = self._endpoint.words

    def read(self) -> Flow[Secret]:
        """Ask for a token."""
        request = self._endpoint.request(self._asked)
        failed: TransportError | None = None
        try:
            reply = yield from Send(request)
        except TransportError as error:
            failed = error
        if failed is not None:
            said = f"{failed.message.rstrip('.')}"
        elif reply.status != 200:
            said = f"it answered HTTP {reply.status}"
        elif (token := self._endpoint.token(reply)) is not None:
            return token
        else:
            said = "its answer holds no token"
        raise CredentialError(
            f"{self.words[0].upper()}{self.words[1:]} gave no identity token: {said}.",
            source=self.words,
            problem="identity_endpoint",
            hint=self._endpoint.advice,
        )


def _run(command: tuple[str, ...]) -> tuple[str, Secret]:
    """Run a command; return what went wrong, or nothing and the text that it printed."""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, from a configuration that is trusted
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_TIMEOUT, check=False
        )
    except FileNotFoundError:
        return "was not found", Secret("")
    except subprocess.TimeoutExpired:
        return f"printed nothing within {COMMAND_TIMEOUT:g} s, and was ended", Secret("")
    except (OSError, ValueError) as error:
        return f"cannot be run: {getattr(error, 'strerror', None) or 'an argument cannot be one'}", Secret("")
    if done.returncode:
        return f"ended with exit code {done.returncode}", Secret("")
    if len(done.stdout) > MAX_PRINTED:
        return "printed more than 1 MiB", Secret("")
    return "", Secret(done.stdout.decode(errors="replace").strip())
