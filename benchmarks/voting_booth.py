"""The voting booth in Chromium, slowed six times: how long a voter's device takes to encrypt, and how much it loads.

Times are those of whole ballots (all proofs, signature, tracker) by the bundle's own modules, on one core, with the
browser's CPU throttling: the first, for which the browser still compiles; the median; and the fastest, which is what
the median would be on a machine with nothing else to do. Sizes are each file compressed by gzip -9: all that voters may
load, what one voter loads, and what only trustees load.
"""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.table import report
from commonweal.services.voting.booth import bundle
from commonweal.services.voting.engine.credentials import base58, private_credential
from commonweal.services.voting.engine.election import Election, Question
from commonweal.services.voting.engine.group import base
from commonweal.services.voting.engine.randomness import SYSTEM
from tests.core.portal.page_checks import launch

SLOWER = 6
ROUNDS = 15
GOALS = {5: 150, 50: 400}  # milliseconds, by number of candidates
LIMIT = 220 * 1024  # bytes
FILES = bundle()

SEAL = """async ([text, fingerprint, code, candidates, rounds]) => {
  await (await import('/crypto/sodium.js')).loadSodium()
  const { readElection } = await import('/election/election.js')
  const election = readElection(text, fingerprint, JSON.parse(text).uuid)
  const { sealBallot } = await import('/election/sealing.js')
  const choices = [Array.from({ length: candidates }, (_, index) => (index === 1 ? 1 : 0))]
  const times = []
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now()
    sealBallot(election, code, choices)
    times.push(performance.now() - start)
  }
  const [first] = times
  times.sort((a, b) => a - b)
  return [first, times[Math.floor(rounds / 2)], times[0]]
}"""
MULTIPLY = """async () => {
  const { base, multiply } = await import('/crypto/group.js')
  const point = base(3n)
  const start = performance.now()
  for (let round = 1n; round <= 500n; round += 1n) multiply(round ** 90n, point)
  return (performance.now() - start) * 2
}"""


class Handler(BaseHTTPRequestHandler):
    """The bundle and nothing else."""

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        self.send_response(200 if name in FILES else 404)
        self.send_header("Content-Type", mimetypes.guess_type(name)[0] or "application/octet-stream")
        self.end_headers()
        self.wfile.write(FILES.get(name, b""))

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    """Measure and print."""
    mimetypes.add_type("text/javascript", ".mjs")
    mimetypes.add_type("application/wasm", ".wasm")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/texts/en.json")
        session = page.context.new_cdp_session(page)
        times = {candidates: seal(page, session, candidates) for candidates in GOALS}
        multiplied = page.evaluate(MULTIPLY)
        version = browser.version
        browser.close()
    server.shutdown()
    trustees = weigh(lambda name: name.startswith("trustee/"))
    whole, loaded = weigh(lambda name: True) - trustees, weigh(is_loaded)
    rows = [
        *(
            (f"{candidates} candidates, {what}", f"{milliseconds:.0f} ms", f"goal <= {GOALS[candidates]} ms")
            for candidates, three in times.items()
            for what, milliseconds in zip(("the first", "median", "fastest"), three, strict=True)
        ),
        ("one multiplication by libsodium", f"{multiplied:.0f} µs", "not slowed; 17 for 5 candidates, 152 for 50"),
        ("the whole booth, compressed", f"{whole / 1024:.1f} KB", f"goal <= {LIMIT // 1024} KB"),
        ("what a voter loads, compressed", f"{loaded / 1024:.1f} KB", ""),
        ("the trustees' modules besides", f"{trustees / 1024:.1f} KB", "no voter loads them"),
    ]
    report(
        "voting_booth",
        rows,
        ours=times[5][1],
        unit="ms",
        goal=GOALS[5],
        peer=None,
        peer_name="none measured",
        conditions=f"Chromium {version}, CPU {SLOWER} times slower, median of {ROUNDS} ballots of 5 candidates, "
        f"libsodium multiplies in {multiplied:.0f} µs unslowed",
    )


def seal(page: Page, session: CDPSession, candidates: int) -> tuple[float, float, float]:
    """Milliseconds for the first ballot, the median and the fastest; choose at most one of so many candidates."""
    question = Question("Which one?", tuple(f"Candidate {number}" for number in range(candidates)), 0, 1)
    election = Election("Benchmark", "", base(SYSTEM.scalar()), (question,), base58(14))
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    arguments = [election.content().decode(), election.fingerprint(), private_credential(), candidates, ROUNDS]
    first, median, fastest = page.evaluate(SEAL, arguments)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return first, median, fastest


def weigh(counted: Callable[[str], bool]) -> int:
    """Bytes of the files, each compressed as a server would send it."""
    compress = partial(gzip.compress, compresslevel=9)
    return sum(len(compress(content)) for name, content in FILES.items() if counted(name))


def is_loaded(name: str) -> bool:
    """Whether a voter in English needs the file: not to check, not to decrypt, not the other languages."""
    return not name.startswith(("check", "screens/check", "trustee/")) and (
        not name.startswith("texts/") or name == "texts/en.json"
    )


if __name__ == "__main__":
    main()
