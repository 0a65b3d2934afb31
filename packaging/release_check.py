"""Builds a release and tries it as a user would: `python packaging/release_check.py --uv UV --tools BIN [--short]`.

1. The source archive is built, the wheel is built from the unpacked archive, and again from this folder: both must be the same bytes.
2. On each Python that is there, the wheel is installed alone in a clean environment, without extras and with each, at the versions of
   `requirements/runtime.txt`; so is the source archive. Every public name is loaded, the command runs, the README's programs run.
3. The tests of the source archive run against the installed wheel.
4. The list of public names is whole, the bill of materials of an environment with all extras is valid, and the workflows are linted.

What is made stays in `dist/`. The short form has one Python, few extras, and a sample of the tests.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
DIST: Final = ROOT / "dist"
RUNTIME: Final = ROOT / "requirements" / "runtime.txt"
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: Final = tuple(PROJECT["optional-dependencies"])
SHORT_EXTRAS: Final = ("httpx", "simulator")
SAMPLE: Final = (
    "tests/test_packaging.py",
    "tests/test_stability.py",
    "tests/test_imports.py",
    "tests/errors",
    "tests/types",
    "tests/wire/test_json.py",
)
REPORTED: Final = {"3.13": "the finalizers of abandoned connections complain in tests that come later (as in .ci/run)"}
"""The Pythons on which tests that fail are reported, and why they do not fail the check."""
LOAD: Final = """
import importlib.metadata, pathlib, sys
import keybearer
names = keybearer.__all__
for name in names:
    getattr(keybearer, name)
place = pathlib.Path(keybearer.__file__).parent
assert "site-packages" in place.parts, place
assert (place / "py.typed").exists()
assert importlib.metadata.version("keybearer") == keybearer.__version__ == sys.argv[1], keybearer.__version__
for needed in sys.argv[2:]:
    importlib.metadata.version(needed)
print(len(names), "names")
"""
VALIDATE: Final = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1], encoding="utf-8").read())
sys.exit(0 if wrong is None else str(wrong))
"""


class CheckError(Exception):
    """What is wrong with the release, in words."""


def run(command: Sequence[str | Path], cwd: Path, **environ: str) -> str:
    """Run a program with no key and no home of the user's; return what it printed.

    Raises:
        CheckError: It failed; the message has the end of its output.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANTHROPIC_", "PYTHON", "VIRTUAL_ENV"))
    }
    done = subprocess.run(  # noqa: S603 - what this program builds and installs
        [str(word) for word in command],
        cwd=cwd,
        env=kept | environ,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-4000:]
        raise CheckError(f"{' '.join(map(str, command))[:300]} ended with {done.returncode}:\n{said}")
    return done.stdout


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what was done, and how long it took."""
    begun = time.monotonic()
    yield
    print(f"release-check: {time.monotonic() - begun:5.1f} s  {what}", flush=True)


def readme_programs(text: str) -> list[str]:
    """Return the Python programs of a page, those that go on with `with` or `async` as they stand."""
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def requirement_names(extra: str) -> list[str]:
    """Return the names of the packages that an extra requires."""
    lines = PROJECT["optional-dependencies"].get(extra, [])
    return [match[0] for line in lines if (match := re.match(r"[\w.-]+", line))]


def same(one: Path, other: Path) -> bool:
    """Return whether two files have the same bytes."""
    return hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest()


