"""Samples to figures, figures to verdicts: ratios, targets, and what became slower since the last run."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.case import Case, Target

__all__ = ["beside_committed", "committed", "median", "results", "show", "show_rows", "write"]

TOLERANCE: Final = 1.15
"""How much worse than the committed one a ratio may be before it is named."""

Results = dict[str, Any]


def median(values: list[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def results(samples: Mapping[str, Any], environment: Mapping[str, Any], cases: list[Case]) -> Results:
    """Return everything that was measured and judged."""
    rows = {
        case: {
            subject: {
                name: {"median": median(values), "low": min(values), "high": max(values), "n": len(values)}
                for name, values in metrics.items()
            }
            for subject, metrics in subjects.items()
        }
        for case, subjects in samples.items()
    }
    targets = [verdict(target, case.name, rows) for case in cases for target in case.targets]
    return {"environment": environment, "rows": rows, "targets": [target for target in targets if target]}


def verdict(target: Target, case: str, rows: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how a target was met; None when it was not measured."""
    try:
        value = rows[case][target.subject][target.metric]["median"]
        base = rows[case][target.against][target.against_metric or target.metric]["median"] if target.against else 1.0
    except KeyError:
        return None
    ratio = value / base
    return {
        "name": target.name,
        "case": case,
        "ratio": ratio,
        "at_most": target.at_most,
        "text": target.text,
        "absolute": not target.against,
        "verdict": "ok" if ratio <= target.at_most else "behind",
    }


def committed(folder: Path) -> dict[str, float]:
    """Return the ratios of the last run that was committed, by target."""
    path = folder / "targets.json"
    if not path.exists():
        return {}
    return {target["name"]: target["ratio"] for target in json.loads(path.read_text())}


def shown(target: Mapping[str, Any], ratio: float) -> str:
    """Return a ratio as a reader wants it: a figure, or one over how many times less."""
    return f"{ratio:.3g}" if target["absolute"] or ratio > 1 else f"1/{1 / ratio:.1f}"


def show(measured: Results, before: Mapping[str, float]) -> None:
    """Print one line a target, then what became slower."""
    width = max(len(target["name"]) for target in measured["targets"])
    for target in measured["targets"]:
        line = f"{target['name']:<{width}}  {shown(target, target['ratio']):>8}  (target {target['text']})"
        print(f"{line:<{width + 36}}  {target['verdict']}")
    for target in measured["targets"]:
        old = before.get(target["name"])
        if old and target["ratio"] > old * TOLERANCE:
            print(f"slower: {target['name']}: {shown(target, old)} became {shown(target, target['ratio'])}")


def show_rows(measured: Results) -> None:
    """Print every figure: median, lowest, highest."""
    for case, subjects in measured["rows"].items():
        for subject, metrics in subjects.items():
            figures = [f"{name} {m['median']:.4g} [{m['low']:.4g} {m['high']:.4g}]" for name, m in metrics.items()]
            print(f"{case:<11} {subject:<16} {'  '.join(figures)}")


def write(measured: Results, folder: Path) -> None:
    """Write the results: one file a case, one with the targets, one that says what they were measured with."""
    folder.mkdir(exist_ok=True)
    for name, part in {
        **measured["rows"],
        "targets": measured["targets"],
        "environment": measured["environment"],
    }.items():
        text = json.dumps(_rounded(part), indent=1, sort_keys=name != "targets")
        (folder / f"{name}.json").write_text(text + "\n")


def beside_committed(measured: Results, folder: Path, cases: Sequence[str]) -> Results:
    """Return the results of some cases with the committed ones of the others, and what those were measured with.

    Args:
        measured: The results of some cases.
        folder: The committed ones.
        cases: All cases, in their order.
    """
    known = {
        name: json.loads((folder / f"{name}.json").read_text()) for name in cases if (folder / f"{name}.json").exists()
    }
    rows = known | measured["rows"]
    before = json.loads((folder / "targets.json").read_text())
    targets = [*(each for each in before if each["case"] not in measured["rows"]), *measured["targets"]]
    return {
        "environment": json.loads((folder / "environment.json").read_text()),
        "rows": {name: rows[name] for name in cases if name in rows},
        "targets": sorted(targets, key=lambda each: list(cases).index(each["case"])),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
