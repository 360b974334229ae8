"""The population register: what it offers. Pages, API, command, demo and tests call only this.

Every function opens the door (`act`) once, and returns data only after its evidence is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from commonweal.core.act import act
from commonweal.core.cases import service as cases
from commonweal.core.identity import people as identity
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.mandates import facts as acting_facts
from commonweal.core.policy.actions import Purpose, declare, reference
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.services.registry import corrections, importing, records
from commonweal.services.registry.announcements import announce
from commonweal.services.registry.engine.rows import Problem, Row
from commonweal.services.registry.purposes import KEEPING, visible
from commonweal.services.registry.reasons import READY_TEXTS
from commonweal.services.registry.values import (
    Address,
    Change,
    Circumstances,
    Correctable,
    Correction,
    Found,
    NewEntry,
    RegisterEntry,
)

OFFICE = _("the population register office")
READ = declare("registry.person.read", _("Looked at your entry in the population register"), changes=False, ask=OFFICE)
SEARCH = declare(
    "registry.person.search", _("Your name came up in a search of the population register"), changes=False, ask=OFFICE
)
REGISTER = declare("registry.person.register", _("Entered you into the population register"), changes=True, ask=OFFICE)
UPDATE = declare("registry.person.update", _("Changed your entry in the population register"), changes=True, ask=OFFICE)
BIRTH = declare("registry.birth.register", _("Entered a birth into the population register"), changes=True, ask=OFFICE)
ASK = declare("registry.correction.ask", _("Asked for a correction of your register entry"), changes=True, ask=OFFICE)
REVIEW = declare("registry.correction.review", _("Looked at your requests for corrections"), changes=False, ask=OFFICE)
CIRCUMSTANCES = declare(
    "registry.circumstances.read",
    _("Was told how many live in your household, your age, and since when you are registered"),
    changes=False,
    ask=OFFICE,
)
FEED = declare("registry.changes.read", _("Learned that your register entry changed"), changes=False, ask=OFFICE)
for _name, _words in {
    "entry": _("your whole entry"), "name": _("your name"), "born": _("your date and place of birth"),
    "died": _("whether you have died"), "address": _("your address"), "household": _("who lives with you"),
    "relations": _("your relations"), "correction": _("a request to correct your entry"),
    "changes": _("that something in your entry changed"), "given": _("your first name"),
    "family": _("your family name"), "birth_place": _("your place of birth"), "age": _("your age"),
    "household-size": _("how many live in your household"), "registered": _("since when you are registered"),
}.items():  # fmt: skip
    reference(f"registry/{_name}", _words)

CORRECTION = cases.declare_case_type(
    cases.CaseType(
        "registry.correction",
        _("Correction of an entry in the population register"),
        cases.Queue("register", "registrar"),
        days=30,  # GDPR Art. 12(3): one month
        shows=corrections.shows,
        takes_effect=corrections.take_effect,
        texts=READY_TEXTS,
    )
)

acting_facts.learn_from(minors=records.minors_of, name=records.name_of)


class TooMany(ValueError):
    """The search found more people than anyone should see at once."""


def read(
    actor: Actor, person: Person, purpose: Purpose, *, consent: str = "", case: str = "", emergency: str = ""
) -> RegisterEntry:
    """A person's entry, limited to the fields that the purpose may see. `emergency` is the reason for one.

    Raises Refused, NoEntry.
    """
    once = actor.session if purpose is OWN_ACCESS else ""
    with act(
        actor, READ, subject=person, purpose=purpose, consent=consent, case=case, key=once, emergency=emergency
    ) as evidence:
        entry = records.entry(person, visible(purpose))
        evidence.disclosed(entry.references())
        if purpose is not OWN_ACCESS:
            evidence.mentioned([mate.person for mate in entry.household or ()])
            evidence.mentioned([relative.person for relative in entry.relations or ()])
    return entry


def circumstances(
    actor: Actor, person: Person, purpose: Purpose, *, consent: str = "", case: str = ""
) -> Circumstances:
    """What questions about entitlements need to know, with the person's consent. Raises Refused, NoEntry."""
    with act(actor, CIRCUMSTANCES, subject=person, purpose=purpose, consent=consent, case=case) as evidence:
        found = records.circumstances(person)
        evidence.disclosed(["registry/age", "registry/household-size", "registry/registered"])
    return found


