"""The sums of a ledger as one page: HTML with its styles and plots in it, no script, and nothing that is loaded.

Contract: every text from the ledger is escaped. The page's own policy forbids scripts and everything from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any, Final

from keybearer.cli.spending import Spending, by_day_and_model, spent_by, total
from keybearer.cli.spending_table import money, short

__all__ = ["spending_page"]

HUES: Final = ("#3b6fd4", "#d9822b", "#2f9e6e", "#b04fb5", "#c0493f", "#5f7d8c", "#9a8b1f", "#7a5af0")
"""A colour for each model that colour blindness does not merge; more models than these share the last."""

MOST_MODELS: Final = len(HUES)
WIDTH, HEIGHT = 880, 240
LEFT, BOTTOM = 64, 28

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2330; --dim: #687083; --line: #d9dee7; --card: #fff; --page: #f5f6f9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebf2; --dim: #98a1b3; --line: #333a49; --card: #1b2029; --page: #12161d; }
}
body { margin: 0 auto; max-width: 960px; padding: 24px 16px 64px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 16px; margin: 0 0 8px; } .dim { color: var(--dim); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 20px; margin: 16px 0; }
.figures { display: flex; flex-wrap: wrap; gap: 12px 40px; margin: 16px 0 0; }
.figures b { display: block; font-size: 24px; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--dim); font-size: 12px; }
.axis { stroke: var(--line); } .key { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; }
.key i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 6px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 4px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } .bar { background: #3b6fd4; height: 10px; border-radius: 2px; min-width: 1px; }
td.plot { width: 35%; min-width: 90px; }
"""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def spending_page(rows: Sequence[Mapping[str, Any]], title: str) -> str:
    """Return the page.

    Args:
        rows: Rows of a ledger.
        title: Which ledger it is, and since when.
    """
    whole = total(rows)
    days, models = by_day_and_model(rows)
    per_day = spent_by(rows, "day")
    tokens = {
        "read from the cache": [per_day[day].cached_tokens for day in days],
        "other input": [per_day[day].input_tokens - per_day[day].cached_tokens for day in days],
        "output": [per_day[day].output_tokens for day in days],
    }
    sections = [
        _section("Dollars a day, by model", _stacked(days, _few(days, models), money)),
        _section("Tokens a day", _stacked(days, tokens, lambda value: short(int(value)))),
        *(_section(f"By {by}", _table(spent_by(rows, by), by)) for by in ("model", "agent", "project", "tag")),
        _section("By day", _table(dict(reversed(per_day.items())), "day")),
    ]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>Usage</h1><div class=dim>{escape(title)}</div>{_figures(whole)}\n{''.join(sections)}</body></html>\n"
    )


def _figures(whole: Spending) -> str:
    cached = f"{whole.cached_tokens / whole.input_tokens:.0%}" if whole.input_tokens else "-"
    least = "at least " if whole.unpriced else ""
    pairs = (
        ("cost", least + money(whole.usd)),
        ("calls", f"{whole.calls:,}"),
        ("failed", f"{whole.failed:,}"),
        ("input tokens", short(whole.input_tokens)),
        ("of them cached", cached),
        ("output tokens", short(whole.output_tokens)),
    )
    each = "".join(f"<div><b>{escape(value)}</b><span class=dim>{name}</span></div>" for name, value in pairs)
    return f"<div class=figures>{each}</div>"


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>\n"


def _few(days: list[str], models: dict[str, dict[str, Decimal]]) -> dict[str, list[Decimal]]:
    """Return the dollars of each model on each day; the cheapest of many models are one."""
    series = {name: [found.get(day, Decimal(0)) for day in days] for name, found in models.items()}
    if len(series) <= MOST_MODELS:
        return series
    names = list(series)
    rest = [
        sum(column, Decimal(0)) for column in zip(*(series[name] for name in names[MOST_MODELS - 1 :]), strict=True)
    ]
    return {name: series[name] for name in names[: MOST_MODELS - 1]} | {"other models": rest}


def _stacked(days: list[str], series: Mapping[str, Sequence[Any]], words: Any) -> str:
    """Return stacked bars, one for each day; what one stands for is shown when the pointer is on it."""
    if not days:
        return "<p class=dim>There are no calls.</p>"
    highest = max(sum(values[number] for values in series.values()) for number in range(len(days))) or 1
    step = (WIDTH - LEFT) / len(days)
    parts = [_axis(highest, words)]
    for number, day in enumerate(days):
        top = Decimal(HEIGHT - BOTTOM)
        x = LEFT + number * step
        for (name, values), hue in zip(series.items(), HUES, strict=False):
            if not values[number]:
                continue
            high = Decimal(values[number]) / Decimal(highest) * (HEIGHT - BOTTOM - 12)
            top -= high
            parts.append(
                f'<rect x="{x + step * 0.1:.2f}" y="{top:.2f}" width="{step * 0.8:.2f}" height="{high:.2f}" fill="{hue}">'
                f"<title>{day}, {escape(name)}: {escape(words(values[number]))}</title></rect>"
            )
        if number % max(1, -(-len(days) // 10)) == 0:
            parts.append(f'<text x="{x + step / 2:.2f}" y="{HEIGHT - 8}" text-anchor="middle">{day[5:]}</text>')
    keys = "".join(
        f'<span><i style="background:{hue}"></i>{escape(name)}</span>' for name, hue in zip(series, HUES, strict=False)
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}</svg><div class=key>{keys}</div>'


def _axis(highest: Any, words: Any) -> str:
    lines = []
    for part in (0, 1, 2):
        y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 12) * part / 2
        lines.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(words(highest * part / 2))}</text>'
        )
    return "".join(lines)


def _table(groups: Mapping[str, Spending], by: str) -> str:
    most = max((spent.usd for spent in groups.values()), default=Decimal(0)) or Decimal(1)
    head = "".join(f"<th>{name}</th>" for name in (by, "calls", "failed", "input", "cached", "output", "cost", ""))
    lines = []
    for name, spent in groups.items():
        cached = f"{spent.cached_tokens / spent.input_tokens:.0%}" if spent.input_tokens else "-"
        least = "≥ " if spent.unpriced else ""
        cells = (f"{spent.calls:,}", f"{spent.failed:,}", short(spent.input_tokens), cached, short(spent.output_tokens))
        lines.append(
            f"<tr><td>{escape(name)}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}<td>{least}{escape(money(spent.usd))}</td>"
            f'<td class=plot><div class=bar style="width:{float(spent.usd / most):.1%}"></div></td></tr>'
        )
    return f"<div class=wide><table><tr>{head}</tr>{''.join(lines)}</table></div>"
