"""Rows of Parquet, by pyarrow: a public data set in, results out."""

from __future__ import annotations

import json
from pathlib import Path

from e2e.running import HERE, ROOT, python_of, run
from keybearer.bulk.parquet import COLUMNS
from keybearer.simulator import Simulator


def test_parquet_in_and_out(tmp_path: Path) -> None:
    """Each row is asked once, over two runs; the output has the columns that are documented, and what was kept of the rows."""
    with Simulator() as sim:
        around = {
            "ANTHROPIC_BASE_URL": sim.base_url,
            "ANTHROPIC_API_KEY": sim.api_key,
            "HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT / "src"),
        }
        script = HERE / "bulk" / "diamonds.py"
        seen = json.loads(run(python_of("bulk"), script, tmp_path / "out.parquet", cwd=tmp_path, environment=around))
        assert len(sim.requests) == 10
    assert (seen["first"], seen["again"]) == ([10, 10, 0], [10, 10])
    assert seen["schema"] == COLUMNS
    kept = [json.loads(row["row"]) for row in seen["rows"]]
    assert sorted(kept, key=str) == sorted(seen["there"], key=str)
    (first,) = [row for row in seen["rows"] if json.loads(row["row"]) == {"carat": 0.23, "price": 326}]
    assert "A diamond of 0.23 carat, cut Ideal, colour E: is $326 cheap?" in first["text"]
    assert first["output_tokens"] > 0
    assert float(first["cost_usd"]) > 0
    assert json.loads(first["message"])["content"][0]["text"] == first["text"]
