"""`ConversationFile`: a conversation in a file of its own, whole or a turn at a time.

Strategy: a file that has the conversation's first turns gets the new ones at its end, and waits until they are on the disk. Any other
change writes a new file beside it, which then takes its name. Both go through `keybearer.credentials.stores.disk`.

Contract: the file has the old conversation or the new one, never half of one: what was half appended on a full disk is cut off
again, and of a process that was killed while it appended, `load(recover=True)` reads all but the last line. Only its owner can read
a file that is written here. A symbolic link is followed, and stays. A file of another kind, or one that another process changed, is
not written over.

Limits: one process writes at a time. `MAX_FILE` bytes. The methods block; with asyncio, `await asyncio.to_thread(file.save, talk)`.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

from keybearer.conversation.conversation import Conversation
from keybearer.credentials.stores.disk import DISK, Disk
from keybearer.errors import ConversationError

__all__ = ["ConversationFile"]

MAX_FILE: Final = 1 << 30
"""The most bytes of a file that is read."""

_READ: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_APPEND: Final = os.O_WRONLY | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class _Saved(NamedTuple):
    """What the file has, as far as this process knows."""

    conversation: Conversation
    signature: tuple[int, ...] | None
    whole: bool  # whether its last line has an end, so that another can follow


class ConversationFile:
    """A file with a conversation.

    Args:
        path: The file; its folder is there already.
        disk: Writes; a test may give one that fails.

    Attributes:
        path: The file.

    Example:
        file = ConversationFile("talk.jsonl")
        talk = file.load() if file.path.exists() else Conversation(system="Be brief.")
        talk = talk.user("Hello")
        talk = talk.append(client.messages.create(messages=talk))
        file.save(talk)
    """

    def __init__(self, path: str | os.PathLike[str], *, disk: Disk = DISK) -> None:
        self.path = Path(path)
        self._disk = disk
        self._saved: _Saved | None = None

    def load(self, *, recover: bool = False) -> Conversation:
        """Read the conversation.

        Args:
            recover: Whether to leave out a last line that was cut when its process ended; the next `save` takes it off the file.

        Raises:
            ConversationError: There is no such file, or it cannot be read: `problem` and `line` say why and where.
        """
        data, signature = self._read()
        try:
            talk = Conversation.loads(data, recover=recover)
        except ConversationError as error:
            failed = error
        else:
            self._saved = _Saved(talk, signature, data.endswith(b"\n"))
            return talk
        raise ConversationError(
            f"{self._name}: {failed.message}",
            file=os.fspath(self.path),
            line=failed.line,
            problem=failed.problem,
            hint=failed.hint,
        )

    def save(self, conversation: Conversation) -> None:
        """Write the conversation: only its new turns when the file has the others, else all of it.

        Raises:
            UsageError: It has a value that JSON has no form for; the file is as it was.
            ConversationError: It cannot be written, is a file of another kind, or was changed by another process since it was
                loaded or saved here; the file is as it was.
        """
        try:
            target = Path(os.path.realpath(self.path))
        except ValueError as error:  # with a NUL in it, or half of a character
            raise self._error("unwritable", f"cannot be written: {error}", "Correct the path.") from None
        saved = self._saved
        if saved is None:
            self._refuse_others()
        elif _signature(target) != saved.signature:
            raise self._error(
                "changed", "was changed since it was read or written here", "Load it again, or save to another file."
            )
        more = conversation.lines_after(saved.conversation) if saved is not None and saved.whole else None
        try:
            if more is None:
                self._write(target, conversation.dumps().encode())
            elif more:
                self._append(target, more)
        except OSError as error:
            reason = error.strerror or str(error)
        else:
            self._saved = _Saved(conversation, _signature(target), whole=True)
            return
        if saved is not None and more is not None:  # its time may have changed, its content has not
            self._saved = saved._replace(signature=_signature(target))
        raise self._error(
            "unwritable", f"cannot be written: {reason}", "It is as it was; make room, or name another place."
        )

    def _write(self, target: Path, data: bytes) -> None:
        beside = target.with_name(f".{target.name}.{os.urandom(8).hex()}.new")
        try:
            descriptor = self._disk.create(beside)
            try:
                self._disk.write(descriptor, data)
                self._disk.sync(descriptor)
            finally:
                os.close(descriptor)
            self._disk.rename(beside, target)
        except BaseException:
            with contextlib.suppress(OSError):
                self._disk.unlink(beside)
            raise
        self._disk.sync_folder(target.parent)

    def _append(self, target: Path, data: bytes) -> None:
        descriptor = os.open(target, _APPEND)
        try:
            before = os.fstat(descriptor).st_size
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
                self._disk.sync(descriptor)
            except BaseException:
                os.ftruncate(descriptor, before)
                raise
        finally:
            os.close(descriptor)

    def _read(self) -> tuple[bytes, tuple[int, ...]]:
        try:
            descriptor = os.open(self.path, _READ)
        except FileNotFoundError:
            raise self._error("missing", "does not exist", "Correct the path, or save a conversation there.") from None
        except (OSError, ValueError) as error:
            raise self._error("unreadable", f"cannot be read: {error}", "Correct the path.") from None
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_FILE:
                what = "is larger than 1 GiB" if stat.S_ISREG(found.st_mode) else "is no file"
                raise self._error("unreadable", what, "Correct the path.")
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(), _marks(found)
        finally:
            os.close(descriptor)

    def _refuse_others(self) -> None:
        """Refuse to write over a file that is no conversation."""
        if not self.path.exists() or not self.path.stat().st_size:
            return
        try:
            self.load(recover=True)
        except ConversationError as error:
            if error.problem == "not_one":
                raise self._error("not_one", "is there, and is no conversation", "Save to another file.") from None
        finally:
            self._saved = None

    @property
    def _name(self) -> str:
        return f"The conversation {os.fspath(self.path)!r}"

    def _error(self, problem: str, what: str, hint: str) -> ConversationError:
        return ConversationError(f"{self._name} {what}.", file=os.fspath(self.path), problem=problem, hint=hint)


def _signature(path: Path) -> tuple[int, ...] | None:
    """Return a value that changes when the file does; None when it is not there."""
    try:
        return _marks(path.stat())
    except OSError:
        return None


def _marks(found: os.stat_result) -> tuple[int, ...]:
    return found.st_mtime_ns, found.st_ino, found.st_size
