"""Reads files that hold a secret: the whole file, only if it is private, and not through a link.

Contract: every unusable state has its own `CredentialError.problem`. No error holds any of the file's content. The text is returned as
a `Secret`, and no frame that raises has it in a local.

    missing       there is no such file
    unseen        it is unknown whether there is one: a folder above it may not be entered, or its disk does not answer
    unreadable    the system refuses to read it, or it is a folder or a device
    symlink       it is a link, whose target may change between the check and the read
    foreign       it belongs to another user
    exposed       others may read or write it
    too_large     it is over `MAX_FILE`
    not_text      it is not UTF-8

Its content is read by `documents`, whose problems are `not_json` and `not_object`.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from keybearer.credentials.stores.documents import MAX_FILE
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["private_folder", "private_opener", "read_secret", "stat_signature"]

POSIX: Final = os.name == "posix"


def read_secret(
    path: Path, what: str, *, login: str = "keybearer auth login", links: bool = False, shared: bool = False
) -> Secret:
    """Read a file that holds a secret.

    Args:
        path: The file.
        what: The kind of file, for errors: `the OAuth bundle`.
        login: The command that creates another one.
        links: Whether it may be a symbolic link.
        shared: Whether others may read it, like a mounted secret.

    Returns:
        Its text.

    Raises:
        CredentialError: It is not there, not readable, or not private.
    """
    problem, text = _read(path, links=links, shared=shared)
    if isinstance(text, Secret):
        return text
    words, hint = _WORDS[problem]
    raise CredentialError(
        f"{what[0].upper()}{what[1:]} {os.fspath(path)!r} {words.format(reason=text)}.",
        source=f"{what} {path}",
        problem=problem,
        hint=hint.format(path=path, login=login),
    )


_EXPOSED: Final = (
    "Its tokens may be known: run `chmod 600 {path}`, and make another with `{login}` if others use this machine. "
    "Where chmod changes nothing, as on a Windows drive in WSL, move it to your home there."
)

_WORDS: Final = {
    "missing": ("does not exist", "Run `{login}` to make one, or correct the path."),
    "unseen": ("cannot be seen: {reason}", "Let this user enter the folders above it, or name another place."),
    "unreadable": ("cannot be read: {reason}", "Make it a file that this user can read."),
    "symlink": ("is a symbolic link, which could be pointed elsewhere", "Put the file itself there, or name it."),
    "foreign": ("belongs to another user", "Have it given to this user with chown, or make another with `{login}`."),
    "exposed": (
        "can be read or changed by other users (mode {reason})",
        _EXPOSED,
    ),
    "too_large": ("is larger than 1 MiB, so it is something else", "Correct the path."),
    "not_text": ("is not UTF-8 text", "Correct the path, or make another with `{login}`."),
}


def _read(path: Path, *, links: bool, shared: bool) -> tuple[str, Secret | str]:
    """Return the problem's name and reason, or no problem and the text."""
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags | (0 if links else getattr(os, "O_NOFOLLOW", 0)))
    except FileNotFoundError:
        return "missing", ""
    except OSError as error:
        if error.errno == errno.ELOOP:
            return "symlink", ""
        if error.errno == errno.ENOTDIR:
            return "missing", ""  # a folder on the way is a file: there is no such file
        return ("unreadable" if _is_there(path) else "unseen"), error.strerror or ""
    except ValueError:
        return "missing", ""  # no path at all, with a NUL in it or half of a character
    try:
        if problem := _improper(os.fstat(descriptor), shared=shared):
            return problem
        return _text(descriptor)
    except OSError as error:
        return "unreadable", error.strerror or ""
    finally:
        os.close(descriptor)


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _improper(info: os.stat_result, *, shared: bool) -> tuple[str, str] | None:
    if not stat.S_ISREG(info.st_mode):
        return "unreadable", "it is not a file"
    if POSIX and not shared:
        if info.st_uid != os.geteuid():
            return "foreign", ""
        if info.st_mode & 0o077:
            return "exposed", f"{stat.S_IMODE(info.st_mode):04o}"
    return ("too_large", "") if info.st_size > MAX_FILE else None


def _text(descriptor: int) -> tuple[str, Secret | str]:
    chunks = []
    while chunk := os.read(descriptor, MAX_FILE):
        chunks.append(chunk)
    try:
        return "", Secret(b"".join(chunks).decode("utf-8-sig"))
    except UnicodeDecodeError:
        return "not_text", ""


def stat_signature(path: Path, *, links: bool = False) -> tuple[int, ...] | None:
    """Return a value that changes when the file (or with `links`, its target) changes; None if it is absent or cannot be seen."""
    try:
        info = path.stat(follow_symlinks=links)
    except (OSError, ValueError):
        return None
    return info.st_mtime_ns, info.st_ino, info.st_size


def private_folder(path: Path) -> None:
    """Create a folder, with its parents, that only its owner can enter. An existing folder is left as it is.

    Raises:
        OSError: It cannot be created.
    """
    if not path.is_dir():
        private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


def private_opener(path: str, flags: int) -> int:
    """Open a file, which only its owner can read if it is new: for `open(..., opener=private_opener)`."""
    return os.open(path, flags, 0o600)
