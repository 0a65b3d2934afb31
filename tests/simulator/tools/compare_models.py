"""Compare the simulator's table of models with the tables of litellm and of pydantic-ai.

    make compare-models

Downloads both packages from the package index, reads their tables, and lists every fact in which they and
`core/data/models.json` disagree. Each disagreement stands in `model_disagreements.yaml` with the reason why ours is kept;
one that is not listed, and one that is listed and gone, fail.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import types
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

HERE: Final = Path(__file__).parent
MODELS: Final = HERE.parents[2] / "src" / "keybearer" / "simulator" / "core" / "data" / "models.json"
LISTED: Final = HERE / "model_disagreements.yaml"
PACKAGES: Final = {"litellm": "1.110.2", "pydantic-ai-slim": "2.68.0"}
LITELLM_TABLE: Final = "litellm/model_prices_and_context_window_backup.json"
PROFILES: Final = "pydantic_ai/profiles/anthropic.py"
PROVIDER: Final = "pydantic_ai/providers/anthropic.py"

Row = dict[str, Any]


class Disagreement(NamedTuple):
    """One fact in which a public table differs from ours."""

    table: str
    model: str
    fact: str
    ours: Any
    theirs: Any


LITELLM: Final[dict[str, tuple[str, Callable[[Row], Any], Any]]] = {
    "window": ("max_input_tokens", lambda row: row["window"], None),
    "max_tokens": ("max_output_tokens", lambda row: row["max_tokens"], None),
    "cache_minimum": ("prompt_cache_min_tokens", lambda row: row["cache_minimum"], None),
    "adaptive thinking": ("supports_adaptive_thinking", lambda row: "adaptive" in row["thinking"], False),
    "thinking cannot be turned off": (
        "thinking_always_on",
        lambda row: not {"disabled", "between_tools"} & set(row["thinking"]),
        False,
    ),
    "prefill": ("supports_assistant_prefill", lambda row: row["prefill"], False),
    "sampling": ("supports_sampling_params", lambda row: row["sampling"], True),
    "forced_tools": ("supports_forced_tool_use", lambda row: row["forced_tools"], True),
    "effort xhigh": ("supports_xhigh_reasoning_effort", lambda row: "xhigh" in row["efforts"], False),
    "effort max": ("supports_max_reasoning_effort", lambda row: "max" in row["efforts"], False),
    "effort": ("supports_output_config", lambda row: bool(row["efforts"]), False),
    "compaction": ("supports_anthropic_compaction", lambda row: row["compaction"], False),
    "system_turns": ("supports_mid_conversation_system", lambda row: row["system_turns"], False),
    "fast": ("supports_speed", lambda row: row["fast"], False),
    "retires": ("deprecation_date", lambda row: row["retires"], None),
}
"""A fact: litellm's key, ours, and what it means when litellm has no such key."""

PYDANTIC_AI: Final[dict[str, tuple[str, Callable[[Row], Any]]]] = {
    "max_tokens": ("anthropic_max_output_tokens", lambda row: row["max_tokens"]),
    "adaptive thinking": ("anthropic_supports_adaptive_thinking", lambda row: "adaptive" in row["thinking"]),
    "thinking with a budget": ("anthropic_disallows_budget_thinking", lambda row: "enabled" not in row["thinking"]),
    "thinking cannot be turned off": (
        "thinking_always_enabled",
        lambda row: not {"disabled", "between_tools"} & set(row["thinking"]),
    ),
    "between_tools": (
        "anthropic_disables_thinking_with_between_tools",
        lambda row: "between_tools" in row["thinking"],
    ),
    "effort": ("anthropic_supports_effort", lambda row: bool(row["efforts"])),
    "effort xhigh": ("anthropic_supports_xhigh_effort", lambda row: "xhigh" in row["efforts"]),
    "effort_without_thinking": (
        "anthropic_disallows_top_effort_when_thinking_disabled",
        lambda row: row["effort_without_thinking"] is not None,
    ),
    "no sampling": ("anthropic_disallows_sampling_settings", lambda row: not row["sampling"]),
    "forced_tools": ("supports_forced_tool_choice", lambda row: row["forced_tools"]),
    "fast": ("anthropic_supports_fast_speed", lambda row: row["fast"]),
}
"""A fact: the profile's key, and ours."""

PREFIXES: Final = {
    "compaction": "_ON_DEMAND_COMPACTION_MODEL_PREFIXES",
    "tool_changes": "_TOOL_AVAILABILITY_DELTA_MODEL_PREFIXES",
    "turn_effort": "_MID_CONVERSATION_EFFORT_MODEL_PREFIXES",
}
"""A fact of ours, and pydantic-ai's list of the models that have it."""

