"""The gateway's memory over many requests: 1,000,000 when it has the time, fewer by `COMMONWEAL_BENCH_REQUESTS`.

No peer: only the slope counts. A fixed cost (caches, the database's pages) is paid once, a leak with each request.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from pathlib import Path

from benchmarks.gateway import OTHER_CORE, Requests, Server
from benchmarks.table import report

REQUESTS = int(os.environ.get("COMMONWEAL_BENCH_REQUESTS", "1000000"))
SAMPLES = 10
GOAL = 10.0  # bytes a request: 10 MB in 1,000,000


def main() -> None:
    """Ask, read the resident memory ten times on the way, print the table."""
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    try:
        requests = Requests(folder)
        with Server(folder, "asgi", "commonweal.config.asgi:application") as server:
            requests.address(server.port, ours=True)
            os.sched_setaffinity(0, {OTHER_CORE})
            points = [(0, server.memory())]
            for _ in range(SAMPLES):
                answered = requests.answered(REQUESTS // SAMPLES)
                points.append((points[-1][0] + answered, server.memory()))
        settled = points[SAMPLES // 2 :]
        slope = statistics.linear_regression(*zip(*settled, strict=True)).slope
        report(
            "gateway_memory",
            [(f"after {asked:,} requests", f"{memory / 1e6:,.1f} MB", "") for asked, memory in points]
            + [("a request, over the second half", f"{slope:,.1f} bytes", f"<= {GOAL:.0f} bytes")],
            ours=slope, unit="bytes a request", goal=GOAL, peer=None, peer_name="none: only the slope counts",
            conditions=f"{points[-1][0]:,} requests, one worker, SQLite; resident memory of the server and its worker",
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
