"""Voting: what the node offers. Pages, command, demo and tests call only this.

Nothing here takes or counts a ballot: that is the ballot server's (box/), which knows no person. What is written about
a person is that they are on the roll, that their code was sent, and on which day they drew their pass or were helped.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import BULK_LIMIT, act, forbid_open_act
from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.ledger.entries import add_document
from commonweal.core.ledger.leaves import Kind
from commonweal.core.policy.actions import declare, filled, reference
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.services.voting import board_search, boxes, freezing, pass_keys, records, results
from commonweal.services.voting.box.ballot_box import Head
from commonweal.services.voting.engine import passes
from commonweal.services.voting.engine.archive import Checkpoint
from commonweal.services.voting.engine.election import RankedQuestion
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.refusal import Refused as Broken
from commonweal.services.voting.frozen import LEAST_INTERVAL, Package
from commonweal.services.voting.purposes import HOLDING
from commonweal.services.voting.results import Verified
from commonweal.services.voting.values import DRAFT as DRAFTED
from commonweal.services.voting.values import LEAVING, Draft, LoggedHead, RollLine, Standing, Voter, new_uuid

LAST_EVENT = 2_048  # bytes at the end of a record, more than its last event takes
OFFICE = _("the election office")
READ = declare("voting.elections.read", _("Looked at your elections"), changes=False, ask=OFFICE)
DRAFT = declare("voting.election.draft", _("Drafted an election"), changes=True, ask=OFFICE)
ROLL = declare("voting.roll.enter", _("Put you on the roll of an election"), changes=True, ask=OFFICE)
REMOVE = declare("voting.roll.remove", _("Took you off the roll of an election"), changes=True, ask=OFFICE)
HAND_OVER = declare(
    "voting.roll.hand-over", _("Gave your name and postal address to the credential authority"), changes=False,
    ask=OFFICE,
)  # fmt: skip
FREEZE = declare("voting.election.freeze", _("Froze an election"), changes=True, ask=OFFICE)
SENT = declare("voting.code.sent", _("Sent your voting code by letter"), changes=True, ask=OFFICE)
DRAW = declare("voting.pass.draw", _("Drew a voting pass"), changes=True, ask=OFFICE, day_only=True)
HELP = declare("voting.help.check-in", _("Checked in for help with voting"), changes=True, ask=OFFICE, day_only=True)
GROW = declare("voting.board.grow", _("Took in ballots"), changes=True, ask=OFFICE)
ARCHIVE = declare("voting.election.archive", _("Archived an election"), changes=True, ask=OFFICE)
for _name, _words in {
    "roll": _("your name and address on the roll"), "code": _("a letter with your voting code"),
    "pass": _("your voting pass"), "help": _("that you were helped, not how you voted"),
    "election": _("an election"), "board": _("the end of an election’s public board"),
    "mine": _("on which rolls you stand"),
}.items():  # fmt: skip
    reference(f"voting/{_name}", _words)
for _name, _words in LEAVING.items():
    reference(f"voting/reason/{_name}", filled(_("reason: %(why)s"), why=_words))

BOOTH = Actor("service", "service:booth", "booth", roles=frozenset({"booth"}), assurance=2, automatic=True)


class NotOnTheRoll(ValueError):
    """This person may not vote in this election."""


class PassDrawn(ValueError):
    """This person drew their pass already, on another device or for another page."""


class NotNow(ValueError):
    """The election is not in the phase in which this can be done."""


# Reading


def standing(uuid: str) -> Standing:
    """A public election. Raises records.NoElection."""
    return records.standing(uuid)


def standings() -> list[Standing]:
    """All elections, the newest first."""
    return records.standings()


def mine(actor: Actor, person: Person) -> frozenset[str]:
    """The elections on whose rolls this person stands. Raises Refused."""
    with act(actor, READ, subject=person, purpose=OWN_ACCESS, key=actor.session) as evidence:
        found = records.elections_of(person)
        evidence.disclosed(["voting/mine"])
    return found


def person_called(scheme: str, value: str) -> Person | None:
    """Whom a number of the register names; None if nobody."""
    return people.identify(scheme, value)


# The administrator


def draft(actor: Actor, written: Draft, *, key: str = "") -> str:
    """Begin an election; returns its id. Raises Refused; ValueError for a draft that could not be held."""
    check(written)
    with act(actor, DRAFT, purpose=HOLDING, key=key) as evidence:
        if evidence.repeated:
            return evidence.answer
        uuid = new_uuid()
        records.create(uuid, written)
        evidence.changed([f"voting/election/{uuid}"])
        evidence.answers(uuid)
    return uuid


def redraft(actor: Actor, uuid: str, written: Draft) -> None:
    """Change a draft. Raises Refused, NotNow after the freeze, ValueError."""
    check(written)
    with act(actor, DRAFT, purpose=HOLDING, object=uuid) as evidence:
        _require_draft(uuid)
        _require_countable(written, records.weights(uuid))
        records.rewrite(uuid, written)
        evidence.changed([f"voting/election/{uuid}"])


def check(written: Draft) -> None:
    """Raises ValueError with the words of the rule for a draft that could not be frozen."""
    try:
        for question in written.questions:
            question.check()
            results.outcome(freezing.with_lot(question), [])
    except (Broken, KeyError, TypeError, ValueError) as broken:
        raise ValueError(_("This question cannot be counted: %(why)s") % {"why": broken}) from None
    if not written.questions:
        raise ValueError(_("An election has at least one question."))
    if written.opens >= written.closes:
        raise ValueError(_("An election closes after it opens."))
    if written.board_every < LEAST_INTERVAL:
        raise ValueError(_("The board grows every %(least)d seconds or less often.") % {"least": LEAST_INTERVAL})
    if urlsplit(written.box).scheme not in {"http", "https"} or freezing.origin(written.box) != written.box:
        raise ValueError(_("The ballot server is named by its own host, without a path."))


def enter_roll(actor: Actor, uuid: str, lines: Sequence[RollLine]) -> None:
    """Put people on the roll of a draft, up to 1,000 in one act.

    Raises Refused, NotNow; ValueError for somebody who is on it, or for weights beside a ranked question.
    """
    _require_countable(records.standing(uuid).draft, [line.weight for line in lines])
    for chunk in _chunks(lines):
        with act(actor, ROLL, subject=[line.person for line in chunk], purpose=HOLDING, object=uuid) as evidence:
            _require_draft(uuid)
            records.enter(uuid, chunk)
            evidence.changed(["voting/roll"])


def remove(actor: Actor, uuid: str, person: Person, reason: str) -> None:
    """Take somebody off the roll, also after the freeze: they get no pass any more. They read the reason.

    Raises Refused, NotOnTheRoll; ValueError for a reason that is none of LEAVING.
    """
    if reason not in LEAVING:
        raise ValueError(_("Choose one of these reasons: %(reasons)s.") % {"reasons": ", ".join(LEAVING)})
    with act(actor, REMOVE, subject=person, purpose=HOLDING, object=uuid) as evidence:
        if not records.remove(uuid, person):
            raise NotOnTheRoll(_("This person is not on the roll of this election."))
        evidence.changed(["voting/roll", f"voting/reason/{reason}"])


def roll(actor: Actor, uuid: str) -> list[Voter]:
    """The roll for the credential authority, everybody on it told. Raises Refused."""
    for chunk in _chunks(records.people_of(uuid)):
        with act(actor, HAND_OVER, subject=chunk, purpose=HOLDING, object=uuid) as evidence:
            evidence.disclosed(["voting/roll"])
    return records.voters(uuid)


def freeze(actor: Actor, uuid: str, key_messages: Sequence[Any], credentials: Mapping[str, Any]) -> Package:
    """Fix everything: keys, codes, booth, times. The plan's hash goes into the node's log; nothing changes after.

    `key_messages` are the public files of the trustees, `credentials` that of the credential authority. Raises
    Refused, NotNow; ValueError (engine.refusal.Refused) for a setup that does not hold together.
    """
    known = records.standing(uuid)
    package = freezing.package(known, key_messages, credentials)
    package.check()
    listed = len(package.credentials.weights)
    if listed != known.voters:
        raise ValueError(
            _("The roll has %(roll)d people and the credential authority made %(codes)d codes.")
            % {"roll": known.voters, "codes": listed}
        )
    if sorted(package.credentials.weights.values()) != records.weights(uuid):
        raise ValueError(_("The credential authority’s list gives other weights than the roll."))
    with act(actor, FREEZE, purpose=HOLDING, object=uuid) as evidence:
        _require_draft(uuid)
        if records.standing(uuid) != known:
            raise NotNow(_("The draft or its roll was changed meanwhile. Look at it again."))
        records.freeze(uuid, package)
        add_document(Kind.ELECTION, package.plan.content())
        evidence.changed([f"voting/election/{uuid}/{package.plan.digest}"])
    return package


def code_sent(actor: Actor, uuid: str, labels: Sequence[str] = ()) -> int:
    """The credential authority has sent its letters: to all, or again to these. Returns to how many.

    Raises Refused; NotNow before the freeze, when there can be no letter.
    """
    if records.standing(uuid).state == DRAFTED:
        raise NotNow(_("Letters are sent after the freeze."))
    told = records.people_of(uuid, labels)
    for chunk in _chunks(told):
        with act(actor, SENT, subject=chunk, purpose=HOLDING, object=uuid) as evidence:
            evidence.changed(["voting/code"])
    return len(told)


def archive(actor: Actor, uuid: str) -> None:
    """End an election whose result is there: the roll is deleted, the public record stays. Raises Refused, NotNow."""
    known = records.standing(uuid)
    with act(actor, ARCHIVE, purpose=HOLDING, object=uuid) as evidence:
        if known.phase(clock.now()) != "closed" or finished(uuid) is None:
            raise NotNow(_("An election is archived once its result is there."))
        records.archive(uuid)
        evidence.changed([f"voting/election/{uuid}"])


# The identity role


def draw_pass(actor: Actor, person: Person, uuid: str, blinded: bytes) -> bytes:
    """Sign a person's one blinded pass, 256 bytes. The same again gives the same signature.

    Raises Refused; NotNow unless the election is open; NotOnTheRoll; PassDrawn for a second, different one;
    engine.refusal.Refused for what is no blinded message of this key.
    """
    package = records.standing(uuid).frozen
    if package.plan.state(clock.now()) != "open":
        raise NotNow(_("Passes are drawn while the election is open."))
    signature = passes.blind_sign(pass_keys.load(settings.COMMONWEAL, uuid), blinded)
    digest = hashlib.sha256(blinded).digest()
    own = actor.kind == "resident" and actor.person == person and actor.on_behalf_of is None
    if own and records.asked_for(uuid, person) == digest:
        return signature  # lost on the way: it was drawn, and written down, before
    with act(actor, DRAW, subject=person, purpose=HOLDING, object=uuid) as evidence:
        if records.asked_for(uuid, person) is None:
            raise NotOnTheRoll(_("You are not on the roll of this election."))
        if not records.note_asked(uuid, person, digest):
            raise PassDrawn(_("You have drawn your voting pass already. It stays in the browser that drew it."))
        evidence.changed(["voting/pass"])
    return signature


def check_in(actor: Actor, person: Person, uuid: str) -> None:
    """Note that somebody came for help, before they vote. Raises Refused, NotOnTheRoll."""
    with act(actor, HELP, subject=person, purpose=HOLDING, object=uuid) as evidence:
        if records.asked_for(uuid, person) is None:
            raise NotOnTheRoll(_("This person is not on the roll of this election."))
        evidence.changed(["voting/help"])


# The board


def board(uuid: str) -> Path:
    """Our copy of the board: a file that may not be there yet."""
    return Path(settings.COMMONWEAL.home / "voting" / f"{uuid}.bel")


def follow(uuid: str, box: boxes.Box | None = None) -> Standing:
    """Fetch what is new on the ballot server's board and put its end into the node's log.

    `box` is where the board is read, by default the server that the plan names. Opens an act with no person: the booth
    is who acts, the election is what it is about. Raises boxes.NoAnswer;
    engine.refusal.Refused when the board is no longer what it was; that then stands beside the election for
    all to see.
    """
    forbid_open_act("asking the ballot server")
    known = records.standing(uuid)
    package = known.frozen
    box = box or boxes.Server(package.plan.box)
    claimed = box.head(uuid)
    before = [logged.checkpoint for logged in known.heads]
    if not before or claimed.checkpoint != before[-1] or not board(uuid).exists():
        try:
            boxes.extend(board(uuid), package, box, claimed, before)
        except Broken as broken:
            records.note_trouble(uuid, str(broken))
            raise
        board_search.index(board(uuid))
        _log_end(uuid, claimed)
    if _ends_with_result(board(uuid)):
        results.verify(board(uuid))
    return records.standing(uuid)


def passes_drawn(uuid: str) -> int:
    """How many people drew a pass: after the close more ballots than that cannot count, and anybody may compare."""
    return records.passes_drawn(uuid)


def finished(uuid: str) -> Verified | None:
    """What our audit said of the finished record; None before there is a result."""
    return results.known(board(uuid))


def follow_all() -> None:
    """The same for every election that is under way; what does not answer is asked again later."""
    now = clock.now()
    for known in records.standings():
        if known.phase(now) in {"open", "closed"}:
            try:
                follow(known.uuid)
            except (boxes.NoAnswer, Broken):
                continue


def _ends_with_result(record: Path) -> bool:
    """Whether the last event is the result. The end of the file tells, without reading all of it."""
    with record.open("rb") as stream:
        stream.seek(-min(LAST_EVENT, record.stat().st_size), os.SEEK_END)
        return b'"type":"Result"' in stream.read()


def _log_end(uuid: str, claimed: Head) -> None:
    """Put the end of the board that we copied into the node's log, once."""
    with act(BOOTH, GROW, purpose=HOLDING, object=uuid) as evidence:
        if claimed.checkpoint not in [logged.checkpoint for logged in records.standing(uuid).heads]:
            document = add_document(Kind.ELECTION, _checkpoint(uuid, claimed.checkpoint, claimed.size)).hex()
            records.add_head(uuid, LoggedHead(claimed.checkpoint, claimed.size, document))
        evidence.changed([f"voting/board/{uuid}/{claimed.checkpoint.height}"])


def _checkpoint(uuid: str, head: Checkpoint, size: int) -> bytes:
    value = {"version": 1, "kind": "board", "election": uuid, "height": head.height, "digest": head.digest}
    return canonical(value | {"size": size})


def _require_countable(written: Draft, weights: Sequence[int]) -> None:
    """Ranked ballots are shuffled and opened singly: one that counted twice could be told from the others."""
    if any(isinstance(one, RankedQuestion) for one in written.questions) and any(weight != 1 for weight in weights):
        raise ValueError(
            _("Ranked ballots are opened one by one, so that all weigh the same. Leave out the weights, or the ranks.")
        )


def _require_draft(uuid: str) -> None:
    if records.standing(uuid).state != DRAFTED:
        raise NotNow(_("This election is frozen: nothing of it changes any more."))


def _chunks(items: Sequence[Any]) -> list[Sequence[Any]]:
    return [items[start : start + BULK_LIMIT] for start in range(0, len(items), BULK_LIMIT)]