def search(actor: Actor, text: str, purpose: Purpose, *, born: date | None = None, case: str = "") -> list[Found]:
    """People by name, and by date of birth where it is given. Everyone found gets an entry about it.

    Officers do not find themselves: they may not work on their own entry.

    Raises Refused; ValueError for fewer than two letters; TooMany when more than 20 people match.
    """
    if len(records.folded(text)) < 2:
        raise ValueError(_("Enter at least two letters of a name"))
    found = [line for line in records.search(text, born) if line.person != actor.person]
    crowd = len(found) > records.SEARCH_LIMIT
    everyone = None if crowd else [line.person for line in found] or None
    with act(actor, SEARCH, subject=everyone, purpose=purpose, case=case) as evidence:
        if crowd:
            raise TooMany(_("More than 20 people match. Add a first name or a date of birth."))
        evidence.disclosed(["registry/name", "registry/born"])
    return found


def register(
    actor: Actor,
    entries: Sequence[NewEntry],
    *,
    ties: Sequence[tuple[int, str, int]] = (),
    source: str = "",
    rows: Sequence[Row] = (),
) -> list[Person]:
    """Enter up to 1,000 new people, as one act.

    `ties` are relations among them, (index, "parent" | "child" | "spouse", index of the other); `source` and `rows`
    tell which outside rows they were.

    Raises Refused; identity.IdentifierTaken when an identifier belongs to somebody else (then nobody is entered).
    """
    with act(actor, REGISTER, purpose=KEEPING) as evidence:
        people = identity.create_people(len(entries))
        evidence.about(people)
        records.register(people, entries)
        identity.add_identifiers(
            [
                (person, "national", new.identifier)
                for person, new in zip(people, entries, strict=True)
                if new.identifier
            ]
        )
        if ties:
            records.relate([(people[one], kind, people[other], entries[one].born) for one, kind, other in ties])
        if rows:
            importing.remember(source, people, list(rows))
        else:  # what is loaded from another register is no news
            announce("registered", [person.id for person in people])
        evidence.changed(["registry/entry"])
    return people


def load(
    actor: Actor, source: str, rows: Iterable[Row | list[Problem]], progress: Callable[[int], object] = lambda _: None
) -> importing.Outcome:
    """Load an outside register's rows (see engine/files.py), chunk by chunk, each chunk one act.

    `progress` hears how many good rows each step finished. Raises Refused, BadMapping.
    """
    outcome = importing.Outcome()
    for chunk in importing.chunks(source, rows, outcome):
        if chunk.new:
            people = register(actor, [importing.entry(row) for row in chunk.new], source=source, rows=chunk.new)
            outcome.registered += len(people)
        if chunk.changed:
            with act(actor, UPDATE, subject=[person for person, _ in chunk.changed], purpose=KEEPING) as evidence:
                for person, row in chunk.changed:
                    importing.update(source, person, row)
                evidence.changed(["registry/entry"])
            outcome.updated += len(chunk.changed)
        outcome.unchanged += chunk.unchanged
        progress(len(chunk.new) + len(chunk.changed) + chunk.unchanged)
    return outcome


def check_load(
    source: str, rows: Iterable[Row | list[Problem]], progress: Callable[[int], object] = lambda _: None
) -> importing.Outcome:
    """What `load` would do with these rows, and everything that it would find wrong with them. Changes nothing.

    Raises BadMapping.
    """
    outcome = importing.Outcome()
    for chunk in importing.chunks(source, rows, outcome):
        outcome.registered += len(chunk.new)
        outcome.updated += len(chunk.changed)
        outcome.unchanged += chunk.unchanged
        progress(len(chunk.new) + len(chunk.changed) + chunk.unchanged)
    return outcome


