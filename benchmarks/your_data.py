""" "Your data" of a person with 10,000 entries: the first page, and the check of all of them on the person's device.

No peer keeps a record that its subject can verify, so none stands beside it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.table import report

ENTRIES = 10_000
PORT = 8977
ADDRESS = f"http://localhost:{PORT}"


def main() -> None:
    """Make a node with one much-used person, run it, measure page and check."""
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    os.environ["COMMONWEAL_HOME"] = str(folder)
    node = None
    try:
        _much_used_person(folder)
        node = subprocess.Popen(
            [sys.executable, "-m", "commonweal.cli", "up", "--port", str(PORT)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait_until_published()
        page, check, memory = _in_a_browser()
        report(
            "your_data",
            [
                ("first page, server", f"{page * 1000:,.0f} ms", "<= 150 ms"),
                (f"device check of {ENTRIES:,} entries, Chromium", f"{check:,.2f} s", "<= 3 s"),
                ("all processes of the node", f"{memory:,.0f} MB", "<= 350 MB"),
            ],
            ours=check, unit="s", goal=3.0, peer=None, peer_name="none: nobody else lets a resident verify",
            conditions=f"{ENTRIES} entries, first page {page * 1000:.0f} ms, {memory:.0f} MB proportional memory",
        )  # fmt: skip
    finally:
        if node:
            node.terminate()
            node.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _much_used_person(folder: Path) -> None:
    from commonweal.commands import init
    from commonweal.config import node as nodes

    init.prepare(nodes.create(folder, "Bench", "demo.bench.example/log", ADDRESS, ("registry",)))
    from commonweal.core.act import act
    from commonweal.core.identity import accounts, service
    from commonweal.services.registry.purposes import KEEPING
    from tests.town import REGISTRAR, entry, register

    (person,) = register(entry())
    for _ in range(ENTRIES - 1):
        with act(REGISTRAR, "registry.person.read", subject=person, purpose=KEEPING) as evidence:
            evidence.disclosed(["registry/name", "registry/address"])
    account = accounts.create_account("mara@mail.example", "Mara Okafor", person=person)
    service.offer_demo_sign_in(account.id, "resident")


def _wait_until_published() -> None:
    for _ in range(300):
        time.sleep(0.2)
        try:
            note = urllib.request.urlopen(f"{ADDRESS}/log/checkpoint", timeout=1).read().decode()
        except OSError:
            continue
        if int(note.split("\n")[1]) >= ENTRIES:
            return
    raise TimeoutError("the log was not published within a minute")


def _in_a_browser() -> tuple[float, float, float]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page()
        page.goto(f"{ADDRESS}/sign-in/demo/")
        page.get_by_role("button", name="Mara Okafor").click()
        times = []
        for _ in range(5):
            answer = page.goto(f"{ADDRESS}/your-data/")
            assert answer is not None
            timing = answer.request.timing
            times.append((timing["responseStart"] - timing["requestStart"]) / 1000)
        page.goto(f"{ADDRESS}/your-data/check/")
        started = time.perf_counter()
        page.get_by_role("button", name="Check now").click()
        page.wait_for_selector('#check-result[data-ok="true"]', timeout=60_000)
        check = time.perf_counter() - started
        memory = _memory()
        browser.close()
    return statistics.median(times), check, memory


def _memory() -> float:
    """Proportional memory of every process of this node, in MB."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            here = os.environ["COMMONWEAL_HOME"].encode() in (folder / "environ").read_bytes()
            if here and (b"granian" in command or b"commonweal" in command) and str(os.getpid()) != folder.name:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except OSError:
            continue
    return total / 1024


if __name__ == "__main__":
    main()
