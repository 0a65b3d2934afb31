"""Asks about each row of a Parquet file: the diamonds of R's ggplot2, as pyarrow ships them for its own tests."""

import json
import sys
from pathlib import Path

import pyarrow.parquet
import pyarrow.tests

from keybearer import bulk

DIAMONDS = Path(pyarrow.tests.__file__).parent / "data" / "parquet" / "v0.7.1.parquet"
output = Path(sys.argv[1])
asked = {
    "template": "A diamond of {carat} carat, cut {cut}, colour {color}: is ${price} cheap?",
    "params": {"model": "claude-haiku-4-5", "max_tokens": 50},
    "keep": ["carat", "price"],
}
first = bulk.run(DIAMONDS, output, **asked)
again = bulk.run(DIAMONDS, output, **asked)
table = pyarrow.parquet.read_table(output)
print(
    json.dumps(
        {
            "there": pyarrow.parquet.read_table(DIAMONDS, columns=["carat", "price"]).to_pylist(),
            "first": [first.rows, first.succeeded, first.failed],
            "again": [again.rows, again.passed],
            "schema": {field.name: str(field.type) for field in table.schema},
            "rows": table.to_pylist(),
        }
    )
)
