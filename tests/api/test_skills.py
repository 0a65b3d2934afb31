"""`client.skills`: the same calls as with the official SDK, against a server of fixed answers; and what is refused here."""

from __future__ import annotations

import asyncio
import json
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any

import anthropic
import pytest
from anthropic.lib import files_from_dir

from keybearer import AsyncClient, Client
from keybearer import errors as e
from support.rawserver import Peer, raw_server

SKILL = {
    "type": "skill",
    "id": "skill_1",
    "display_name": "Report",
    "latest_version_id": "skillver_2",
    "source": {"type": "custom"},
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-02T00:00:00Z",
}
VERSION = {
    "type": "skill_version",
    "id": "skillver_2",
    "skill_id": "skill_1",
    "name": "report",
    "description": "Writes reports.",
    "created_at": "2026-01-02T00:00:00Z",
}
ANSWERS: dict[str, Any] = {
    "POST /v1/skills": SKILL,
    "GET /v1/skills?limit=2&source=custom": {"data": [SKILL], "has_more": True, "next_page": "p2"},
    "GET /v1/skills?limit=2&page=p2&source=custom": {
        "data": [{**SKILL, "id": "skill_9"}],
        "has_more": False,
        "next_page": None,
    },
    "GET /v1/skills/skill_1": SKILL,
    "DELETE /v1/skills/skill_1": {"id": "skill_1", "type": "skill_deleted"},
    "POST /v1/skills/skill_1/versions": VERSION,
    "GET /v1/skills/skill_1/versions?limit=2": {"data": [VERSION], "has_more": False, "next_page": None},
    "GET /v1/skills/skill_1/versions/latest": VERSION,
    "DELETE /v1/skills/skill_1/versions/skillver_2": {"id": "skillver_2", "type": "skill_version_deleted"},
}


class Service:
    """Answers each request from the table, and keeps what was asked: method and path, workspace, and the parts of a form."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, list[tuple[str | None, str | None, bytes]]]] = []

    def __call__(self, peer: Peer) -> None:
        """Serve one connection."""
        while request := peer.request():
            line, _, rest = request.partition(b"\r\n")
            message = BytesParser(policy=HTTP).parsebytes(rest)
            path, mark, query = line.decode().rpartition(" ")[0].partition("?")
            name = path + mark + "&".join(sorted(query.split("&")))
            parts: list[Any] = [
                (
                    part.get_param("name", header="content-disposition"),
                    part.get_filename(),
                    part.get_payload(decode=True),
                )
                for part in (message.iter_parts() if message.is_multipart() else ())
            ]
            self.asked.append((name, message["anthropic-workspace-id"], sorted(parts, key=str)))
            if name.endswith("/content"):
                peer.reply(b"PK zip", headers="content-type: application/zip\r\n")
            else:
                peer.reply(json.dumps(ANSWERS[name]).encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A skill's folder, with a folder in it."""
    (tmp_path / "report" / "lib").mkdir(parents=True)
    (tmp_path / "report" / "SKILL.md").write_text("---\nname: report\ndescription: Writes reports.\n---\n")
    (tmp_path / "report" / "lib" / "make.py").write_text("print(1)")
    return tmp_path / "report"


def calls(client: Any, files: Any) -> list[Any]:
    """Call each method; return what came as plain JSON."""
    skills = client.skills
    made = skills.create(files=files, display_name="Report", workspace_id="wrkspc_1")
    listed = list(skills.list(limit=2, source="custom"))
    one = skills.retrieve("skill_1")
    version = skills.versions.create("skill_1", files=files)
    versions = list(skills.versions.list("skill_1", limit=2))
    latest = skills.versions.retrieve("latest", skill_id="skill_1")
    archive = client.beta.skills.versions.download("skillver_2", skill_id="skill_1").read()
    gone = skills.versions.delete("skillver_2", skill_id="skill_1")
    deleted = skills.delete("skill_1")
    answers = [made, *listed, one, version, *versions, latest, gone, deleted]
    return [json.loads(answer.to_json(indent=None)) for answer in answers] + [archive]


