"""Ballots of five candidates, choose at most one, with all proofs and signature: encrypt and verify on one core.

Ours: the voting engine in Python over libsodium, CPU time. Peer: `belenios-tool election verify` on a record of the
same ballots, CPU time of the process less that for the same record without ballots; only where BELENIOS_TOOL names a
tool (or several, joined by the path separator) before version 3, since 3.3.0 ends without waiting for its ballot
checks. Beside them what else the engine promises: two cores, a new ballot taken, a shuffle of 10,000. libsodium's own
time for one variable-base multiplication, of which a ballot needs 37, tells how fast the machine is.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from joblib import Parallel, delayed

from benchmarks.table import report
from commonweal.services.voting.engine.ballots import make_ballot, verify_ballot
from commonweal.services.voting.engine.credentials import CredentialList, base58
from commonweal.services.voting.engine.election import Election, Question
from commonweal.services.voting.engine.group import base, multiply
from commonweal.services.voting.engine.keys import trustee_key
from commonweal.services.voting.engine.proofs import Ciphertext
from commonweal.services.voting.engine.randomness import SYSTEM
from commonweal.services.voting.engine.record import Record
from commonweal.services.voting.engine.shuffle import make_shuffle
from commonweal.services.voting.engine.trustees import Single, Trustees

BALLOTS = 600
ROUNDS = 3
SHUFFLED = 10_000
QUESTION = Question("Which one?", ("Ada", "Bo", "Cy", "Di", "Eli"), 0, 1)


def main() -> None:
    """Measure and print."""
    private = SYSTEM.scalar()
    trustees = Trustees((Single(trustee_key(private)),))
    election = Election("Benchmark", "Throw-away keys.", base(private), (QUESTION,), base58(14))
    secrets = [SYSTEM.scalar() for _ in range(BALLOTS)]
    credentials = CredentialList.of(base(secret) for secret in secrets)

    peers = _peers()
    contents: list[bytes] = []
    encrypting, verifying, theirs = [], [], {name: list[float]() for name in peers}
    for _ in range(ROUNDS):
        contents.clear()
        encrypting.append(_cpu(lambda: contents.extend(_cast(election, secret) for secret in secrets)))
        verifying.append(_cpu(lambda: _verify(election, credentials, contents)))
        for name, tool in peers.items():
            theirs[name].append(_peer(tool, election, trustees, credentials, contents))
    encrypted, verified = BALLOTS / statistics.median(encrypting), BALLOTS / statistics.median(verifying)
    rates = [(name, BALLOTS / statistics.median(seconds)) for name, seconds in theirs.items()]

    point, scalar = base(secrets[0]), secrets[1]
    multiplied = _cpu(lambda: [multiply(scalar, point) for _ in range(1000)]) * 1000
    waited = statistics.median(
        _wall(lambda content=content: verify_ballot(election, credentials.weights, content))
        for content in contents[:100]
    )
    together = BALLOTS / _two_cores(election, credentials, contents)
    shuffled, checked = _shuffle(election)

    rows = [
        ("encrypt, one core", f"{encrypted:,.0f}/s", "goal >= 480/s"),
        ("verify, one core", f"{verified:,.0f}/s", "goal >= 270/s, stretch 500/s"),
        ("verify, two cores, wall time", f"{together:,.0f}/s", "goal near twice one"),
        *((f"verify, {name}", f"{rate:,.0f}/s", "peer, one core") for name, rate in rates),
        ("one multiplication by libsodium", f"{multiplied:.0f} µs", "37 for each ballot"),
        ("one new ballot verified, median", f"{waited * 1000:.1f} ms", "goal <= 10 ms"),
        (f"shuffle of {SHUFFLED:,}, prove, one core", f"{shuffled:.1f} s", "goal <= 15 s"),
        (f"shuffle of {SHUFFLED:,}, verify, one core", f"{checked:.1f} s", "goal <= 15 s"),
    ]
    report(
        "voting_verify",
        rows,
        ours=verified,
        unit="ballots/s",
        goal=270,
        peer=rates[0][1] if rates else None,
        peer_name=rates[0][0] if rates else "belenios-tool (none before version 3 in BELENIOS_TOOL)",
        conditions=f"{BALLOTS} ballots of 5 candidates, median of {ROUNDS} rounds, CPU time of one core, "
        f"libsodium multiplies in {multiplied:.0f} µs",
    )


def _cast(election: Election, secret: int) -> bytes:
    return make_ballot(election, secret, [(0, 1, 0, 0, 0)]).content()


def _verify(election: Election, credentials: CredentialList, contents: Sequence[bytes]) -> None:
    fingerprint = election.fingerprint()
    for content in contents:
        verify_ballot(election, credentials.weights, content, fingerprint)


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _wall(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _peers() -> dict[str, str]:
    """The tools to compare with, by name."""
    tools = {}
    for tool in filter(None, os.environ.get("BELENIOS_TOOL", "").split(os.pathsep)):
        version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
        if int(version.split(".")[0]) < 3:
            tools[f"belenios-tool {version}"] = tool
    return tools


def _peer(
    tool: str, election: Election, trustees: Trustees, credentials: CredentialList, contents: Sequence[bytes]
) -> float:
    """Seconds that the tool takes for the ballots alone."""
    with tempfile.TemporaryDirectory(prefix="commonweal-voting-") as folder:
        seconds = []
        for ballots in ((), contents):
            path = Path(folder) / str(len(ballots)) / f"{election.uuid}.bel"
            path.parent.mkdir()
            with path.open("wb") as stream:
                record = Record(stream, 1_795_000_000)
                record.set_up(election, trustees, credentials)
                for ballot in ballots:
                    record.cast(ballot)
            before = _children()
            command = [tool, "election", "verify", "--dir", str(path.parent)]
            subprocess.run(command, check=True, capture_output=True)
            seconds.append(_children() - before)
    return seconds[1] - seconds[0]


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _two_cores(election: Election, credentials: CredentialList, contents: Sequence[bytes]) -> float:
    """Seconds for the ballots in two halves, the processes started before, median of the rounds."""
    halves = [(election, credentials, contents[start::2]) for start in range(2)]
    with Parallel(n_jobs=2) as pool:
        seconds = [_wall(lambda: pool(delayed(_verify)(*half) for half in halves)) for _ in range(ROUNDS + 1)]
    return statistics.median(seconds[1:])


def _shuffle(election: Election) -> tuple[float, float]:
    row = tuple(Ciphertext(base(number), base(number + 1)) for number in range(1, SHUFFLED + 1))
    fingerprint, made = election.fingerprint(), []
    proving = _cpu(lambda: made.append(make_shuffle([row], election.public_key, fingerprint)))
    return proving, _cpu(lambda: made[0].verify([row], election.public_key, fingerprint))


if __name__ == "__main__":
    main()
