"""The voting booth: a static bundle of web pages that encrypts a ballot on the voter's own device.

The bundle is what the browser runs: readable modules without a build step, beside third-party files that `build.py`
takes out of their npm packages. Its hash stands in the frozen setup of an election, and the same files work from any
copy that an observer serves. docs/voting-booth.md describes what it does and how to check it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
VENDOR = FOLDER / "vendor"


class BundleIncompleteError(Exception):
    """The third-party files of the bundle have not been taken from their npm packages yet."""


def bundle() -> dict[str, bytes]:
    """The files of the bundle by path, with / between folders, sorted.

    Raises: BundleIncompleteError if `make setup` has not run.
    """
    if not VENDOR.is_dir():
        raise BundleIncompleteError(f"{VENDOR} is missing: run `make setup`")
    files = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()}
    return {name: files[name].read_bytes() for name in sorted(files)}


def bundle_hash() -> str:
    """SHA-256, 64 hexadecimal digits, over one line for each file in order of path: its SHA-256, two spaces, its path.

    The lines are those of `sha256sum`, so an observer needs nothing of ours to compute it.
    Raises: BundleIncompleteError as `bundle` does.
    """
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in bundle().items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()
