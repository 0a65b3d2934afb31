"""Write botocore's published vectors of Signature Version 4 as one JSON file, from the folder `aws4_testsuite` of its sdist."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

_AUTHORIZATION = re.compile(r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})")


def vector(file: Path) -> dict[str, Any]:
    """Return one vector: the request, its canonical form, and the signature."""
    head, _, body = file.read_text().partition("\n\n")
    first, *lines = head.split("\n")
    method, _, rest = first.partition(" ")
    headers: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if line.startswith(" "):
            headers[name][-1] += "\n" + line
            continue
        name, _, value = line.partition(":")
        name = name.lower()
        headers.setdefault(name, []).append(value)
    found = _AUTHORIZATION.search(file.with_suffix(".authz").read_text())
    assert found is not None
    return {
        "name": file.stem,
        "method": method,
        "target": rest.removesuffix(" HTTP/1.1"),
        "headers": headers,
        "body": body,
        "signed": found[1],
        "canonical": file.with_suffix(".creq").read_text(),
        "signature": found[2],
    }


def main(folder: str, target: str) -> None:
    """Write the vectors."""
    rows = [vector(file) for file in sorted(Path(folder).rglob("*.req"))]
    Path(target).write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
