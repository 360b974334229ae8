"""The public log: durable append through the real sequencer, proofs, and the check of a whole log.

Ours: leaf and pending rows committed in batches (SQLite WAL, synchronous=FULL), placed, written as tiles and bundles
with fsync, re-read, re-hashed and signed twice. Peer: pymerkle's SqliteTree, which keeps entry and hash in one table
(rollback journal, synchronous=FULL) and has no tiles, no re-reading and no signature.
"""
from __future__ import annotations

import os
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.table import report

LEAVES = 131_072
BATCH = 4_096
PEER_LEAVES = 32_768
PEER_SINGLE = 1_000
PROOFS = 2_000
ENTRIES = 10_000  # of one person, checked on their device
ACTS = 40  # acts for the time from commit to checkpoint
ORIGIN = "bench.example/log"


def main() -> None:
    """Run all parts in a folder of their own and print the table."""
    folder = Path(tempfile.mkdtemp(prefix="commonweal-ledger-"))
    try:
        _database(folder)
        appended, waits = _append(folder)
        warm, cold = _proofs(folder)
        verified = _verify(folder)
        batched, single = _peer(folder)
        device = _device(folder)
        report(
            "ledger",
            [
                ("durable append to signed checkpoint", f"{appended:,.0f}/s", ">= 20,000 leaves/s"),
                (f"pymerkle SqliteTree, batches of {BATCH}", f"{batched:,.0f}/s", "peer"),
                ("pymerkle SqliteTree, one by one", f"{single:,.0f}/s", "peer"),
                ("inclusion proof, warm reader", f"{warm * 1000:.3f} ms", "<= 1 ms"),
                ("inclusion proof, new reader each time", f"{cold * 1000:.3f} ms", "<= 1 ms"),
                ("check of the whole log from its files", f"{verified:,.0f}/s", ">= 100,000 leaves/s"),
                (f"check of {ENTRIES:,} entries in Chromium", f"{device:.2f} s", "<= 3 s"),
                ("one act: commit to checkpoint, median", f"{statistics.median(waits) * 1000:,.0f} ms", ""),
                ("one act: commit to checkpoint, longest", f"{max(waits) * 1000:,.0f} ms", "p99 <= 2,000 ms"),
            ],
            ours=appended, unit="leaves/s", goal=20_000, peer=batched,
            peer_name=f"pymerkle SqliteTree, batches of {BATCH}",
            conditions=f"{LEAVES} leaves; ours also writes tiles, re-reads, re-hashes and signs with Ed25519 and "
            f"ML-DSA-44, the peer only stores entry and hash; one by one the peer does {single:.0f}/s; proof "
            f"{warm * 1000:.3f} ms; {ENTRIES} entries in Chromium {device:.2f} s; "
            f"whole-log check {verified:.0f}/s; longest wait of {ACTS} acts {max(waits):.2f} s",
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _database(folder: Path) -> None:
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["commonweal.core.ledger"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "node.sqlite3"),
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
                },
            }
        },
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _append(folder: Path) -> tuple[float, list[float]]:
    from commonweal.core.ledger import keys
    from commonweal.core.ledger.leaves import Kind, leaf_bytes
    from commonweal.core.ledger.sequencer import Sequencer

    sequencer = Sequencer(ORIGIN, keys.create(folder / "keys", ORIGIN), folder / "log")
    sequencer.step()
    leaves = [leaf_bytes(Kind.ACT, os.urandom(32)) for _ in range(LEAVES)]
    begun = time.perf_counter()
    for at in range(0, LEAVES, BATCH):
        _commit(leaves[at : at + BATCH])
        if at // BATCH % 4 == 3:
            sequencer.step()
    while sequencer.step() is not None:
        pass
    appended = LEAVES / (time.perf_counter() - begun)
    sequencer.close()
    return appended, _waits(folder)


def _commit(leaves: list[bytes]) -> None:
    """Leaf and pending rows as the door writes them, many in one transaction."""
    from django.db import connection, transaction

    from commonweal.core.ledger.verify import leaf_hash

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM ledger_leaf")
        last = cursor.fetchone()[0]
        cursor.executemany(
            "INSERT INTO ledger_leaf (data, hash) VALUES (%s, %s)", [(leaf, leaf_hash(leaf)) for leaf in leaves]
        )
        cursor.execute("INSERT INTO ledger_pending (leaf_id) SELECT id FROM ledger_leaf WHERE id > %s", [last])


def _waits(folder: Path) -> list[float]:
    """Seconds from an act's commit until a published checkpoint contains it, beside a running sequencer."""
    from threading import Event, Thread

    from commonweal.core.ledger import keys
    from commonweal.core.ledger.leaves import Kind, leaf_bytes
    from commonweal.core.ledger.sequencer import Sequencer

    stop = Event()
    sequencer = Sequencer(ORIGIN, keys.load(folder / "keys", ORIGIN), folder / "log")
    thread = Thread(target=sequencer.run, args=[stop])
    thread.start()
    time.sleep(2)
    waits = []
    for number in range(ACTS):
        _commit([leaf_bytes(Kind.ACT, os.urandom(32))])
        begun = time.perf_counter()
        while int((folder / "log/checkpoint").read_text("utf-8").split("\n")[1]) < LEAVES + number + 1:
            time.sleep(0.002)
        waits.append(time.perf_counter() - begun)
        time.sleep(random.random() / 10)
    stop.set()
    thread.join()
    return waits