def move(actor: Actor, person: Person, address: Address, *, case: str = "", key: str = "") -> None:
    """Record a new address. Raises Refused."""
    with act(actor, UPDATE, subject=person, purpose=KEEPING, case=case, key=key) as evidence:
        if not evidence.repeated:
            records.move(person, address)
        evidence.changed(["registry/address"])


def rename(
    actor: Actor, person: Person, given: str, family: str, since: date, *, case: str = "", key: str = ""
) -> None:
    """Record a new name. Raises Refused."""
    with act(actor, UPDATE, subject=person, purpose=KEEPING, case=case, key=key) as evidence:
        if not evidence.repeated:
            records.rename(person, given, family, since)
        evidence.changed(["registry/name"])


def register_birth(actor: Actor, parent: Person, child: NewEntry, *, case: str = "", key: str = "") -> Person:
    """Enter a child and its relation to a parent, as one act about both. Raises Refused."""
    with act(actor, BIRTH, subject=parent, purpose=KEEPING, case=case, key=key) as evidence:
        if evidence.repeated:
            return identity.person(UUID(evidence.answer))
        newborn = identity.create_person()
        evidence.about([newborn])
        records.register([newborn], [child])
        records.relate([(newborn, "parent", parent, child.born)])
        announce("born", [newborn.id])
        evidence.changed(["registry/entry", "registry/relations"])
        evidence.answers(str(newborn.id))
    return newborn


def record_death(actor: Actor, person: Person, died: date, *, case: str = "", key: str = "") -> None:
    """Record a death. Raises Refused, NoEntry."""
    with act(actor, UPDATE, subject=person, purpose=KEEPING, case=case, key=key) as evidence:
        if not evidence.repeated:
            records.record_death(person, died)
        evidence.changed(["registry/died"])


def relate(actor: Actor, person: Person, kind: str, other: Person, since: date) -> None:
    """Record that `other` is the parent, child or spouse of `person`. Both get an entry. Raises Refused."""
    with act(actor, UPDATE, subject=[person, other], purpose=KEEPING) as evidence:
        records.relate([(person, kind, other, since)])
        announce("related", [person.id, other.id])
        evidence.changed(["registry/relations"])


def ask_correction(
    actor: Actor, person: Person, field: Correctable, proposed: str, explanation: str, *, key: str = ""
) -> Correction:
    """A resident asks for a correction, which becomes a case. The same `key` asks once, however often it is sent.

    Raises Refused, NoEntry; ValueError when nothing would change.
    """
    with act(actor, ASK, subject=person, purpose=OWN_ACCESS, key=key) as evidence:
        if evidence.repeated:
            return corrections.by_id(evidence.answer)
        correction = corrections.ask(person, field, proposed, explanation)
        case = cases.open_case(CORRECTION, person, correction.id, by=actor.name)
        evidence.changed([f"registry/correction/{correction.id}", case])
        evidence.answers(correction.id)
    return correction


def my_corrections(actor: Actor, person: Person) -> list[Correction]:
    """What a resident asked for, newest first. Raises Refused."""
    with act(actor, REVIEW, subject=person, purpose=OWN_ACCESS, key=actor.session):
        return corrections.of(person)


def cases_of(asked: Sequence[Correction]) -> dict[str, str]:
    """The case of each request, for links: request's id -> case's id."""
    return cases.cases_about(CORRECTION, [one.id for one in asked])


def changes(actor: Actor, purpose: Purpose, after: int, limit: int = 100) -> list[Change]:
    """The change feed after a position, oldest first; everyone in it gets an entry. Raises Refused."""
    found = records.changes_after(after, min(limit, 1_000))
    everyone = list({line.person.id: line.person for line in found}.values()) or None
    with act(actor, FEED, subject=everyone, purpose=purpose) as evidence:
        evidence.disclosed(["registry/changes"])
    return found
