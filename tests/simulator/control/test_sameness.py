"""Which requests are the same: the rules for what differs, the four forms, and the folder."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.simulator.control.sameness import FORMS, folder_of, form_of, ignore_patterns, normalized, shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Today's date is 2026-11-26.", "Today's date is 2027-01-02."),
        ("on Thursday, November 26, 2026", "on Friday, Jan 2, 2027"),
        ("at 2026-11-26T03:12:11.991Z", "at 2027-01-02T13:00:00+01:00"),
        ("26 November 2026, 10:11:12 PM", "2 January 2027, 01:02:03 AM"),
        ("call toolu_01pNKmif5mwBUnTJRMPidAjk", "call toolu_01FbGyggciF9o8iezkesYqnj"),
        ("session 804f31ca-b0f5-4d94-b1b2-0e0a491b3b21", "session a163c1e3-7843-48e3-9204-a62803fc6617"),
        ("commit 8f44bb9 Keep", "commit adb1884 Keep"),
        ("agentId: a8338f9cfefcd78fa", "agentId: a25b3527bc98eb94c"),
        ("read /home/a/b/notes.txt", "read /Users/eve/x/notes.txt"),
        ("read C:\\Users\\a\\notes.txt", "read D:\\b\\notes.txt"),
        ("x\ngitStatus: on main\n M a.py", "x\ngitStatus: clean"),
        (" - Is a git repository: false", " - Is a git repository: true"),
        (" - OS Version: Linux 6.18", " - OS Version: Darwin 25"),
        ("x-anthropic-billing-header: cc_version=2.1.332.63c;", "x-anthropic-billing-header: cc_version=2.2.0;"),
    ],
)
def test_what_differs_between_machines_does_not_matter(one: str, other: str) -> None:
    """Two texts that differ only in what a rule is about are the same."""
    assert normalized({"system": one}) == normalized({"system": other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("read a.txt", "read b.txt"),
        ("read /home/a/one.txt", "read /home/a/two.txt"),
        ("version 1.2.3", "version 1.2.4"),
        ("https://example.org/a/b", "https://example.org/c/b"),
        ("add 3 and 4", "add 3 and 5"),
        ("the decade of facade", "the decade of accede"),
    ],
)
def test_what_is_said_matters(one: str, other: str) -> None:
    """A rule takes no name, number, word or address for something that differs."""
    assert normalized({"system": one}) != normalized({"system": other})


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        (
            "You have been invoked in: \n - Primary working directory: /home/a/my project\n - Is a git",
            "/home/a/my project",
        ),
        ("Working directory: /opt/x/", "/opt/x"),
        ("<cwd>/srv/app</cwd>", "/srv/app"),
        ("Current working directory: C:\\work\\app", "C:\\work\\app"),
        ("the directory /opt/x", None),
    ],
)
def test_the_folder_that_a_request_names(text: str, folder: str | None) -> None:
    """The working directory is read from the system text or a message, as agents write it."""
    assert folder_of({"system": text}) == folder
    assert (
        folder_of({"system": [], "messages": [{"role": "system", "content": [{"type": "text", "text": text}]}]})
        == folder
    )


def test_the_folder_is_replaced_everywhere_and_as_the_name_of_a_project() -> None:
    """Paths below the folder, the folder itself, and Claude Code's name for it, are the same in another folder."""
    one, other = "/home/a/one", "/srv/b/two"

    def body(folder: str) -> Any:
        text = f"cwd: {folder}\nls {folder} {folder}/x/a.txt ~/.claude/projects/{folder.replace('/', '-')}/m"
        return {"system": text}

    assert normalized(body(one)) == normalized(body(other))
    assert normalized({"system": "cwd: /home/a/one\n/x/c.txt"}) != normalized({"system": "cwd: /home/a/one\n/x/d.txt"})


def request(*contents: Any, **more: Any) -> dict[str, Any]:
    """Make a request of turns that alternate."""
    roles = ("user", "assistant")
    messages = [{"role": roles[index % 2], "content": content} for index, content in enumerate(contents)]
    return {"model": "claude-haiku-4-5", "messages": messages, **more}


def same(one: Any, other: Any) -> list[str]:
    """Return the forms in which two requests are the same."""
    return [
        name
        for name in FORMS
        if (form := form_of(name, "POST", "/v1/messages", one)) is not None
        and form == form_of(name, "POST", "/v1/messages?beta=true" if name[0] in "cl" else "/v1/messages", other)
    ]


def test_the_forms_from_strict_to_loose() -> None:
    """Each form lets more differ than the one before."""
    base = request("a", "b", "c", system="one")
    marked = [{"type": "text", "text": "c", "cache_control": {"type": "ephemeral"}}]
    noted = [{"type": "text", "text": "<system-reminder>new</system-reminder>"}, {"type": "text", "text": "c"}]
    thought = [{"type": "thinking", "thinking": "x", "signature": "y"}, {"type": "text", "text": "b"}]
    assert same(base, {**base, "metadata": {"user_id": "x"}}) == ["exact", "rules", "conversation", "last-turns"]
    assert same(request("a", system="on 2026-11-26"), request("a", system="on 2026-11-27"))[0] == "rules"
    assert same(base, request("a", "b", marked, system="one")) == ["conversation", "last-turns"]
    assert same(base, request("a", thought, noted, system="two", tools=[], stream=True)) == [
        "conversation",
        "last-turns",
    ]
    assert same(base, request("x", "b", "c")) == ["last-turns"]
    assert same(base, request("a", "b", "d")) == []
    assert same({"input": 1}, {"input": 2}) == []


def test_what_a_user_adds() -> None:
    """Further expressions take out what only the user knows to differ; a wrong one is refused."""
    ignored = ignore_patterns((r"build \d+",))
    assert normalized({"system": "build 7"}, ignored) == normalized({"system": "build 8"}, ignored)
    with pytest.raises(ValueError, match=r"replay_ignore: '\(' is no regular expression"):
        ignore_patterns(("(",))


def test_what_is_shown_of_a_request() -> None:
    """A conversation is shown by its turns and what each says; another body as it is."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"n": 1}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "r"}
    assert shown(request("a", [call], [result], system="x")) == {
        "turn 1 (user)": {"text 1": "a"},
        "turn 2 (assistant)": {"tool_use 1": {"name": "Read", "input": {"n": 1}}},
        "turn 3 (user)": {"tool_result 1": "r"},
    }
    assert shown({"name": "a.txt"}) == {"name": "a.txt"}
