"""Build the site: `python -m website OUTPUT`; a warning is an error."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sphinx.cmd.build import build_main

from website.llms import write
from website.stage import problems, stage


def main(output: Path) -> int:
    """Stage the pages, and let Sphinx build them; return the exit code."""
    wrong = problems()
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "pages"
        stage(source)
        conf, trees = str(Path(__file__).parent), f"{folder}/trees"
        options = ["-W", "--keep-going", "-q", "-E", "-b", "html", "-c", conf, "-d", trees]
        code: int = build_main([*options, str(source), str(output)])
        if not code:
            write(source, output)
        return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
