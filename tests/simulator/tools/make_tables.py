"""Make the simulator's tables of models, beta tags and error codes from the installed `anthropic` wheel.

    make tables

What the wheel does not say is in `model_facts.yaml`, `beta_facts.yaml` and `shape_facts.yaml` beside this file, each
fact with its source.
`tests/simulator/core/test_catalogue.py` fails when a table differs from what this makes of the locked wheel.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, get_args

import anthropic
import yaml
from anthropic._data import DEPRECATED_MODELS
from anthropic._error_classes import ERROR_CLASSES
from anthropic.types import AnthropicBetaParam, Model

from simulator.tools import make_shapes

HERE: Final = Path(__file__).parent
DATA: Final = HERE.parents[2] / "src" / "keybearer" / "simulator" / "core" / "data"
WHEEL: Final = f"anthropic {anthropic.__version__}"
_DATED: Final = re.compile(r"-\d{8}$")


def literals(union: Any) -> list[str]:
    """Return the values of the `Literal` in a union of it and `str`."""
    return [value for part in get_args(union) for value in get_args(part)]


def facts(name: str) -> dict[str, Any]:
    """Read what the wheel does not say."""
    read: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return read


def day(words: str) -> str:
    """Turn `January 22nd, 2027` into `2027-01-22`."""
    plain = re.sub(r"(\d)(st|nd|rd|th)", r"\1", words)
    return datetime.strptime(plain, "%B %d, %Y").replace(tzinfo=UTC).date().isoformat()


def aliases() -> dict[str, str]:
    """Return each name without a date, and the dated model that it stands for."""
    ids = literals(Model)
    return {short: name for name in ids if _DATED.search(name) and (short := _DATED.sub("", name)) in ids}


def title(name: str) -> str:
    """Turn `claude-haiku-4-5-20251001` into `Claude Haiku 4.5`."""
    words = [word for word in _DATED.sub("", name).split("-") if not word.isdecimal()]
    return " ".join([*(word.capitalize() for word in words), *([version] if (version := numbers(name)) else [])])


def numbers(name: str) -> str:
    """Return the version in a model's name, such as `4.5`; empty for a preview."""
    return ".".join(part for part in _DATED.sub("", name).split("-") if part.isdecimal())


def plain(value: Any) -> Any:
    """Turn the dates of a YAML file into text."""
    return value.isoformat() if isinstance(value, date) else value


def models() -> dict[str, Any]:
    """Make the table of models."""
    columns = facts("model_facts.yaml")
    ids = [name for name in literals(Model) if name not in aliases()]
    for column, about in columns.items():
        strange = about["values"].keys() - set(ids)
        if strange:
            raise ValueError(f"model_facts.yaml, {column}: the wheel has no {', '.join(sorted(strange))}")
    rows = [
        {
            "id": name,
            "name": title(name),
            "line": name.split("-")[1],
            **{
                column: plain(about["values"][name] if name in about["values"] else about["default"])
                for column, about in columns.items()
            },
            "retires": day(DEPRECATED_MODELS[name]) if name in DEPRECATED_MODELS else None,
        }
        for name in ids
    ]
    sources = {
        "id": f"{WHEEL}, types/model.py",
        "retires": f"{WHEEL}, _data/deprecated_models.py",
        **{column: about["source"] for column, about in columns.items()},
    }
    newest_first = sorted(rows, key=lambda row: str(row["created"]), reverse=True)
    return {"sources": sources, "aliases": aliases(), "models": newest_first}


def betas() -> dict[str, Any]:
    """Make the table of beta tags."""
    about = facts("beta_facts.yaml")
    return {
        "sources": {"tags": f"{WHEEL}, types/anthropic_beta_param.py"},
        "tags": sorted(literals(AnthropicBetaParam)),
        "others": about["others"],
        "authentication": about["authentication"],
    }


def errors() -> dict[str, Any]:
    """Make the table of error codes."""
    codes = {code: status for (status, code) in ERROR_CLASSES if code is not None}
    return {"sources": {"codes": f"{WHEEL}, _error_classes.py"}, "codes": dict(sorted(codes.items()))}


def shapes() -> dict[str, Any]:
    """Make the table of shapes."""
    return make_shapes.make(facts("shape_facts.yaml"))


TABLES: Final = {"models": models, "betas": betas, "errors": errors, "shapes": shapes}


def render(table: dict[str, Any]) -> str:
    """Write a table as JSON, a row a line: what a reader of a diff looks at."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def lines(value: Any) -> str:
        if isinstance(value, dict):
            return "{\n" + ",\n".join(f"  {line(key)}: {line(inner)}" for key, inner in value.items()) + "\n }"
        return "[\n" + ",\n".join(f"  {line(inner)}" for inner in value) + "\n ]"

    return "{\n" + ",\n".join(f" {line(key)}: {lines(value)}" for key, value in table.items()) + "\n}\n"


def main() -> None:
    """Write every table."""
    for name, make in TABLES.items():
        (DATA / f"{name}.json").write_text(render(make()), encoding="utf-8")


if __name__ == "__main__":
    main()
