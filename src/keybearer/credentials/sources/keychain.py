"""Reading a macOS Keychain item through the system's `security` command.

Contract: the call has a time limit. Absent, locked, denied and hanging are different errors. The item's text goes through a pipe,
never through an argument list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["KEYCHAIN_TIMEOUT", "read_keychain"]

KEYCHAIN_TIMEOUT: Final = 10.0
"""The time limit in seconds; a longer call probably waits for a person."""

_EXITS: Final = {
    44: "keychain_absent",  # errSecItemNotFound, -25300
    36: "keychain_locked",  # errSecInteractionNotAllowed, -25308
    51: "keychain_denied",  # errSecAuthFailed, -25293
    128: "keychain_denied",  # userCanceledErr, -128
}
"""Exit codes of `security`: the low byte of the system's error."""

_HEX: Final = re.compile(r"(?:0x)?(?:[0-9A-Fa-f]{2})+", re.ASCII)

_WORDS: Final = {
    "keychain_absent": ("has no such item", "Log in with Claude Code, or with `keybearer auth login`."),
    "keychain_locked": ("is locked, and nobody can be asked", "Run `security unlock-keychain`, then try again."),
    "keychain_denied": ("refused the access", "Allow `security` to read it when the system asks."),
    "keychain_timeout": ("did not answer in time", "A dialog may wait for an answer; unlock it and try again."),
    "keychain_failed": ("could not be read", "Check it with Keychain Access."),
}


def read_keychain(service: str, environ: Mapping[str, str], *, timeout: float = KEYCHAIN_TIMEOUT) -> Secret:
    """Read a generic password.

    Args:
        service: The item's service name.
        environ: The environment; its PATH finds `security`.
        timeout: The time limit in seconds.

    Raises:
        CredentialError: It cannot be read; `problem` says why.
    """
    problem, text = _read(service, environ, timeout)
    if text is not None:
        return text
    words, hint = _WORDS[problem]
    source = f"the Keychain item {service!r}"
    raise CredentialError(f"The Keychain {words}: {service!r}.", source=source, problem=problem, hint=hint)


def _read(service: str, environ: Mapping[str, str], timeout: float) -> tuple[str, Secret | None]:
    import subprocess

    command = ["security", "find-generic-password", "-s", service, "-w"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the service name is ours
            command,
            capture_output=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
            env=dict(environ),
        )
    except subprocess.TimeoutExpired:
        return "keychain_timeout", None
    except OSError:
        return "keychain_failed", None
    if done.returncode:
        return _EXITS.get(done.returncode, "keychain_failed"), None
    return "", _text(Secret(done.stdout.decode(errors="replace").strip()))


def _text(printed: Secret) -> Secret:
    """Return an item's text. `security` prints an item with unprintable characters, such as a line end, in hexadecimal."""
    text = printed.reveal()
    if not _HEX.fullmatch(text):
        return printed
    try:
        return Secret(bytes.fromhex(text.removeprefix("0x")).decode().strip())
    except UnicodeDecodeError:
        return printed
