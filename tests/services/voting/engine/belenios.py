"""Inria's belenios-tool, each version that BELENIOS_TOOL names: what it says of our records and ballots."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from commonweal.services.voting.engine.record import Record
from tests.services.voting.engine.elections import TIMESTAMP, Poll

TOOLS = [tool for tool in os.environ.get("BELENIOS_TOOL", "").split(os.pathsep) if tool]


def complaints(record: Path, uuid: str) -> dict[str, str]:
    """What `election verify` says of the record, for each tool that refuses it."""
    with TemporaryDirectory(dir=record.parent) as folder:
        shutil.copy(record, Path(folder) / f"{uuid}.bel")
        said = {tool: _run(tool, "election", "verify", "--dir", folder) for tool in TOOLS}
    return {tool: run.stdout + run.stderr for tool, run in said.items() if run.returncode}


def complaints_of_ballots(election: Poll, ballots: list[bytes], folder: Path) -> dict[str, str]:
    """What `verify-ballot` says of these ballots of an election that has none yet, where it refuses one."""
    folder.mkdir()
    with (folder / f"{election.election.uuid}.bel").open("w+b") as stream:
        Record(stream, TIMESTAMP).set_up(election.election, election.keys.trustees, election.credentials)
    said = {}
    for number, ballot in enumerate(ballots):
        path = folder.with_name(f"{folder.name}-{number}.json")
        path.write_bytes(ballot)
        for tool in TOOLS:
            run = _run(tool, "election", "verify-ballot", "--dir", str(folder), "--ballot", str(path))
            if run.returncode:
                said[f"{tool}, ballot {number}"] = run.stdout + run.stderr
    return said


def _run(tool: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tool, *words], capture_output=True, text=True, check=False)