STUBS: Final = """\
from contextvars import ContextVar
from typing import Literal, TypeAlias, TypedDict

AdvisorTool = CodeExecutionTool = MCPServerTool = MemoryTool = WebFetchTool = WebSearchTool = ToolSearchTool = object()
ThinkingEffort = ThinkingLevel = str


class ModelProfile(TypedDict, total=False):
    pass


"""
"""What stands in for pydantic-ai's own imports."""


def download(folder: Path) -> dict[str, zipfile.ZipFile]:
    """Download the wheels, without what they depend on."""
    wanted = [f"{name}=={version}" for name, version in PACKAGES.items()]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--dest", str(folder), *wanted], check=True)  # noqa: S603  # our own command
    return {name: zipfile.ZipFile(next(folder.glob(f"{name.replace('-', '_')}-*.whl"))) for name in PACKAGES}


def profile_module(wheel: zipfile.ZipFile, folder: Path) -> types.ModuleType:
    """Load the module of profiles alone: what it imports from its package are only names for annotations."""
    path = folder / "profiles.py"
    text = wheel.read(PROFILES).decode()
    tail = text.split("\n_ANTHROPIC_BASE_BUILTINS", 1)[1]
    path.write_text(f"from __future__ import annotations\n{STUBS}_ANTHROPIC_BASE_BUILTINS{tail}", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("profiles", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{PROFILES} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prefixes(wheel: zipfile.ZipFile, name: str) -> tuple[str, ...]:
    """Read a tuple of prefixes from the source of pydantic-ai's provider."""
    text = wheel.read(PROVIDER).decode()
    listed = text.split(f"{name} = (", 1)[1].split(")", 1)[0]
    return tuple(word.strip().strip("'") for word in listed.split(",") if word.strip())


def with_litellm(rows: list[Row], wheel: zipfile.ZipFile) -> Iterator[Disagreement]:
    """Yield what differs from litellm's table; a model that it lacks is a difference too."""
    table = json.loads(wheel.read(LITELLM_TABLE))
    for row in rows:
        theirs = table.get(row["id"])
        if theirs is None:
            yield Disagreement("litellm", row["id"], "model", "there", "absent")
            continue
        for fact, (key, ours, absent) in LITELLM.items():
            their = theirs.get(key)
            their = absent if their is None else their
            if ours(row) != their:
                yield Disagreement("litellm", row["id"], fact, ours(row), their)


def with_pydantic_ai(rows: list[Row], wheel: zipfile.ZipFile, folder: Path) -> Iterator[Disagreement]:
    """Yield what differs from pydantic-ai's profiles and lists of models."""
    profile = profile_module(wheel, folder).anthropic_model_profile
    for row in rows:
        theirs = profile(row["id"])
        for fact, (key, ours) in PYDANTIC_AI.items():
            if ours(row) != theirs[key]:
                yield Disagreement("pydantic-ai", row["id"], fact, ours(row), theirs[key])
        for fact, name in PREFIXES.items():
            their = row["id"].startswith(prefixes(wheel, name))
            if row[fact] != their:
                yield Disagreement("pydantic-ai", row["id"], fact, row[fact], their)


def main() -> int:
    """Compare, and return how many disagreements the list does not explain."""
    rows = json.loads(MODELS.read_text(encoding="utf-8"))["models"]
    listed = {
        (entry["table"], entry["fact"], model): entry["reason"]
        for entry in yaml.safe_load(LISTED.read_text(encoding="utf-8"))
        for model in entry["models"]
    }
    with tempfile.TemporaryDirectory() as name:
        wheels = download(Path(name))
        found = [
            *with_litellm(rows, wheels["litellm"]),
            *with_pydantic_ai(rows, wheels["pydantic-ai-slim"], Path(name)),
        ]
    wrong = 0
    for each in found:
        reason = listed.pop((each.table, each.fact, each.model), None)
        wrong += reason is None
        sys.stdout.write(
            f"{each.table}: {each.model}: {each.fact}: ours {each.ours}, theirs {each.theirs}: {reason or 'NOT LISTED'}\n"
        )
    for table, fact, model in listed:
        wrong += 1
        sys.stdout.write(f"{table}: {model}: {fact}: LISTED, and there is no disagreement\n")
    sys.stdout.write(f"{len(found)} disagreements, {wrong} wrong\n")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main()))
