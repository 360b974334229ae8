"""A board of 100,000 ballots of five candidates, from its last batch to its result, as the ballot server does it.

Each ballot has a credential of its own and the ciphertexts of one that was truly made: adding those up costs the same,
and nothing here verifies ballots, which the server did when it took them. Three trustees of five decrypt. Time is that
on the clock, beside the processor's time; memory is the most that the process held. No peer:
belenios-tool accumulates only after verifying.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.table import report
from commonweal.services.voting.box import ceremony
from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.engine import group, passes, pedersen
from commonweal.services.voting.engine.ballots import make_ballot
from commonweal.services.voting.engine.credentials import CredentialList, base58
from commonweal.services.voting.engine.decryption import decrypt_partially
from commonweal.services.voting.engine.election import Election, Question
from commonweal.services.voting.engine.hashing import sha256_base64, sha256_hex
from commonweal.services.voting.engine.keys import sign
from commonweal.services.voting.engine.trustees import Trustees
from commonweal.services.voting.frozen import DAY, Package, Plan, setup_of

BALLOTS = 100_000
NEEDED, SIZE = 3, 5
GOAL_SECONDS, GOAL_MB = 60.0, 500.0
QUESTION = Question("Which one?", ("Ada", "Bo", "Cy", "Di", "Eli"), 0, 1)


def main() -> None:
    """Measure and print."""
    trustees, keys = _threshold()
    election = Election("Benchmark", "Throw-away keys.", trustees.verify(), (QUESTION,), base58(14))
    package = _package(election, trustees)
    with tempfile.TemporaryDirectory(prefix="commonweal-voting-") as folder:
        box = BallotBox(Path(folder))
        box.install(package)
        _fill(box, package)
        batch = _seconds(lambda: box.tick(election.uuid, package.plan.opens + timedelta(days=1)))
        before = _memory()
        worked = time.process_time()
        closing = _seconds(lambda: ceremony.close(box, election.uuid, package.plan.closes))
        decrypting = _seconds(lambda: _decrypt(box, package, keys))
        worked = time.process_time() - worked
        most, size = _memory(), box.head(election.uuid).size
        assert box.phase(election.uuid) == "done"
    took = closing + decrypting
    report(
        "voting_tally",
        [
            (f"{BALLOTS:,} added, decrypted, proved", f"{took:.1f} s", f"goal <= {GOAL_SECONDS:.0f} s on two cores"),
            ("of it the processor's time, one core", f"{worked:.1f} s", ""),
            ("of it until the encrypted tally", f"{closing:.1f} s", "the board read, added up, its file written anew"),
            ("of it until the result", f"{decrypting:.1f} s", f"{NEEDED} of {SIZE} trustees"),
            ("memory at most", f"{most:.0f} MB", f"goal <= {GOAL_MB:.0f} MB; {before:.0f} MB before"),
            ("all of them put on the board in one batch", f"{batch:.1f} s", f"{size / 1e6:.0f} MB"),
        ],
        ours=took,
        unit="s",
        goal=GOAL_SECONDS,
        peer=None,
        peer_name="none measured",
        conditions=f"{BALLOTS} ballots of 5 candidates, SQLite, wall time",
    )


def _threshold() -> tuple[Trustees, dict[int, int]]:
    people = [pedersen.Trustee.new() for _ in range(SIZE)]
    certificates = [who.certificate(SIZE, NEEDED, index) for index, who in enumerate(people, 1)]
    shares = [who.share(certificates, NEEDED) for who in people]
    finished = [who.finish(certificates, NEEDED, shares) for who in people]
    whole = pedersen.assemble(certificates, NEEDED, shares, [one.public_key for one in finished])
    return Trustees((whole,)), {owner: one.private_key for owner, one in enumerate(finished, 1)}


def _package(election: Election, trustees: Trustees) -> Package:
    listed = CredentialList.of(group.base(secret) for secret in range(1, BALLOTS + 1))
    opens = datetime.now(UTC).replace(microsecond=0)
    plan = Plan(
        election.uuid, setup_of(election, trustees, listed), opens, opens + timedelta(days=2), DAY, "http://localhost:8002",
        "http://localhost:8000", sha256_hex(b""), passes.public_jwk(passes.new_key().public_key()), 0, False, {},
        ("listed",), {},
    )  # fmt: skip
    return Package(plan, election, trustees, listed)


def _fill(box: BallotBox, package: Package) -> None:
    """As many ballots as codes, waiting for the batch as if each had been taken."""
    template = make_ballot(package.election, 1, [(0, 1, 0, 0, 0)]).content()
    own = group.text(group.base(1)).encode()
    with box.store.writing() as db:
        for credential in package.credentials.weights:
            content = template.replace(own, group.text(credential).encode())
            row = [package.plan.uuid, sha256_base64(content), credential, 1, content]
            db.execute("INSERT INTO ballot VALUES (?, ?, ?, ?, ?)", row)


def _decrypt(box: BallotBox, package: Package, keys: dict[int, int]) -> None:
    """What the trustees bring; that each verified the whole record before is measured by voting_verify."""
    tally = ceremony.tally_in(ceremony.after_ballots(box, package.plan.uuid), ())
    for owner in list(keys)[:NEEDED]:
        content = decrypt_partially(tally, package.fingerprint, keys[owner]).content()
        words = ceremony.claim(ceremony.DECRYPTION, package.fingerprint, content)
        given = ceremony.Contribution(ceremony.DECRYPTION, owner, content, sign(words, keys[owner]).signature)
        ceremony.contribute(box, package.plan.uuid, given)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
