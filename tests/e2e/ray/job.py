"""Runs a job of some rows by an engine, and prints what it came to: OUTPUT ROWS ENGINE."""

import json
import sys
from pathlib import Path

from keybearer import bulk

if __name__ == "__main__":  # the actors import this file
    output, rows, engine = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    summary = bulk.run(
        [{"id": number, "text": f"row {number}"} for number in range(rows)],
        output,
        template="Say {text}",
        params={"model": "claude-haiku-4-5", "max_tokens": 50},
        engine=engine,
        concurrency=32,
    )
    names = ("rows", "succeeded", "failed", "passed", "in_doubt")
    print(json.dumps({name: getattr(summary, name) for name in names}))
