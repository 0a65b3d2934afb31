"""Read a dashboard with the models that Grafana publishes, and print what they make of it: `dashboard.py FILE`."""

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

read = Dashboard.from_json(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
print(JSONEncoder().encode(read))
