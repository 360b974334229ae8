"""The exchange's gateway on PostgreSQL: four workers on two cores, which also carry the database and the load.

Peer, in the same run: the plain Django view of `benchmarks/gateway.py`, with four workers as well.
"""

from __future__ import annotations

from benchmarks.gateway import CONNECTIONS, CORE, OTHER_CORE, SECONDS, Requests, Server
from benchmarks.postgresql import own_server
from benchmarks.table import report

WORKERS = 4


def main() -> None:
    """Run both on a PostgreSQL server of their own and print the table."""
    cores = (CORE, OTHER_CORE)
    with own_server("gateway_postgresql") as folder:
        requests = Requests(folder)
        with Server(folder, "asgi", "commonweal.config.asgi:application", workers=WORKERS, cores=cores) as server:
            requests.address(server.port, ours=True)
            ours, waits = requests.run(SECONDS)
        with Server(folder, "wsgi", "benchmarks.gateway_peer:application", workers=WORKERS, cores=cores) as server:
            requests.address(server.port, ours=False)
            peer, peer_waits = requests.run(SECONDS)
        p99, peer_p99 = (one[int(len(one) * 0.99)] * 1000 for one in (waits, peer_waits))
        report(
            "gateway_postgresql",
            [
                (f"answered, {WORKERS} workers, {CONNECTIONS} connections", f"{ours:,.0f}/s", ">= 1,200/s"),
                ("p99 of them", f"{p99:,.0f} ms", ""),
                (f"plain Django view, {WORKERS} workers", f"{peer:,.0f}/s", f"peer (p99 {peer_p99:,.0f} ms)"),
            ],
            ours=ours, unit="requests/s", goal=1_200, peer=peer,
            peer_name="Django view, http-message-signatures, two inserts, no policy engine, no chained evidence",
            conditions="PostgreSQL synchronous_commit=on; database, load and workers share two cores",
        )  # fmt: skip


if __name__ == "__main__":
    main()
