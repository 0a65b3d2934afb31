"""Draw the pictures of the docs: `python -m pictures FOLDER [NAME...]`, as `make pictures` does."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pictures.scenes import SCENES, staged, steady
from pictures.svg import drawing


def main() -> None:
    """Play each scene that is named, or all, and write its drawing."""
    target, *names = sys.argv[1:]
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or SCENES:
        scene = SCENES[name]
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, staged(scene, Path(home)) as stage:
            scene.play(stage)
        frames = steady(stage.frames) if scene.moving else stage.frames[-1:]
        path = folder / f"{name}.svg"
        path.write_text(drawing(frames, columns=scene.columns, rows=scene.rows, title=scene.title), encoding="utf-8")
        sys.stdout.write(f"{path}: {len(frames)} screens, {path.stat().st_size >> 10} KB\n")


main()