def _proofs(folder: Path) -> tuple[float, float]:
    from commonweal.core.ledger.tiles import LogFolder, TileReader
    from commonweal.core.ledger.verify import leaf_hash, split_bundle, tile_path, verify_inclusion

    fetch = LogFolder(folder / "log").fetch
    indexes = [random.randrange(LEAVES) for _ in range(PROOFS)]
    reader = TileReader(fetch, LEAVES)
    begun = time.perf_counter()
    proofs = [reader.inclusion_proof(index) for index in indexes]
    warm = (time.perf_counter() - begun) / PROOFS
    begun = time.perf_counter()
    for index in indexes[:200]:
        TileReader(fetch, LEAVES).inclusion_proof(index)
    cold = (time.perf_counter() - begun) / 200
    root = reader.root()
    for index, proof in zip(indexes[:50], proofs, strict=False):
        leaf = split_bundle(fetch(tile_path("entries", index // 256)))[index % 256]
        verify_inclusion(leaf_hash(leaf), index, LEAVES, proof, root)
    return warm, cold


def _verify(folder: Path) -> float:
    from commonweal.core.ledger import keys
    from commonweal.core.ledger.verify import open_log, verify_log

    begun = time.perf_counter()
    found = verify_log(open_log(str(folder / "log")), keys.load(folder / "keys", ORIGIN).vkeys)
    return found.checkpoint.size / (time.perf_counter() - begun)


def _device(folder: Path) -> float:
    """Seconds that a browser takes for one person's whole history, tiles fetched from a server beside it."""
    import functools
    import http.server
    import secrets
    import threading

    from django.db import connection, transaction

    from commonweal.core import ledger
    from commonweal.core.ledger import entries, epochs, keys, receipts
    from commonweal.core.ledger.sequencer import Sequencer

    chain, others = secrets.token_bytes(16), [secrets.token_bytes(16) for _ in range(50)]
    entries.open_chains([(one, secrets.token_bytes(32)) for one in (chain, *others)])
    shared = {"act": "0" * 32, "time": "2026-11-25T09:30:00.000Z", "actor": "officer:17", "agency": "register", "basis":
              "public_task", "action": "registry.person.read", "purpose": "keeping the register", "decision": "permit"}
    for _ in range(ENTRIES // 500):
        with transaction.atomic():
            for number in range(500):
                entries.add_entries(bytes(16), shared, [(chain, {})])
                entries.add_entries(bytes(16), shared, [(others[number % 50], {})])
    sequencer = Sequencer(ORIGIN, keys.load(folder / "keys", ORIGIN), folder / "log")
    while sequencer.step() is not None:
        pass
    epochs.close()
    sequencer.step()
    history = receipts.history(sequencer.folder.fetch, chain, proofs=False)
    (folder / "log/history.json").write_text(history.text(), "utf-8")
    script = Path(ledger.__file__).parent / "static/ledger/check.js"
    shutil.copy(script, folder / "log/check.js")
    (folder / "log/blank.html").write_text("<!doctype html><title>blank</title>", "utf-8")
    sequencer.close()
    connection.close()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder / "log")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found = _in_chromium(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    assert found["ok"], found
    assert found["entries"] == ENTRIES
    return float(found["seconds"])


def _in_chromium(address: str) -> dict[str, object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                  "--no-first-run"],
        )  # fmt: skip
        page = browser.new_page()
        page.goto(f"{address}/blank.html")
        found: dict[str, object] = page.evaluate(
            """async () => {
                const {checkHistory, fetchFrom} = await import("/check.js");
                const history = await (await fetch("/history.json")).json();
                const begun = performance.now();
                const result = await checkHistory(history, fetchFrom(location.origin));
                return {...result, seconds: (performance.now() - begun) / 1000};
            }"""
        )
        browser.close()
    return found


def _peer(folder: Path) -> tuple[float, float]:
    from pymerkle import SqliteTree

    entries = [os.urandom(34) for _ in range(PEER_LEAVES)]
    with SqliteTree(str(folder / "peer.sqlite3")) as tree:
        begun = time.perf_counter()
        for at in range(0, PEER_LEAVES, BATCH):
            tree.append_entries(entries[at : at + BATCH])
        batched = PEER_LEAVES / (time.perf_counter() - begun)
        begun = time.perf_counter()
        for entry in entries[:PEER_SINGLE]:
            tree.append_entry(entry)
        single = PEER_SINGLE / (time.perf_counter() - begun)
    return batched, single


if __name__ == "__main__":
    main()