def test_the_calls_are_those_of_the_official_sdk(folder: Path) -> None:
    """Each method sends what the SDK's sends, form and all, and gives what it gives; a folder is read as its helper reads it."""
    ours, theirs = Service(), Service()
    with raw_server(ours) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        given = calls(client, folder)
    with raw_server(theirs) as server, anthropic.Anthropic(api_key="k", base_url=server.url) as official:
        expected = calls(official, files_from_dir(folder))
    assert ours.asked == theirs.asked
    assert given == expected
    name, workspace, parts = ours.asked[0]
    assert (name, workspace) == ("POST /v1/skills", "wrkspc_1")
    assert [(field, filename) for field, filename, _ in parts] == [
        ("display_name", None),
        ("files[]", "report/SKILL.md"),
        ("files[]", "report/lib/make.py"),
    ]


def test_awaited_they_are_the_same(folder: Path) -> None:
    """Create, list all pages, a version's download, delete."""
    service = Service()

    async def main(url: str) -> None:
        async with AsyncClient(api_key="sk-ant-test", base_url=url) as client:
            skill = await client.skills.create(files=[("report/SKILL.md", b"x")], display_name="Report")
            assert (skill.source.type, skill.latest_version_id) == ("custom", "skillver_2")
            assert [each.id async for each in client.skills.list(limit=2, source="custom")] == ["skill_1", "skill_9"]
            version = await client.skills.versions.create(skill.id, files=folder)
            assert (await client.skills.versions.retrieve("latest", skill_id=skill.id)) == version
            assert [each async for each in client.skills.versions.list(skill.id, limit=2)] == [version]
            async with await client.skills.versions.download(version.id, skill_id=skill.id) as archive:
                await archive.write_to_file(folder / "skill.zip")
            assert (folder / "skill.zip").read_bytes() == b"PK zip"
            gone = await client.skills.versions.delete(version.id, skill_id=skill.id)
            assert gone.type == "skill_version_deleted"
            assert (await client.skills.delete(skill.id)).id == "skill_1"

    with raw_server(service) as server:
        asyncio.run(main(server.url))


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ([], r"needs a SKILL\.md at the root of its folder; there is none among its 0 files"),
        ([("report/readme.md", b"x")], r"none among its 1 files"),
        ([("report/lib/SKILL.md", b"x")], r"none among its 1 files"),
        ([("a/SKILL.md", b"x"), ("b/more.md", b"x")], "these stand in 'a' and 'b'"),
        ("/nowhere/at/all", "'/nowhere/at/all' is no folder"),
    ],
)
def test_what_is_no_skill_is_refused_here(files: Any, problem: str) -> None:
    """Nothing is sent, and the error says what is missing."""
    with Client(api_key="sk-ant-test", base_url="http://127.0.0.1:9") as client:
        for call in (client.skills.create, lambda **given: client.skills.versions.create("skill_1", **given)):
            with pytest.raises(e.UsageError, match=problem):
                call(files=files)


def test_a_link_to_a_folder_is_refused(folder: Path) -> None:
    """What it holds would be left out in silence otherwise."""
    (folder / "more").symlink_to(folder / "lib", target_is_directory=True)
    with Client(api_key="sk-ant-test", base_url="http://127.0.0.1:9") as client:
        with pytest.raises(e.UsageError, match="is a link to a folder"):
            client.skills.create(files=folder)


def test_an_archive_is_sent_as_it_is(tmp_path: Path) -> None:
    """By its path or by its name and bytes; the service opens it."""
    (tmp_path / "report.zip").write_bytes(b"PK")
    service = Service()
    with raw_server(service) as server, Client(api_key="sk-ant-test", base_url=server.url) as client:
        client.skills.create(files=tmp_path / "report.zip")
        client.skills.create(files=[("report.zip", b"PK")])
    assert [parts for _, _, parts in service.asked] == [[("files[]", "report.zip", b"PK")]] * 2
