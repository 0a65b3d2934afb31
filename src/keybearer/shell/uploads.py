"""What is uploaded: a path, bytes, a file object or an iterator, read while it is sent and never held whole.

Strategy: what can be read only once (an iterator, a pipe) is written to a temporary file without a name first, so that its length is
known and the request can be sent again.

Contract: just as many bytes are sent as were announced; a file that becomes shorter or is replaced meanwhile ends the request.
"""

from __future__ import annotations

import contextlib
import io
import mimetypes
import os
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from msgspec import structs

from keybearer.errors import UsageError
from keybearer.errors.sanitize import sanitize
from keybearer.types.http import BodySource
from keybearer.wire.request.multipart import FilePart

__all__ = ["FileContent", "FileLike", "SkillFiles", "file_part", "file_parts", "release", "release_all", "skill_parts"]

FileContent: TypeAlias = "bytes | str | os.PathLike[str] | IO[bytes] | Iterable[bytes]"
"""What is uploaded: bytes, the path of a file, a file object open for reading bytes, or an iterable of bytes."""

FileLike: TypeAlias = "FileContent | tuple[str | None, FileContent] | tuple[str | None, FileContent, str | None]"
"""What is uploaded, alone or in a tuple after its name and before its media type, as the official SDK takes it."""

SkillFiles: TypeAlias = "str | os.PathLike[str] | Iterable[FileLike]"
"""The files of a skill: the path of its folder, or the files, each with a name that begins with the folder."""

_PIECE: Final = 256 << 10
"""How much of a file is read at a time, in bytes."""

_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_MEDIA_TYPE: Final = re.compile(r"[!-~]+/[ -~]+")

_UNKNOWN: Final = "application/octet-stream"


class _Bytes:
    """Bytes that are uploaded."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    def pieces(self) -> Iterator[bytes]:
        view = memoryview(self._data)
        for at in range(0, len(view), _PIECE):
            yield bytes(view[at : at + _PIECE])


class _File:
    """A file that is uploaded, from a place in it to its end.

    Args:
        path: Its path, opened anew for each reading; or None.
        file: A file object that can be read from any place, in place of a path.
        start: Where it begins, in bytes.
        name: Its name, for an error.
        ours: Whether the file object is ours to close; one of the caller's is left open.
    """

    def __init__(self, path: str | None, file: IO[bytes] | None, start: int, name: str, *, ours: bool = False) -> None:
        self._path, self._file, self._start, self._name = path, file, start, name
        self._ours = ours
        self._lock = threading.Lock()
        with self._opened() as opened:
            self._size: int = opened.seek(0, io.SEEK_END) - start
            opened.seek(start)
            self._which = None if path is None else _identity(opened)

    def __len__(self) -> int:
        return self._size

    def pieces(self) -> Iterator[bytes]:
        left = self._size
        try:
            with self._opened() as file:
                if self._which is not None and _identity(file) != self._which:
                    raise UsageError(f"{self._name} was replaced by another file while it was sent.")
                at = self._start
                while left > 0:
                    with self._lock:  # a file object has one place to read from, and may be sent by two calls
                        file.seek(at)
                        piece = file.read(min(_PIECE, left))
                    if not piece:
                        break
                    at, left = at + len(piece), left - len(piece)
                    yield piece
        except OSError as error:
            problem = f"{self._name} could not be read while it was sent: {error.strerror or error}."
        else:
            if not left:
                return
            problem = f"{self._name} became shorter while it was sent: {left:,} of {self._size:,} bytes are missing."
        raise UsageError(problem)

    def close(self) -> None:
        """Close what is ours."""
        if self._ours and self._file is not None:
            self._file.close()

    def _opened(self) -> contextlib.AbstractContextManager[IO[bytes]]:
        if self._file is not None:
            return contextlib.nullcontext(self._file)
        return Path(self._path or "").open("rb")


def _identity(file: IO[bytes]) -> tuple[int, int]:
    stat = os.fstat(file.fileno())
    return stat.st_dev, stat.st_ino


def file_part(file: FileLike, field: str) -> FilePart:
    """Return a file as the part of a form.

    Args:
        file: What is uploaded; a tuple has its name first, and its media type last.
        field: The name of the form's field.

    Raises:
        UsageError: It cannot be read.
    """
    name: str | None = None
    media_type: str | None = None
    content: Any = file
    if isinstance(file, tuple):
        if not 2 <= len(file) <= 3:
            raise UsageError(
                f"A tuple for a file is (name, content) or (name, content, media type), not {len(file)} values."
            )
        name, content, media_type = (*content, None)[:3]
    source, own = _source(content)
    filename = name or own or "upload"
    problem = _head_problem(filename, media_type)
    if problem is None:
        media_type = media_type or mimetypes.guess_type(filename)[0] or _UNKNOWN
    part = FilePart(field=field, filename=filename, media_type=media_type or "", content=source)
    if len(source) and problem is None:
        return part
    release(part)
    if problem is not None:
        raise UsageError(problem)
    return structs.replace(part, content=None)


def _head_problem(filename: Any, media_type: Any) -> str | None:
    """Return why a name or a media type cannot stand in the head of a form's part."""
    if not isinstance(filename, str):
        return f"A file's name is of type {type(filename).__name__}; it takes text."
    if _SURROGATE.search(filename):
        return f"The file's name {filename!r} is not Unicode: give it another with file=(name, path)."
    if media_type is not None and not (isinstance(media_type, str) and _MEDIA_TYPE.fullmatch(media_type)):
        return f"The media type {sanitize(repr(media_type), 60)} is none; it takes one such as text/plain."
    return None


