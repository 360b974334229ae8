"""No process outlives the one that started it: a killed supervisor or web server leaves nobody behind on its port."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent(parent: int = 0) -> None:
    """Ask the kernel to end this process when its parent ends (Linux; elsewhere nothing happens).

    A parent that ended before the kernel was asked is not told of: then this process ends at once. `parent` is its
    process id, which a process of `multiprocessing` (a server's worker) knows by itself.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    known = parent or getattr(multiprocessing.parent_process(), "pid", 0)
    if known and os.getppid() != known:
        os.kill(os.getpid(), signal.SIGKILL)
