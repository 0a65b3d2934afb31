"""Write what is made from the official SDK: `make methods`."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from tools.names import STUBBED, name_table, type_stub
from tools.stubs import stub
from tools.tables import table
from tools.wheel import read_wheel

__all__ = ["SOURCE", "made", "wheel"]

SOURCE = Path(__file__).parent.parent.parent / "src" / "keybearer"


def wheel() -> Path:
    """Return the folder of the installed SDK."""
    spec = find_spec("anthropic")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def made() -> tuple[dict[Path, str], list[str]]:
    """Return each generated file with its text, and what could not be read."""
    rows, problems = read_wheel(wheel())
    files = {SOURCE / "api/methods.json": table(rows), SOURCE / "client/resources/generated.pyi": stub(rows)}
    compat = SOURCE / "compat"
    files[compat / "types/names.json"] = name_table(wheel())
    for dotted in STUBBED:
        files[compat.joinpath(*dotted.split("."), "__init__.pyi")] = type_stub(wheel(), dotted)
    return files, problems


def main() -> int:
    """Write the files, unless something could not be read."""
    files, problems = made()
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201 - a script reports
    for path, text in files.items():
        if not problems:
            path.write_text(text, encoding="utf-8")
            print(f"{path.name}: {text.count(chr(10)):,} lines")  # noqa: T201 - a script reports
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
