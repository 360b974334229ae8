"""A ballot of five candidates with its pass, taken by the ballot box: signature, all proofs, pass, durable on disk.

No peer: belenios-tool starts a process for each ballot, and does neither passes nor storage.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.table import report
from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.engine import passes
from commonweal.services.voting.engine.ballots import make_ballot
from commonweal.services.voting.engine.credentials import CredentialList, base58
from commonweal.services.voting.engine.election import Election, Question
from commonweal.services.voting.engine.group import base
from commonweal.services.voting.engine.hashing import sha256_hex
from commonweal.services.voting.engine.keys import trustee_key
from commonweal.services.voting.engine.randomness import SYSTEM
from commonweal.services.voting.engine.trustees import Single, Trustees
from commonweal.services.voting.frozen import DAY, Package, Plan, setup_of

BALLOTS = 200
GOAL_MS = 10.0
QUESTION = Question("Which one?", ("Ada", "Bo", "Cy", "Di", "Eli"), 0, 1)


def main() -> None:
    """Measure and print."""
    signer, private = passes.new_key(), SYSTEM.scalar()
    secrets = [SYSTEM.scalar() for _ in range(BALLOTS)]
    trustees = Trustees((Single(trustee_key(private)),))
    election = Election("Benchmark", "Throw-away keys.", base(private), (QUESTION,), base58(14))
    listed = CredentialList.of(base(secret) for secret in secrets)
    opens = datetime.now(UTC).replace(microsecond=0)
    plan = Plan(
        election.uuid, setup_of(election, trustees, listed), opens, opens + timedelta(days=2), DAY, "http://localhost:8002",
        "http://localhost:8000", sha256_hex(b""), passes.public_jwk(signer.public_key()), 0, False, {}, ("listed",), {},
    )  # fmt: skip
    package = Package(plan, election, trustees, listed)
    requests = [passes.Request.new(package.pass_key) for _ in secrets]
    signed: list[bytes] = []
    signing = [_milliseconds(lambda one=one: signed.append(passes.blind_sign(signer, one.blinded))) for one in requests]
    shown = [one.finish(package.pass_key, signature) for one, signature in zip(requests, signed, strict=True)]
    ballots = [make_ballot(election, secret, [(1, 0, 0, 0, 0)]).content() for secret in secrets]
    with tempfile.TemporaryDirectory() as folder:
        box = BallotBox(Path(folder))
        box.install(package)
        worked = time.process_time()
        taking = [
            _milliseconds(lambda one=one: box.cast(election.uuid, one[0], one[1], opens))
            for one in zip(ballots, shown, strict=True)
        ]
        worked = (time.process_time() - worked) * 1_000 / BALLOTS
        growing = _milliseconds(lambda: box.tick(election.uuid, opens + timedelta(days=1)))
    taken = statistics.median(taking)
    report(
        "voting_box",
        [
            ("one ballot taken, median", f"{taken:.1f} ms", f"<= {GOAL_MS:.0f} ms"),
            ("one ballot taken, 95th percentile", f"{sorted(taking)[int(BALLOTS * 0.95)]:.1f} ms", ""),
            ("of it the processor's time, mean", f"{worked:.1f} ms", ""),
            ("one pass signed blindly, median", f"{statistics.median(signing):.1f} ms", ""),
            (f"a batch of {BALLOTS} put on the board", f"{growing:.0f} ms", ""),
        ],
        ours=taken,
        unit="ms",
        goal=GOAL_MS,
        peer=None,
        peer_name="",
        conditions=f"{BALLOTS} ballots one after the other, SQLite synchronous=FULL",
    )


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1_000


if __name__ == "__main__":
    main()
