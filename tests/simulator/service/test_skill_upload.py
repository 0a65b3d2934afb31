"""The files of a skill: what is read of them, and what is no skill."""

from __future__ import annotations

import io
import zipfile

import pytest

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import FormPart
from keybearer.simulator.service.skill_upload import LARGEST_UPLOAD, pack_skill, read_skill

MAIN = b"---\nname: bread-rolls\ndescription: Bakes.\n---\n\n# Bread\n"


def part(path: str, data: bytes = MAIN, field: str = "files[]") -> FormPart:
    """Return one file of a form."""
    return FormPart(field, path, "text/markdown", data)


def zipped(**files: bytes) -> bytes:
    """Pack files as an archive, with an entry for their folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.mkdir("rolls")
        for path, data in files.items():
            archive.writestr(path.replace("__", "/").replace("_MD", ".md"), data)
    return packed.getvalue()


def test_what_a_skill_says_of_itself() -> None:
    """Name and description are read from `SKILL.md`, and paths are kept below the folder, under either name of the field."""
    for field in ("files", "files[]"):
        skill = read_skill([part("rolls/SKILL.md", field=field), part("rolls/lib/oven.py", b"hot", field=field)])
        assert (skill.name, skill.description) == ("bread-rolls", "Bakes.")
        assert skill.files == {"SKILL.md": MAIN, "lib/oven.py": b"hot"}


def test_a_folder_names_a_skill_that_has_no_name() -> None:
    """Without a name in `SKILL.md`, the folder's is the skill's; the line ends of Windows are read too."""
    assert read_skill([part("rolls/SKILL.md", b"---\r\ndescription: Bakes.\r\n---\r\n")]).name == "rolls"


def test_an_archive() -> None:
    """One zip archive stands for its files, and what is packed reads back the same, always as the same bytes."""
    skill = read_skill([part("any.zip", zipped(rolls__SKILL_MD=MAIN, rolls__a=b"1"))])
    assert skill.files == {"SKILL.md": MAIN, "a": b"1"}
    packed = pack_skill(skill.name, skill.files)
    assert packed == pack_skill(skill.name, dict(reversed(list(skill.files.items()))))
    assert read_skill([part("again.zip", packed)]) == skill


def test_an_archive_larger_than_it_looks() -> None:
    """An archive is refused by what it would unpack to, before it is unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rolls/SKILL.md", bytes(LARGEST_UPLOAD + 1))
    assert len(packed.getvalue()) < 100_000
    with pytest.raises(ServiceError, match=r"more than 31,457,280 bytes unpacked"):
        read_skill([part("bomb.zip", packed.getvalue())])


def main(text: str) -> list[FormPart]:
    """Return the form of a skill that has only this `SKILL.md`."""
    return [part("s/SKILL.md", text.encode())]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([], "files: Field required"),
        ([FormPart("files", None, None, b"text")], "files: Field required"),
        ([part("SKILL.md")], "is not the path of a file within one folder"),
        ([part("../SKILL.md")], "is not the path of a file within one folder"),
        ([part("s/../../etc/x"), part("s/SKILL.md")], "is not the path of a file within one folder"),
        ([part("/s/SKILL.md")], "is not the path of a file within one folder"),
        ([part("s/SKILL.md"), part("s/SKILL.md")], "is there twice"),
        ([part("s/SKILL.md"), part("t/a")], "all files must be in one folder, these are in s, t"),
        ([part("s/skill.md")], "no SKILL.md at the root of the folder 's'"),
        ([part("s/deep/SKILL.md")], "no SKILL.md at the root of the folder 's'"),
        ([part("s.zip", b"no archive")], "the archive cannot be read"),
        ([part("s/SKILL.md"), part("s/big", bytes(LARGEST_UPLOAD))], "at most 31,457,280 bytes together"),
        (main("# Bread"), "must start with YAML frontmatter"),
        (main("---\n- a\n---\n"), "must start with YAML frontmatter"),
        (main("---\nname: [\n---\n"), "frontmatter cannot be read"),
        (main("---\nname: Bread Rolls\ndescription: x\n---\n"), "lowercase letters, digits and single hyphens"),
        (main(f"---\nname: {'a' * 65}\ndescription: x\n---\n"), "lowercase letters, digits and single hyphens"),
        (main("---\nname: 7\ndescription: x\n---\n"), "lowercase letters, digits and single hyphens"),
        (main("---\nname: my-claude\ndescription: x\n---\n"), "the words anthropic and claude are reserved"),
        (main("---\nname: s\n---\n"), "a text of 1 to 1024 characters is required"),
        (main(f"---\ndescription: {'x' * 1025}\n---\n"), "a text of 1 to 1024 characters is required"),
        (main("---\ndescription: a <b>bold</b> one\n---\n"), "XML tags are not permitted"),
    ],
)
def test_what_is_no_skill(parts: list[FormPart], words: str) -> None:
    """Each thing that a skill must have is refused in words that name it."""
    with pytest.raises(ServiceError) as caught:
        read_skill(parts)
    assert words in caught.value.message
    assert (caught.value.status, caught.value.rule) == (400, "skill-files")
