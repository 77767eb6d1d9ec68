"""Packages that bring vendors along, installed into a folder of a test: the example, and broken ones."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "own_vendor"


def install(folder):
    """The example as its users would have it: built as a wheel, and unpacked."""
    source = folder / "source"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__", ".pipeforge"))
    build = [sys.executable, "-c", "import hatchling.build as b; print(b.build_wheel('.'))"]
    done = subprocess.run(build, cwd=source, capture_output=True, text=True, check=True)
    library = folder / "library"
    with zipfile.ZipFile(source / done.stdout.split()[-1]) as wheel:
        wheel.extractall(library)
    return library


def offer(library, entry, text=None, package="pipeforge-odd", version="2.0"):
    """A package by hand: `entry` as in `acme = odd:VENDOR`, `text` the module `odd`."""
    metadata = library / f"{package.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    (metadata / "entry_points.txt").write_text(f"[pipeforge.vendors]\n{entry}\n")
    if text is not None:
        (library / "odd.py").write_text(text)


def environment(*libraries, **more):
    """Variables with which a process finds the packages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    paths = os.pathsep.join(map(str, libraries))
    return {**kept, "PYTHONPATH": paths, "CI": "true", "NO_COLOR": "1", "PIPEFORGE_LANG": "en", **more}


def pipeforge(library, *arguments, cwd, python=("-m", "pipeforge"), seconds=100):
    """A command, with what is installed in a library."""
    command = [sys.executable, *python, *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment(library), capture_output=True, text=True, timeout=seconds
    )
