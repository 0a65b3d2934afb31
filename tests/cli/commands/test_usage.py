"""`keybearer usage`: the sums of a ledger as a table, as JSON and as a page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from keybearer.cli.commands.usage import _since
from keybearer.cli.spending import Spending, by_day_and_model, spent_by, total
from keybearer.cli.spending_page import spending_page
from keybearer.cli.spending_table import money, short, spending_lines
from keybearer.errors import UsageError
from keybearer.shell.ledger import Ledger
from keybearer.types.hooks import UsageReported
from keybearer.types.usage import Usage
from support.command import keybearer


def row(day: int, **changes: Any) -> dict[str, Any]:
    """Return a row of a ledger, of a day in November at noon by UTC."""
    return {
        "at": f"2026-11-{day:02}T12:00:00.000+00:00", "model": "claude-haiku-4-5", "agent": None, "project": "p", "tags": {},
        "input_tokens": 10, "output_tokens": 5, "cache_read_tokens": 30, "cache_written_tokens": None,
        "usd": "0.5", "known_usd": "0.5", "error": None, "retried": False,
    } | changes  # fmt: skip


ROWS = [
    row(1, tags={"user": "a", "team": "x"}),
    row(1, model="claude-opus-5", usd=None, known_usd="0.2", error="Overloaded"),
    row(4, agent="scout\x1b[2J", tags={"user": "<b>"}, known_usd="0.1", usd="0.1"),
]


@pytest.mark.parametrize(
    ("by", "calls"),
    [
        ("day", {"2026-11-01": 2, "2026-11-02": 0, "2026-11-03": 0, "2026-11-04": 1}),
        ("model", {"claude-haiku-4-5": 2, "claude-opus-5": 1}),
        ("agent", {"-": 2, "scout\\x1b[2J": 1}),
        ("project", {"p": 3}),
        ("tag", {"team=x": 1, "user=a": 1, "-": 1, "user=<b>": 1}),
    ],
)
def test_groups(by: str, calls: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Days are in order with those between; others are the dearest first; a row with two tags is in both groups."""
    monkeypatch.setenv("TZ", "UTC")
    groups = spent_by(ROWS, by)
    assert list(groups.items()) == [(name, groups[name]) for name in calls]
    assert {name: spent.calls for name, spent in groups.items()} == calls


def test_sums() -> None:
    """Dollars are exact, the cache counts as input, and what has no price is counted and not guessed."""
    assert total(ROWS) == Spending(
        calls=3, failed=1, input_tokens=120, cached_tokens=90, output_tokens=15, usd=Decimal("0.8"), unpriced=1
    )
    days, models = by_day_and_model(ROWS)
    assert (len(days), list(models)) == (4, ["claude-haiku-4-5", "claude-opus-5"])
    assert spent_by([], "day") == {}
    assert len(spent_by([row(1), row(1, at="1999-01-01T00:00:00+00:00")], "day")) == 2


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_table_fits(width: int) -> None:
    """No line is wider than the terminal, the cost is always there, and the longest bar is the dearest group's."""
    groups = spent_by([*ROWS, row(2, model="a-model-of-a-gateway-with-a-very-long-name")], "model")
    lines = spending_lines(groups, total(ROWS), "model", width)
    assert max(map(len, lines)) <= width
    assert all("$" in line for line in lines[1:])
    assert lines[-1].split()[:2] == ["TOTAL", "3"]
    assert ">$0.80" in lines[-1]
    bars = [line.count("█") for line in lines[1:-1]]
    assert bars == sorted(bars, reverse=True)


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (999, "999"), (12_345, "12.3k"), (1_234_567, "1.23M")])
def test_short_numbers(number: int, text: str) -> None:
    """Three digits say it."""
    assert short(number) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "$0.00"), ("0.00001", "<$0.0001"), ("0.0123", "$0.012"), ("1234.567", "$1,234.57")],
)
def test_money(amount: str, text: str) -> None:
    """Little money keeps two digits, and much of it cents."""
    assert money(Decimal(amount)) == text


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_the_page_needs_nothing_and_runs_nothing() -> None:
    """It has its plots in it, loads nothing, has no script, and shows tags as text."""
    page = spending_page(ROWS, "spend.db <i>")
    tags = _Tags()
    tags.feed(page)
    names = {tag for tag, _ in tags.seen}
    assert {"svg", "rect", "table"} <= names
    assert not names & {"script", "link", "img", "iframe", "b>", "i>"}
    assert not any(key in {"src", "href"} or key.startswith("on") for _, attrs in tags.seen for key in attrs)
    assert "user=&lt;b&gt;" in page
    assert "<i>" not in page
    assert (
        sum(tag == "rect" for tag, _ in tags.seen) == 3 + 3 * 2
    )  # a bar for each model of a day; three kinds of tokens a day
    assert "There are no calls" in spending_page([], "x")
    many = [row(1, model=f"m{number}") for number in range(12)]
    assert "other models" in spending_page(many, "x")


def test_the_command(tmp_path: Path) -> None:
    """It reads the ledger that llm.yaml names; --json has the same sums, and --html writes the page."""
    config = tmp_path / "llm.yaml"
    config.write_text("providers: {a: {api_key: k, ledger: spend.db}}\n")
    flags = ("--config", str(config))
    none = keybearer("usage", *flags)
    assert (none.returncode, "no ledger" in none.stderr) == (2, True)
    ledger = Ledger(tmp_path / "spend.db")
    usage = Usage.of({"input_tokens": 1_000_000, "output_tokens": 0})
    ledger.add(UsageReported(usage=usage, model="claude-haiku-4-5", request_id=None))
    ledger.release()
    done = keybearer("usage", *flags, "--by", "model")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].split()[:5] == ["claude-haiku-4-5", "1", "1.00M", "0", "0%"]
    report = json.loads(keybearer("usage", *flags, "--by", "model", "--json").stdout)
    assert report["groups"][0] | {"usd": ""} == report["total"] | {"model": "claude-haiku-4-5", "usd": ""}
    assert report["total"]["usd"] == "1"
    page = keybearer("usage", *flags, "--html", str(tmp_path / "page.html"))
    assert (page.returncode, page.stdout) == (0, "")
    assert "claude-haiku-4-5" in (tmp_path / "page.html").read_text()
    empty = keybearer("usage", *flags, "--since", "2099-01-01")
    assert (empty.returncode, empty.stdout, "has no calls" in empty.stderr) == (0, "", True)


def test_without_a_ledger(tmp_path: Path) -> None:
    """The error says how to have one."""
    done = keybearer("usage", cwd=tmp_path)
    assert (done.returncode, "ledger: spend.db" in done.stderr) == (2, True)
    assert keybearer("usage", "--ledger", "x", "--since", "soon").returncode == 2


NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("12h", NOW - timedelta(hours=12)),
        ("4w", NOW - timedelta(days=28)),
        ("all", None),
    ],
)
def test_since(text: str, since: datetime | None) -> None:
    """A span is counted back from now."""
    assert _since(text, NOW) == since


def test_since_a_day() -> None:
    """A day begins at midnight here; anything else is wrong usage."""
    day = _since("2026-11-01", NOW)
    assert day is not None
    assert (day.tzinfo is not None, day.hour, day.day) == (True, 0, 1)
    for text in ("", "7", "d", "2026-13-01", "-1d"):
        with pytest.raises(UsageError):
            _since(text, NOW)
