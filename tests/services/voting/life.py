"""A whole election in one process, every role with a folder of its own, for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from commonweal.core.identity.actors import Person, the_node
from commonweal.services.voting import service
from commonweal.services.voting.box import ceremony, promises
from commonweal.services.voting.box.ballot_box import BallotBox, Taken
from commonweal.services.voting.engine.archive import Checkpoint
from commonweal.services.voting.engine.ballots import make_ballot
from commonweal.services.voting.engine.credentials import secret_of
from commonweal.services.voting.engine.election import AnyQuestion, Question
from commonweal.services.voting.engine.passes import Pass, Request
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.roles import authority, trustee
from commonweal.services.voting.values import Draft, RollLine
from tests import town

NODE = the_node("command")
PARKS = Question("Which park first?", ("Harbour", "Mill", "Station"), 1, 1)
BOX = "http://localhost:8002"


@dataclass
class Life:
    """A frozen election. `labels` are what the authority calls the voters, in the order of `people`."""

    folder: Path
    uuid: str
    package: Package
    people: list[Person]
    labels: list[str]
    box: BallotBox
    trustees: list[Path]
    passes: dict[int, Pass] = field(default_factory=dict)

    @property
    def draft(self) -> Draft:
        """What the administrator wrote."""
        return service.standing(self.uuid).draft

    @property
    def opened(self) -> datetime:
        """A moment at which it is open."""
        return self.package.plan.opens + timedelta(seconds=1)

    @property
    def closed(self) -> datetime:
        """A moment after its close."""
        return self.package.plan.closes + timedelta(seconds=1)

    def code(self, voter: int) -> str:
        """What the voter's letter brings."""
        return authority.codes(self.folder / "authority")[self.labels[voter]]

    def draw(self, voter: int) -> Pass:
        """The voter's pass, drawn from the node once."""
        if voter not in self.passes:
            request = Request.new(self.package.pass_key)
            person = self.people[voter]
            signature = service.draw_pass(town.resident(person), person, self.uuid, request.blinded)
            self.passes[voter] = request.finish(self.package.pass_key, signature)
        return self.passes[voter]

    def ballot(self, voter: int, *choices: Sequence[int]) -> bytes:
        """The voter's ballot, not cast."""
        return make_ballot(self.package.election, secret_of(self.code(voter), self.uuid), choices).content()

    def vote(self, voter: int, *choices: Sequence[int], at: datetime | None = None) -> Taken:
        """The voter's ballot, cast."""
        return self.box.cast(self.uuid, self.ballot(voter, *choices), self.draw(voter), at or self.opened)

    def board(self, name: str = "board.bel") -> Path:
        """The board as it stands, in a file."""
        path = self.folder / name
        path.write_bytes(b"".join(self.box.board(self.uuid)))
        return path

    @property
    def logged(self) -> list[Checkpoint]:
        """The end of the board, as a node that follows has it in its log."""
        return [self.box.head(self.uuid).checkpoint]

    def decrypted_by(self, who: Path) -> ceremony.Contribution:
        """What this trustee brings to the tally, having compared the board with the log."""
        signatures = ceremony.progress(self.box, self.uuid).signatures
        return trustee.decrypt(who, self.board(), self.closed, self.logged, signatures)

    def close(self) -> None:
        """The frozen hour has come."""
        assert ceremony.close(self.box, self.uuid, self.closed)

    def tally(self, present: Sequence[int] | None = None) -> Path:
        """Shuffles where they are due, decryptions by those present (from 0), the finished record."""
        working = [self.trustees[index] for index in present] if present is not None else self.trustees
        for who in working[: self.package.plan.shuffles]:
            given = trustee.shuffle(who, self.board(), self.closed, self.logged)
            ceremony.contribute(self.box, self.uuid, given)
        for who in working:
            if self.box.phase(self.uuid) != "done":
                ceremony.contribute(self.box, self.uuid, self.decrypted_by(who))
        return self.board("record.bel")


def begin(
    folder: Path,
    *questions: AnyQuestion,
    voters: int = 3,
    threshold: tuple[int, int] | None = None,
    opens: datetime | None = None,
    hours: float = 24.0,
    box: str = BOX,
    board_every: int = 3_600,
    also: Sequence[Person] = (),
    weights: Sequence[int] = (),
    make_keys: Callable[[str], tuple[list[object], list[Path]]] | None = None,
) -> Life:
    """Everything up to the freeze: draft, roll, codes, keys; then the box and the trustees hold the package.

    `threshold` is (needed, of how many); without it there is one trustee whose key is needed. `also` are on the roll
    after the new voters. `weights` are those of all, 1 by default. `make_keys` makes the
    trustees' messages and folders some other way, given the id.
    """
    opens = opens or datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=5)
    closes = opens + timedelta(hours=hours)
    draft = Draft("Parks – «élection»", "Made by a test.", questions or (PARKS,), opens, closes, box, board_every)
    uuid = service.draft(NODE, draft)
    people = [*town.register(*(town.entry("Voter", f"Number{n}") for n in range(voters))), *also]
    counts = weights or [1] * len(people)
    lines = [RollLine(one, f"Voter {n}", "12 Mill Lane", counts[n]) for n, one in enumerate(people)]
    service.enter_roll(NODE, uuid, lines)
    listed = service.roll(NODE, uuid)
    public = authority.make_credentials(folder / "authority", uuid, [authority.Voter(**vars(one)) for one in listed])
    messages, folders = make_keys(uuid) if make_keys else keys(folder, uuid, threshold)
    messages = [*messages, _read(promises.make_key(folder / "box", uuid))]
    package = service.freeze(NODE, uuid, messages, json.loads(public.read_text("utf-8")))
    for who in folders:
        trustee.hold(who, package)
    ballots = BallotBox(folder / "box")
    ballots.install(package)
    labels = {one.name: one.label for one in listed}
    return Life(folder, uuid, package, people, [labels[f"Voter {n}"] for n in range(len(people))], ballots, folders)


def keys(folder: Path, uuid: str, threshold: tuple[int, int] | None) -> tuple[list[object], list[Path]]:
    """The trustees' public messages, and their folders."""
    if threshold is None:
        who = folder / "trustee1"
        return [_read(trustee.new_single(who, uuid))], [who]
    needed, size = threshold
    folders = [folder / f"trustee{index}" for index in range(1, size + 1)]
    said = [_read(trustee.certify(who, uuid, size, needed, index)) for index, who in enumerate(folders, 1)]
    said += [_read(trustee.share(who, uuid, said)) for who in folders]
    said += [_read(trustee.finish(who, uuid, said)) for who in folders]
    return said, folders


def _read(path: Path) -> object:
    return json.loads(path.read_text("utf-8"))
