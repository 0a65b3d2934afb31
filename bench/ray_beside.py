"""The same rows by Ray's own HTTP processor and by a job with the engine *ray*, while the service fails now and then.

    python -m bench.ray_beside PYTHON [--rows 1000] [--write]

PYTHON is one that has Ray (`make ray-figures`). The simulator strikes one request in a hundred, by the same seed for both: with a rate
limit, an overload, an error of the server and an error in a good connection, a quarter each. What is counted is how many rows have an
answer, how many have an error's body in place of one, and how many answers the simulator billed for nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from keybearer.simulator import Simulator

ROOT: Final = Path(__file__).parent.parent
PROGRAMS: Final = ROOT / "tests" / "e2e" / "ray"
FAULTS: Final = ("rate_limit; retry_after=1", "overloaded", "500", "drop")
CHAOS: Final[dict[str, Any]] = {
    "seed": 19,
    "tolerate": 1.0,
    "faults": [{"fault": fault, "rate": 0.01 / len(FAULTS)} for fault in FAULTS],
}
MOST_SECONDS: Final = 600


def run(python: str, program: str, *arguments: str) -> dict[str, Any]:
    """Run a program against a simulator of its own; return what it printed, and what was billed."""
    with tempfile.TemporaryDirectory() as home:
        chaos = Path(home) / "chaos.yaml"
        chaos.write_text(json.dumps(CHAOS), encoding="utf-8")  # JSON is YAML
        with Simulator(chaos=chaos) as sim:
            around = {
                name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "CLAUDE"))
            }
            around |= {
                "ANTHROPIC_BASE_URL": sim.base_url,
                "ANTHROPIC_API_KEY": sim.api_key,
                "HOME": home,
                "PYTHONPATH": f"{ROOT / 'src'}:{PROGRAMS}",
                "RAY_USAGE_STATS_ENABLED": "0",
            }
            given = [argument.format(home=home) for argument in arguments]
            done = subprocess.run(
                [python, str(PROGRAMS / program), *given],
                env=around,
                cwd=home,
                capture_output=True,
                text=True,
                timeout=MOST_SECONDS,
                check=False,
            )
            if done.returncode:
                raise SystemExit(done.stderr[-2000:])
            said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
            struck = sum(each.status != 200 for each in sim.requests)
            said |= {"requests": len(sim.requests), "struck": struck, "billed_calls": sim.billed.calls}
    return said


def main() -> int:
    """Run both; return 1 where a row of ours has no answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--write", action="store_true", help="write bench/ray.json")
    args = parser.parse_args()
    python = str(Path(args.python).absolute())
    found = {
        "ray_http_processor": run(python, "http_processor.py", str(args.rows)),
        "keybearer_engine_ray": run(python, "job.py", "{home}/answers.jsonl", str(args.rows), "ray"),
    }
    text = json.dumps(found, indent=1)
    print(text)
    if args.write:
        (ROOT / "bench" / "ray.json").write_text(f"{text}\n", encoding="utf-8")
    return int(found["keybearer_engine_ray"]["succeeded"] != args.rows)


if __name__ == "__main__":
    sys.exit(main())
