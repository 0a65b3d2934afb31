"""What the pages show beside Python can be used: each command is taken by its parser, and each configuration by its reader."""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from keybearer.bulk.template import Template
from keybearer.cli import _spelled_out, whole_parser
from keybearer.cli.agent_file import read_agent
from keybearer.config.loader import load_agent, load_config
from keybearer.simulator.chaos.profile_file import load_profile
from keybearer.simulator.control.scenario_file import load_scenario
from support.blocks import Block, blocks_of, commands_of

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/reference/*.md")])
BLOCKS = [(page, block) for page in PAGES for block in blocks_of(page.read_text("utf-8"))]

IDS = [f"{page.name}:{block.line}" for page, block in BLOCKS]


def named(*languages: str) -> pytest.MarkDecorator:
    """Parametrize a test with the blocks of some languages."""
    chosen = [(page, block) for page, block in BLOCKS if block.language in languages]
    return pytest.mark.parametrize(("page", "block"), chosen, ids=[f"{page.name}:{each.line}" for page, each in chosen])


@pytest.fixture(scope="module")
def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    return whole_parser()


def test_a_block_says_what_it_is() -> None:
    """One that is only indented could be anything, and no test would know what to do with it."""
    known = {"console", "json", "sh", "text", "toml", "yaml"}
    assert [where for where, (_, block) in zip(IDS, BLOCKS, strict=True) if block.language not in known] == []


@named("console", "sh")
def test_a_command_is_taken_by_its_parser(page: Path, block: Block, parser: argparse.ArgumentParser) -> None:
    """Every command of keybearer, with all its flags; and every target of make."""
    del page
    for command in commands_of(block, "keybearer"):
        parser.parse_args(_spelled_out([word for word in command if word not in {"[FILE", "...]"}]))
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {command[0] for command in commands_of(block, "make")} <= targets


@named("json")
def test_a_line_of_json_is_one(page: Path, block: Block) -> None:
    """Each line is a whole value."""
    del page
    for line in block.text.splitlines():
        json.loads(line)


@named("toml")
def test_toml_can_be_read(page: Path, block: Block) -> None:
    """It is a part of a project's file."""
    del page
    assert tomllib.loads(block.text)["dependencies"]


# ── YAML ─────────────────────────────────────────────────────────────────────


def provider(text: str, folder: Path) -> None:
    """Read keys of a provider."""
    config(f"providers:\n  anthropic:\n    {text.replace(chr(10), chr(10) + '    ')}", folder)


def federation(text: str, folder: Path) -> None:
    """Read keys of `auth.federation`."""
    provider(f"auth:\n  mode: federation\n  federation:\n    {text.replace(chr(10), chr(10) + '    ')}", folder)


def config(text: str, folder: Path) -> None:
    """Read `llm.yaml`, with the secrets that it names."""
    for path in re.findall(r"\$\{file:([^}]+)\}", text):
        secret = folder / path.lstrip("/")
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_text("sk-ant-example\n")
        text = text.replace(path, str(secret))
    (folder / "llm.yaml").write_text(text)
    environ = dict.fromkeys(re.findall(r"\$\{([A-Z_]+)", text), "sk-ant-example")
    assert load_config(folder / "llm.yaml", environ).providers


def agent(text: str, folder: Path) -> None:
    """Read an agent's file, whose provider is one of the page."""
    name = yaml.safe_load(text)["model"]["provider"]
    (folder / "llm.yaml").write_text(f"providers: {{{name}: {{api_key: sk-ant-example}}}}")
    (folder / "agent.yaml").write_text(text)
    assert load_agent(folder / "agent.yaml", load_config(folder / "llm.yaml")).provider == name


def runnable(text: str, folder: Path) -> None:
    """Read an agent that `keybearer run` takes."""
    (folder / "agent.yaml").write_text(text)
    assert read_agent(folder / "agent.yaml", {"WORK_TOKEN": "example"}).tools


def template(text: str, folder: Path) -> None:
    """Read the template of a bulk job."""
    del folder
    assert Template(yaml.safe_load(text)).columns == ["kind", "text"]


def scenario(text: str, folder: Path) -> None:
    """Read a scenario of the simulator."""
    (folder / "turns.yaml").write_text(text)
    assert load_scenario(folder / "turns.yaml")


def chaos(text: str, folder: Path) -> None:
    """Read a profile of faults."""
    (folder / "profile.yaml").write_text(text)
    assert load_profile(folder / "profile.yaml").rules


def foreign(text: str, folder: Path) -> None:
    """Read what is another program's."""
    del folder
    assert yaml.safe_load(text)


READERS: list[tuple[str, str, Callable[[str, Path], None]]] = [
    ("bulk.md", "prompt:", template),
    ("simulator-chaos.md", "faults:", chaos),
    ("simulator-scenarios.md", "match:", scenario),
    ("simulator.md", "match:", scenario),
    ("running.md", "tools:", runnable),
    ("federation.md", "identity_token:", federation),
    ("federation.md", "id-token: write", foreign),
    ("federation.md", "volumes:", foreign),
    ("gateways.md", "model_list:", foreign),
    ("*", "model: {provider:", agent),
    ("*", "api_key:", provider),
]
"""By what a block is read: its page, and what is in it. One that begins with `providers:` is `llm.yaml`."""


@named("yaml")
def test_a_configuration_is_taken_by_its_reader(page: Path, block: Block, tmp_path: Path) -> None:
    """No key of it is unknown, and no value out of range."""
    if re.search("^providers:", block.text, re.MULTILINE):
        config(block.text, tmp_path)
        return
    read = next(read for name, part, read in READERS if name in {"*", page.name} and part in block.text)
    read(block.text, tmp_path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('```console\n$ keybearer ask "a b" > out.txt  # why\n```', [["ask", "a b"]]),
        ("```sh\ngit diff | keybearer ask hi && keybearer doctor\n```", [["ask", "hi"]]),
        ("```sh\nX=1 keybearer batch run a \\\n  -o b\n```", [["batch", "run", "a", "-o", "b"]]),
        ("```python\nkeybearer ask\n```", []),
        ("Words.\n\n    keybearer usage\n\nMore.", [["usage"]]),
    ],
)  # fmt: skip
def test_commands_are_found(text: str, found: list[list[str]]) -> None:
    """In fenced and in indented blocks, up to a pipe or a file."""
    assert [command for block in blocks_of(text) for command in commands_of(block, "keybearer")] == found