class Release:
    """What was built, and how it is tried.

    Args:
        uv: The program uv, which makes environments and installs.
        tools: The folder of the programs of `requirements/release.txt`.
        work: A folder that is thrown away.
    """

    def __init__(self, uv: Path, tools: Path, work: Path) -> None:
        self._uv, self._tools, self._work = uv, tools, work
        self._home = work / "home"
        self._home.mkdir()
        self.source = work / "source"
        self.wheel, self.archive = self._build()
        self.version = self.wheel.name.split("-")[1]

    def _build(self) -> tuple[Path, Path]:
        build: list[str | Path] = [sys.executable, "-m", "hatchling", "build"]
        if DIST.exists():
            for old in (*DIST.glob("keybearer-*"),):
                old.unlink()
        with step("the source archive, and the wheel from it and from here"):
            run([*build, "-t", "sdist", "-d", DIST], ROOT)
            (archive,) = DIST.glob("keybearer-*.tar.gz")
            with tarfile.open(archive) as packed:
                packed.extractall(self._work / "unpacked", filter="data")
            (unpacked,) = (self._work / "unpacked").iterdir()
            unpacked.rename(self.source)
            run([*build, "-t", "wheel", "-d", DIST], self.source)
            (wheel,) = DIST.glob("keybearer-*.whl")
            run([*build, "-t", "wheel", "-d", self._work / "other"], ROOT)
            if not same(wheel, self._work / "other" / wheel.name):
                raise CheckError("the wheel from the source archive is another one than the wheel from here")
            names = zipfile.ZipFile(wheel).namelist()
            strays = [name for name in names if not name.startswith(("keybearer/", "keybearer-"))]
            if strays or "keybearer/py.typed" not in names:
                raise CheckError(f"the wheel has {strays}, or lacks py.typed")
        return wheel, archive

    def environment(self, python: Path, name: str, *packages: str | Path) -> Path:
        """Make a clean environment with packages at the locked versions; return its Python."""
        place = self._work / name
        run([self._uv, "venv", "--quiet", "--clear", "--python", python, place], self._work)
        if packages:
            self.install(place / "bin" / "python", "--constraint", RUNTIME, *packages)
        return place / "bin" / "python"

    def install(self, python: Path, *arguments: str | Path) -> None:
        """Install into an environment."""
        run([self._uv, "pip", "install", "--quiet", "--python", python, *arguments], self._work)

    def try_wheel(self, python: Path, label: str, extra: str) -> None:
        """Install the wheel alone, or with an extra, and use it."""
        with step(f"Python {label}: the wheel with {extra or 'no extra'}"):
            wheel = f"keybearer[{extra}] @ {self.wheel.as_uri()}" if extra else str(self.wheel)
            own = self.environment(python, f"wheel-{label}-{extra}", wheel)
            self._use(own, requirement_names(extra))
            run([self._uv, "pip", "check", "--quiet", "--python", own], self._work)
            if extra == "simulator":
                self._run_readme(own)
            shutil.rmtree(own.parent.parent)

    def try_archive(self, python: Path, label: str) -> None:
        """Install the source archive with the locked build backend, and use it."""
        with step(f"Python {label}: the source archive"):
            own = self.environment(python, f"archive-{label}")
            self.install(own, "--require-hashes", "-r", ROOT / "requirements" / "demo.txt")
            self.install(own, "--no-deps", "--no-build-isolation", "--no-index", self.archive)
            self._use(own, [])
            shutil.rmtree(own.parent.parent)

    def _use(self, python: Path, needed: list[str]) -> None:
        run([python, "-I", "-W", "error", "-c", LOAD, self.version, *needed], self._work, HOME=str(self._home))
        said = run([python.parent / "keybearer", "version"], self._work, HOME=str(self._home))
        if self.version not in said:
            raise CheckError(f"`keybearer version` says {said!r}, not {self.version}")

    def _run_readme(self, python: Path) -> None:
        programs = readme_programs((ROOT / "README.md").read_text(encoding="utf-8"))
        if not programs:
            raise CheckError("README.md has no Python program")
        simulate: list[str | Path] = [python.parent / "keybearer", "simulate", "--quiet", "--run"]
        for number, program in enumerate(programs):
            file = self._work / f"readme{number}.py"
            file.write_text(program, encoding="utf-8")
            run([*simulate, python, file], self._work, HOME=str(self._home))
        run([*simulate, python.parent / "keybearer", "ask", "hello"], self._work, HOME=str(self._home))

    def try_suite(self, python: Path, label: str, tests: Sequence[str]) -> None:
        """Run the tests of the source archive, of which the package itself is the installed wheel."""
        with step(f"Python {label}: {'a sample of ' if tests else ''}the tests of the source archive, on the wheel"):
            own = self.environment(python, f"suite-{label}")
            self.install(own, "--require-hashes", "-r", self.source / "requirements" / "dev.txt")
            self.install(own, "--no-deps", self.wheel)
            command: list[str | Path] = [
                own,
                "-m",
                "pytest",
                "-q",
                "-n",
                "2",
                "--dist",
                "worksteal",
                "-p",
                "no:cacheprovider",
                *tests,
            ]
            print(run(command, self.source, HOME=str(self._home)).strip().rpartition("\n")[2], flush=True)
            shutil.rmtree(own.parent.parent)

    def bill(self, python: Path, extras: Sequence[str]) -> Path:
        """Write the bill of materials of an environment with extras, and check it against the schema."""
        with step(f"the bill of materials of {len(extras)} extras"):
            own = self.environment(python, "bill", f"keybearer[{','.join(extras)}] @ {self.wheel.as_uri()}")
            made = self._work / "bill.json"
            options = [
                "--pyproject",
                "pyproject.toml",
                "--mc-type",
                "library",
                "--sv",
                "1.6",
                "--of",
                "JSON",
                "--output-reproducible",
            ]
            run([self._tools / "cyclonedx-py", "environment", own, *options, "-o", made], ROOT)
            bill = json.loads(made.read_text(encoding="utf-8"))
            if "ray" in extras and len(bill["components"]) < len(EXTRAS):
                raise CheckError(f"the bill has only {len(bill['components'])} components")
            bill["metadata"]["component"]["version"] = self.version
            file = DIST / f"keybearer-{self.version}.cdx.json"
            file.write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")
            run([self._tools / "python", "-c", VALIDATE, file], self._work)
            return file

    def lint(self, *, names: bool) -> None:
        """Lint the workflows and the action, and see that every public name is in the list."""
        with step(f"workflows{', and the list of public names' if names else ''}"):
            workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
            examples = ROOT / "packaging" / "simulator"
            schema: list[str | Path] = [self._tools / "check-jsonschema", "--builtin-schema"]
            run([*schema, "vendor.github-workflows", *workflows, examples / "workflow.yml"], ROOT)
            run([*schema, "vendor.github-actions", examples / "action.yml"], ROOT)
            run([self._tools / "zizmor", "--offline", "--strict-collection", *workflows, examples / "action.yml"], ROOT)
            if names:
                run([sys.executable, "-m", "support.public_names", "--check"], ROOT, PYTHONPATH=str(ROOT / "tests"))


