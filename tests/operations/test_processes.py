"""A worker whose server was killed while it began ends by itself, though the kernel told it nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

SERVER = """
import multiprocessing, os, sys, time
from pathlib import Path
from commonweal.config.processes import end_with_parent

def work():
    time.sleep(float(sys.argv[2]))
    end_with_parent()
    Path(sys.argv[1]).write_text("it serves")
    time.sleep(60)

multiprocessing.get_context("fork").Process(target=work).start()
time.sleep(float(sys.argv[3]))
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
@pytest.mark.parametrize(("begins", "dies", "served"), [(0.5, 0.1, False), (0.1, 1.0, True)])
def test_no_worker_outlives_its_server(tmp_path: Path, begins: float, dies: float, served: bool) -> None:
    serves = tmp_path / "serves"
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(serves), str(begins), str(dies)])
    server.wait(30)
    deadline = time.monotonic() + 10
    while _has_workers(serves) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _has_workers(serves)
    assert serves.exists() is served


def _has_workers(serves: Path) -> bool:
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(serves).encode() in command.read_bytes():
                return True
        except OSError:
            continue
    return False
