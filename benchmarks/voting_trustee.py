"""A trustee's page in Chromium: how long it checks, shuffles and decrypts a ranked election of 100 and 1,000 ballots.

One core, not slowed, by the bundle's own modules as the page calls them: every ballot verified, one shuffle of another
trustee verified, a shuffle of one's own with its proof, the decryption with its proofs. "Longest without a pause" is
how long the page hears no key while it works. Beside it the same by the engine in Python on one core, which is what
`commonweal voting trustee` does.
"""

from __future__ import annotations

import base64
import io
import mimetypes
import time
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.table import report
from benchmarks.voting_booth import Handler
from commonweal.services.voting.engine.ballots import make_ballot, read_ballot, verify_ballot
from commonweal.services.voting.engine.credentials import CredentialList, base58
from commonweal.services.voting.engine.decryption import decrypt_partially
from commonweal.services.voting.engine.election import Election, RankedQuestion
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.group import base
from commonweal.services.voting.engine.hashing import sha256_hex
from commonweal.services.voting.engine.keys import trustee_key
from commonweal.services.voting.engine.randomness import SYSTEM
from commonweal.services.voting.engine.record import Record
from commonweal.services.voting.engine.shuffle import make_shuffle
from commonweal.services.voting.engine.tally import Accumulator
from commonweal.services.voting.engine.trustees import Single, Trustees
from tests.core.portal.page_checks import launch

SIZES = (100, 1_000)
GOAL_SECONDS = 30.0  # of a trustee's patience, for all the work on 1,000 ballots
COUNCIL = RankedQuestion("Rank the candidates", ("Ada", "Bo", "Cy", "Di", "Eli"))
PARTS = ("election", "trustees", "credentials")

WORK = """async ([parts, plan, uuid, record, key, end]) => {
  await (await import('/crypto/sodium.js')).loadSodium()
  const { systemRandomness } = await import('/crypto/randomness.js')
  const { decryption } = await import('/trustee/decryption.js')
  const { verifiedShuffles } = await import('/trustee/mixing.js')
  const { pause } = await import('/trustee/pace.js')
  const { readPackage } = await import('/trustee/setup.js')
  const { makeShuffle } = await import('/trustee/shuffle.js')
  const { verifiedTally } = await import('/trustee/tally.js')
  const bytes = Uint8Array.from(atob(record), (character) => character.charCodeAt(0))
  let [last, longest] = [performance.now(), 0]
  const told = async () => {
    longest = Math.max(longest, performance.now() - last)
    await pause()
    last = performance.now()
  }
  const times = []
  const timed = async (work) => {
    const start = (last = performance.now())
    const made = await work()
    times.push(performance.now() - start)
    return made
  }
  const frozen = readPackage(parts, plan, uuid)
  const { publicKey, fingerprint } = frozen.election
  const tally = await timed(() => verifiedTally(bytes, frozen, end, told))
  const { rows } = await timed(() => verifiedShuffles(tally, frozen, told))
  await timed(() => makeShuffle(rows, publicKey, fingerprint, systemRandomness(), told))
  await timed(() => decryption(BigInt(key), fingerprint, rows, told))
  return [...times, longest]
}"""
WORKS = ("check the ballots", "verify another's shuffle", "shuffle and prove", "decrypt and prove")


def main() -> None:
    """Measure and print."""
    mimetypes.add_type("text/javascript", ".mjs")
    mimetypes.add_type("application/wasm", ".wasm")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    rows = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/texts/en.json")
        for size in SIZES:
            seconds, ours = measure(page, size)
            *browsers, longest = seconds
            for what, took, engine in zip(WORKS, browsers, ours, strict=True):
                rows.append((f"{size:,} ballots: {what}", f"{took:.2f} s", f"the engine in Python {engine:.2f} s"))
            whole = sum(browsers)
            rows.append((f"{size:,} ballots: all of it", f"{whole:.2f} s", f"the engine in Python {sum(ours):.2f} s"))
            rows.append((f"{size:,} ballots: longest without a pause", f"{longest:.2f} s", ""))
        version = browser.version
        browser.close()
    server.shutdown()
    report(
        "voting_trustee",
        rows,
        ours=whole,
        unit="s",
        goal=GOAL_SECONDS,
        peer=sum(ours),
        peer_name="the engine in Python",
        conditions=f"Chromium {version}, not slowed, {SIZES[-1]} ballots of one ranked question",
    )


def measure(page: Page, size: int) -> tuple[list[float], list[float]]:
    """Seconds for each work in the browser, the longest without a pause after them; and those of the engine."""
    key = SYSTEM.scalar()
    trustees = Trustees((Single(trustee_key(key)),))
    election = Election("Benchmark", "Throw-away keys.", trustees.verify(), (COUNCIL,), base58(14))
    fingerprint, secrets = election.fingerprint(), [SYSTEM.scalar() for _ in range(size)]
    credentials = CredentialList.of([base(secret) for secret in secrets])
    ballots = [make_ballot(election, secret, ((1, 2, 3, 4, 5),)).content() for secret in secrets]
    stream, sums = io.BytesIO(), Accumulator(election)
    record = Record(stream, 1_795_000_000)
    record.set_up(election, trustees, credentials)
    for content in ballots:
        record.cast(content)
        sums.add(read_ballot(election, content))
    record.end_ballots()
    tally = sums.tally()
    end = record.encrypted_tally(tally, sums.sized(tally))
    before = make_shuffle(tally.questions, election.public_key, fingerprint)
    record.shuffle(1, before)
    parts = dict(zip(PARTS, (part.content() for part in (election, trustees, credentials)), strict=True))
    setup = {name: sha256_hex(content) for name, content in parts.items()}
    plan = canonical({"uuid": election.uuid, "setup": setup, "closes": "2026-01-01T00:00:00Z", "shuffles": 1})
    texts = {name: content.decode() for name, content in {"plan": plan, **parts}.items()}
    board = base64.b64encode(stream.getvalue()).decode()
    asked: list[Any] = [texts, sha256_hex(plan), election.uuid, board, str(key), end.digest]
    in_browser = [milliseconds / 1000 for milliseconds in page.evaluate(WORK, asked)]
    shuffled = tally.replaced(election.ranked, before.ciphertexts)
    return in_browser, [
        seconds(lambda: [verify_ballot(election, credentials.weights, one, fingerprint) for one in ballots]),
        seconds(lambda: before.verify(tally.questions, election.public_key, fingerprint)),
        seconds(lambda: make_shuffle(shuffled.questions, election.public_key, fingerprint)),
        seconds(lambda: decrypt_partially(shuffled, fingerprint, key)),
    ]


def seconds(work: Callable[[], object]) -> float:
    """On the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
