"""Reads the files of a skill: the folder, its `SKILL.md`, and what that says of name and description.

Source: the wheel's `types/skill_create_params.py` (one folder, `SKILL.md` at its root), `types/skills/skill_version.py`
(the slug); docs: "Agent Skills in the API" (a zip archive, 30 MB, letters of the name, length of the description).
The words of the refusals are a guess.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from msgspec import Struct

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.patterns import lazy
from keybearer.simulator.core.request import FormPart

__all__ = ["SkillUpload", "pack_skill", "read_skill"]

LARGEST_UPLOAD: Final = 30 * 1024 * 1024
LONGEST_NAME: Final = 64
LONGEST_DESCRIPTION: Final = 1024
FIELDS: Final = ("files", "files[]")
MAIN: Final = "SKILL.md"
SLUG: Final = lazy(r"[a-z0-9]+(-[a-z0-9]+)*")
RESERVED: Final = ("anthropic", "claude")
TAG: Final = lazy(r"</?[A-Za-z][^<>]*>")
FRONTMATTER: Final = lazy(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every file of an archive (the first that the format has), so that one skill is always the same bytes."""


class SkillUpload(Struct, frozen=True):
    """The files of a skill, checked.

    Args:
        name: Its slug.
        description: What it says of itself.
        files: Path below its folder to bytes.
    """

    name: str
    description: str
    files: Mapping[str, bytes]


def _refuse(message: str) -> ServiceError:
    return ServiceError("invalid_request_error", message, rule="skill-files")


def read_skill(parts: Sequence[FormPart]) -> SkillUpload:
    """Read the files of a form.

    Args:
        parts: The parts of the form; the files are named `files` or `files[]`, or are one zip archive.

    Raises:
        ServiceError: 400 for files that are no skill.
    """
    sent = [(part.filename or "", part.data) for part in parts if part.name in FIELDS and part.filename is not None]
    if len(sent) == 1 and sent[0][0].lower().endswith(".zip"):
        sent = _unpack(sent[0][1])
    if not sent:
        raise _refuse("files: Field required")
    if sum(len(data) for _, data in sent) > LARGEST_UPLOAD:
        raise _refuse(f"files: the files of a skill have at most {LARGEST_UPLOAD:,} bytes together")
    top, files = _folder(sent)
    if MAIN not in files:
        raise _refuse(f"files: there is no {MAIN} at the root of the folder {top!r}")
    said = _frontmatter(files[MAIN])
    name = said.get("name", top)
    if not isinstance(name, str) or not SLUG.fullmatch(name) or len(name) > LONGEST_NAME:
        raise _refuse(f"{MAIN}: name: use 1 to {LONGEST_NAME} lowercase letters, digits and single hyphens")
    if any(word in name for word in RESERVED):
        raise _refuse(f"{MAIN}: name: the words {' and '.join(RESERVED)} are reserved")
    description = said.get("description")
    if not isinstance(description, str) or not description.strip() or len(description) > LONGEST_DESCRIPTION:
        raise _refuse(f"{MAIN}: description: a text of 1 to {LONGEST_DESCRIPTION} characters is required")
    if TAG.search(description):
        raise _refuse(f"{MAIN}: description: XML tags are not permitted")
    return SkillUpload(name, description, files)


def _unpack(data: bytes) -> list[tuple[str, bytes]]:
    """Unpack an archive, whose sizes are read before its bytes."""
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > LARGEST_UPLOAD:
                raise _refuse(f"files: the archive has more than {LARGEST_UPLOAD:,} bytes unpacked")
            return [(entry.filename, archive.read(entry)) for entry in entries]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise _refuse("files: the archive cannot be read") from error


def _folder(sent: Sequence[tuple[str, bytes]]) -> tuple[str, dict[str, bytes]]:
    """Return the one folder that holds all files, and the files by their path below it."""
    files: dict[str, bytes] = {}
    tops: set[str] = set()
    for filename, data in sent:
        top, _, path = filename.partition("/")
        if not top or not path or str(PurePosixPath(filename)) != filename or ".." in filename.split("/"):
            raise _refuse(f"files: {filename!r} is not the path of a file within one folder, such as my-skill/{MAIN}")
        if path in files:
            raise _refuse(f"files: {filename!r} is there twice")
        tops.add(top)
        files[path] = data
    if len(tops) > 1:
        raise _refuse(f"files: all files must be in one folder, these are in {', '.join(sorted(tops))}")
    return tops.pop(), files


def _frontmatter(data: bytes) -> dict[str, Any]:
    """Read the YAML between the two lines `---` at the beginning of a `SKILL.md`."""
    import yaml

    try:
        found = FRONTMATTER.match(data.decode("utf-8"))
        said = yaml.safe_load(found[1]) if found else None
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        raise _refuse(f"{MAIN}: the YAML frontmatter cannot be read") from error
    if not isinstance(said, dict):
        raise _refuse(f"{MAIN}: it must start with YAML frontmatter that has name and description")
    return said


def pack_skill(name: str, files: Mapping[str, bytes]) -> bytes:
    """Pack a skill's files as a zip archive, below a folder with its name."""
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"{name}/{path}", FIRST_DAY), files[path], zipfile.ZIP_DEFLATED)
    return packed.getvalue()