def pythons(uv: Path) -> dict[str, Path]:
    """Return the Pythons of the classifiers that this machine has, by their versions."""
    found = {}
    for line in PROJECT["classifiers"]:
        if not (match := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", line)):
            continue
        version = match[1]
        asked = [str(uv), "python", "find", "--system", version]
        done = subprocess.run(  # noqa: S603
            asked, env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"}, capture_output=True, text=True, check=False
        )
        # uv reports a pyenv shim that leads nowhere as an error, so pyenv's own folder is looked at as well
        root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
        places = (
            [Path(done.stdout.strip())]
            if done.returncode == 0
            else sorted(root.glob(f"versions/{version}.*/bin/python"))
        )
        if places:
            found[version] = places[-1]
        else:
            print(f"release-check: Python {version}: skipped, none is installed", flush=True)
    return found


def check(uv: Path, tools: Path, work: Path, *, short: bool) -> None:
    """Build and try everything.

    Raises:
        CheckError: Something is wrong.
    """
    current = f"{sys.version_info[0]}.{sys.version_info[1]}"
    there = {current: Path(sys.executable)} if short else pythons(uv)
    extras = SHORT_EXTRAS if short else EXTRAS
    release = Release(uv, tools, work)
    release.lint(names=not short)  # names of a release are promised; until then they may be missing
    for version, python in there.items():
        for extra in ("", *extras):
            release.try_wheel(python, version, extra)
        release.try_archive(python, version)
        try:
            release.try_suite(python, version, SAMPLE if short else ())
        except CheckError as error:
            if version not in REPORTED:
                raise
            print(
                f"release-check: Python {version}: tests FAILED, which is only reported: {REPORTED[version]}\n{error}"
            )
    release.bill(there.get(current, Path(sys.executable)), extras)


def main() -> int:
    """Check; return whether the release is good."""
    parser = argparse.ArgumentParser(description="Build a release and try it.")
    parser.add_argument("--uv", type=Path, required=True)
    parser.add_argument(
        "--tools", type=Path, required=True, help="the folder of zizmor, check-jsonschema and cyclonedx-py"
    )
    parser.add_argument("--short", action="store_true", help="one Python, few extras, a sample of the tests")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="keybearer-release-") as work:
        try:
            check(args.uv.absolute(), args.tools.absolute(), Path(work), short=args.short)
        except CheckError as error:
            print(f"release-check: FAILED: {error}", file=sys.stderr)
            return 1
    print("release-check: fine;", *sorted(path.name for path in DIST.glob("keybearer-*")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