def file_parts(files: Iterable[tuple[FileLike, str]]) -> list[FilePart]:
    """Return files as parts of a form; release them once the call is over.

    Args:
        files: Each file with the name of its field.

    Raises:
        UsageError: One cannot be read; the others are released.
    """
    parts: list[FilePart] = []
    try:
        for file, field in files:
            parts.append(file_part(file, field))
    except BaseException:
        release_all(parts)
        raise
    return parts


def skill_parts(files: SkillFiles, field: str) -> list[FilePart]:
    """Return the files of a skill as parts of a form; release them once the call is over.

    Raises:
        UsageError: One cannot be read, or the path is that of no folder.
    """
    listed = _below(files) if isinstance(files, str | os.PathLike) else files
    return file_parts((each, field) for each in listed)


def _below(folder: str | os.PathLike[str]) -> list[tuple[str, str]]:
    """List the files below a folder: the name of each, which begins with the folder's, and its path."""
    root = Path(folder).absolute()
    if root.is_file() and root.suffix.lower() == ".zip":
        return [(root.name, os.fspath(root))]
    if not root.is_dir():
        raise UsageError(f"The path of a skill is that of its folder; {os.fspath(folder)!r} is no folder.")
    found: list[tuple[str, str]] = []
    for path in sorted(root.rglob("*")):
        if path.is_dir():
            if path.is_symlink():
                raise UsageError(
                    f"The skill's {path} is a link to a folder, which is not followed; copy what it holds."
                )
        else:
            found.append((path.relative_to(root.parent).as_posix(), os.fspath(path)))
    return found


def release(part: FilePart) -> None:
    """Close the temporary file of a part, if it has one: its request is over."""
    if isinstance(part.content, _File):
        part.content.close()


def release_all(parts: Iterable[FilePart]) -> None:
    """Close the temporary files of parts, whose request is over."""
    for part in parts:
        release(part)


def _source(content: Any) -> tuple[BodySource, str | None]:
    """Return what to read, and the name that it has of its own."""
    if isinstance(content, bytes | bytearray | memoryview):
        return _Bytes(bytes(content)), None
    if isinstance(content, str | os.PathLike):
        path = os.fsdecode(content)
        try:
            return _File(path, None, 0, path), Path(path).name
        except (OSError, ValueError) as error:
            what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            problem = f"The file {path!r} cannot be uploaded: {what}."
        raise UsageError(problem, hint="A text is the path of a file; give content as bytes.")
    if callable(getattr(content, "read", None)):
        return _of_file(content)
    if isinstance(content, Iterable) and not isinstance(content, Mapping):
        return _spooled(iter(content), "The upload"), None
    raise UsageError(
        f"An upload is of type {type(content).__name__}; it takes bytes, a path, a file object or an iterable of bytes."
    )


def _of_file(file: Any) -> tuple[BodySource, str | None]:
    named = getattr(file, "name", None)
    name = Path(named).name if isinstance(named, str) else None
    if isinstance(file, io.TextIOBase):
        raise UsageError(f"The file {name or 'object'} is open as text; open it with mode 'rb'.")
    if getattr(file, "seekable", lambda: False)():
        return _File(None, file, file.tell(), name or "The file"), name
    return _spooled(iter(lambda: file.read(_PIECE), b""), name or "The file"), name


def _spooled(pieces: Iterator[Any], name: str) -> BodySource:
    """Write what can be read only once to a temporary file, which ends with its last reader."""
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - the source holds it
    try:
        for piece in pieces:
            spool.write(_checked(piece, name))
        spool.flush()
        return _File(None, spool, 0, name, ours=True)
    except BaseException:
        spool.close()
        raise


def _checked(piece: Any, name: str) -> bytes | bytearray | memoryview:
    if isinstance(piece, bytes | bytearray | memoryview):
        return piece
    raise UsageError(f"{name} gave a value of type {type(piece).__name__}; it takes bytes.")
