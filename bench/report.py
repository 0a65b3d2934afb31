"""The report: docs/benchmarks.md and its pictures, made from the results and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bench.case import Case
from bench.judge import shown

__all__ = ["write"]

METRICS: Final = {
    "imports": (("cpu_ms", "CPU, ms"), ("above_mb", "memory above bare, MB"), ("modules", "modules")),
    "first": (("process_cpu_ms", "CPU, ms"), ("process_wall_ms", "wall, ms")),
    "asked": (
        ("first_byte_ms", "to the first byte, ms"),
        ("process_wall_ms", "wall, ms"),
        ("process_cpu_ms", "CPU, ms"),
    ),
    "usage": (("process_wall_ms", "wall, ms"), ("process_cpu_ms", "CPU, ms")),
    "many": (("cpu_share", "share of a core"), ("p50_ms", "median delay, ms"), ("p99_ms", "p99 delay, ms")),
    "tls": (("resident_mb", "resident, MB"), ("kb_a_stream", "KB a stream"), ("cpu_us", "CPU, us")),
    "image": (("cpu_us", "CPU, us"), ("peak_over_base64", "peak / base64"), ("wall_us", "wall, us")),
    "history": (("cpu_us", "CPU, us"), ("unseen_cpu_us", "unseen, us"), ("wall_us", "wall, us")),
    "parallel": (("wall_s", "wall, s"), ("cpu_us", "CPU, us")),
    "streamed": (("gap_s", "to the next request, s"), ("eager_gap_s", "eager, s")),
    "tool": (("cpu_us", "CPU, us"), ("large_cpu_us", "at 2 MB, us"), ("wall_us", "wall, us")),
}
"""Case to the figures that its table shows; any other: CPU and wall a unit."""

PLAIN: Final = (("cpu_us", "CPU, us"), ("wall_us", "wall, us"))
PLOTS: Final = (
    ("requests.svg", "CPU a request, us", "cpu_us", ("plain", "concurrent", "history", "image")),
    ("streams.svg", "CPU an event, us", "cpu_us", ("eager", "burst", "coalesced", "paced", "tool", "prose")),
    ("starts.svg", "CPU of a process, ms", "process_cpu_ms", ("imports", "first", "usage", "asked")),
)
COLOURS: Final = {
    "keybearer": "#2a6fb0",
    "anthropic": "#c98a3b",
    "floor": "#888888",
    "pydantic-ai": "#7a4fa3",
    "llm": "#4f9a5b",
}

HEAD: Final = """# Benchmarks

This page is written by `make bench`; [how to read it](reading-benchmarks.md) is a page of its own.

"""


def write(results: Mapping[str, Any], cases: list[Case], folder: Path) -> None:
    """Write the page and the pictures.

    Args:
        results: What `judge.results` gives.
        cases: The cases, in the page's order.
        folder: The docs.
    """
    pictures = folder / "benchmarks"
    pictures.mkdir(exist_ok=True)
    for name, title, metric, shown_cases in PLOTS:
        plot(results["rows"], title, metric, shown_cases, pictures / name)
    (folder / "benchmarks.md").write_text(page(results, cases))


def page(results: Mapping[str, Any], cases: list[Case]) -> str:
    """Return the page."""
    known = results["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in known["packages"].items())
    lines = [
        HEAD,
        f"Python {known['python']} on {known['system']}, {known['cores']} cores; {versions}.\n",
        f"Calibration: decoding 10 MB of JSON with the standard library took {known['calibration_ms']} ms of CPU on this machine.\n",
        "Read the absolute figures against that.\n",
        "## Targets\n",
        "| target | measured | asked | |",
        "|---|---|---|---|",
    ]
    for target in results["targets"]:
        measured = shown(target, target["ratio"])
        verdict = target["verdict"] if target["verdict"] == "ok" else "**behind**"
        lines.append(f"| {target['name']} | {measured} | {target['text']} | {verdict} |")
    lines += ["", *(f"![{title}](benchmarks/{name})\n" for name, title, _, _ in PLOTS), "## Every figure\n"]
    lines.append("The median over the rounds, and the lowest and the highest of them.\n")
    for case in cases:
        if case.name in results["rows"]:
            lines += table(case, results["rows"][case.name])
    return "\n".join(lines).rstrip() + "\n"


def table(case: Case, rows: Mapping[str, Any]) -> list[str]:
    """Return one case's part of the page."""
    metrics = METRICS.get(case.name, PLAIN)
    unit = "" if case.unit == "process" else f", for one {case.unit}"
    lines = [f"### {case.title[0].upper()}{case.title[1:]}\n"]
    if case.note:
        lines.append(f"{case.note[0].upper()}{case.note[1:].rstrip('.')}.\n")
    lines += [
        f"| {case.name}{unit} | " + " | ".join(label for _, label in metrics) + " | server busy |",
        "|---" * (len(metrics) + 2) + "|",
    ]
    for subject, found in rows.items():
        cells = [cell(found.get(metric)) for metric, _ in metrics]
        busy = found.get("server_busy")
        cells.append(f"{busy['median']:.0%}" if busy else "")
        lines.append(f"| {subject} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def cell(figure: Mapping[str, float] | None) -> str:
    """Return a figure with its spread."""
    if figure is None:
        return ""
    return f"{_short(figure['median'])} ({_short(figure['low'])} to {_short(figure['high'])})"


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def plot(rows: Mapping[str, Any], title: str, metric: str, names: tuple[str, ...], path: Path) -> None:
    """Draw one picture: bars by case, on a logarithmic scale, with whiskers from the lowest to the highest."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "keybearer"  # the same results give the same file
    from matplotlib import pyplot as plt

    bars = [
        (f"{name} · {subject}", subject, figures[metric])
        for name in names
        for subject, figures in rows.get(name, {}).items()
        if metric in figures
    ]
    figure, axes = plt.subplots(figsize=(8, 0.6 + 0.24 * len(bars)))
    for place, (_, subject, found) in enumerate(bars):
        library = next(known for known in COLOURS if subject.startswith(known))
        spread = [[found["median"] - found["low"]], [found["high"] - found["median"]]]
        axes.barh(place, found["median"], xerr=spread, color=COLOURS[library], error_kw={"linewidth": 0.8})
        axes.text(found["high"] * 1.08, place, _short(found["median"]), va="center", fontsize=7)
    axes.set_yticks(range(len(bars)), [label for label, _, _ in bars], fontsize=7)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_title(f"{title} (logarithmic)", fontsize=9)
    axes.margins(x=0.12)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
