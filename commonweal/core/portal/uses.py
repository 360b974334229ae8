"""A person's entries in plain words: who used what, why, under which rule."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from commonweal.core.identity import accounts
from commonweal.core.identity.actors import Person
from commonweal.core.ledger import sealed
from commonweal.core.policy import door_rules, published
from commonweal.core.policy.actions import Undeclared, Words, action_named, in_words, purpose_named

PAGE = 25
BESIDE = _("Looked at somebody’s data in which you are named")
OWN = b'"own":true'
BASES: dict[str, Words] = {
    "consent": _("your consent"),
    "contract": _("a contract with you"),
    "legal_obligation": _("a legal obligation"),
    "vital_interest": _("protecting somebody's life"),
    "public_task": _("a public task"),
    "legitimate_interest": _("a legitimate interest"),
}


@dataclass(frozen=True)
class Use:
    """One entry of a person's history, as the person reads it."""

    n: int
    at: datetime
    says: Words
    who: str
    agency: str
    agency_code: str
    role: str
    automatic: bool
    refused: bool
    own: bool
    on_behalf: bool
    purpose: Words
    basis: Words
    rules: tuple[str, ...]
    disclosed: tuple[Words, ...]
    changed: tuple[Words, ...]
    case: str
    action: str
    policy: str
    emergency: str = ""  # the reason given for a use in an emergency
    sealed_until: date | None = None  # for a use that was under seal


@dataclass(frozen=True)
class UsesPage:
    """One page of a person's uses, newest first."""

    uses: tuple[Use, ...]
    total: int
    page: int
    erased: int = 0  # entries of which only the place is left

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True)
class Narrowing:
    """Which uses to show: all, or those of one agency, by others than the person, automatic ones, refused ones."""

    agency: str = ""
    others: bool = False
    automatic: bool = False
    refused: bool = False

    def fragments(self) -> list[bytes]:
        """Byte strings that the canonical record of a wanted use contains."""
        found = []
        if self.agency:
            found.append(f'"agency":{json.dumps(self.agency)}'.encode())
        if self.automatic:
            found.append(b'"automatic":true')
        if self.refused:
            found.append(b'"decision":"refused"')
        return found


def page_of(person: Person, number: int, narrowing: Narrowing = Narrowing()) -> UsesPage:
    """One page of a person's uses, newest first; `number` counts from 1."""
    contains = "instr(body, %s) > 0" if connection.vendor == "sqlite" else "position(%s in body) > 0"
    fragments = narrowing.fragments()
    where = " AND ".join(["chain = %s", *[contains] * len(fragments)])
    if narrowing.others:
        where += f" AND NOT {contains}"
        fragments.append(OWN)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ledger_record WHERE {where}", [person.chain, *fragments])  # noqa: S608
        total = cursor.fetchone()[0]
        cursor.execute(
            f"SELECT n, body FROM ledger_record WHERE {where} ORDER BY n DESC LIMIT %s OFFSET %s",  # noqa: S608
            [person.chain, *fragments, PAGE, (max(1, number) - 1) * PAGE],
        )
        rows = cursor.fetchall()
    return UsesPage(tuple(_uses(person, rows)), total, max(1, number), _erased(person))


def newest(person: Person, count: int) -> list[Use]:
    """The newest entries of a person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n, body FROM ledger_record WHERE chain = %s ORDER BY n DESC LIMIT %s", [person.chain, count]
        )
        rows = cursor.fetchall()
    return _uses(person, rows)


def one(person: Person, n: int) -> Use | None:
    """Entry `n` of a person, or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM ledger_record WHERE chain = %s AND n = %s", [person.chain, n])
        rows = cursor.fetchall()
    return next(iter(_uses(person, [(n, body) for (body,) in rows])), None)


def _erased(person: Person) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM ledger_record WHERE chain = %s", [person.chain])
        left: int = cursor.fetchone()[0]
        cursor.execute("SELECT n FROM ledger_head WHERE chain = %s", [person.chain])
        row = cursor.fetchone()
    return row[0] - left if row else 0


def agency_names() -> dict[str, str]:
    """The node's agencies, code -> name in the reader's language."""
    language = get_language() or "en"
    return {agency.code: agency.name(language) for agency in accounts.agencies()}


def _uses(person: Person, rows: Sequence[tuple[int, bytes]]) -> list[Use]:
    """Entries in words. One that opened an entry under seal is shown as that one."""
    names = agency_names()
    bodies = {n: json.loads(bytes(body)) for n, body in rows}
    opening = [n for n, body in bodies.items() if "opened" in body]
    originals = sealed.originals(person.chain, opening) if opening else {}
    return [_use(n, originals.get(n, body), names, n in originals) for n, body in bodies.items()]


def _use(n: int, body: dict[str, Any], names: dict[str, str], was_sealed: bool) -> Use:
    actor = body["actor"]
    purpose = purpose_named(body["purpose"])
    return Use(
        n=n,
        at=datetime.fromisoformat(body["time"]),
        says=BESIDE if body.get("beside") else _says(body["action"]),
        who=actor["name"],
        agency=names.get(body["agency"], body["agency"]),
        agency_code=body["agency"],
        role=", ".join(body.get("roles", ())),
        automatic=body["automatic"],
        refused=body["decision"] == "refused",
        own=body.get("own", False),
        on_behalf="on_behalf_of" in body,
        purpose=purpose.says if purpose else body["purpose"],
        basis=BASES[body["basis"]],
        rules=_rules(body["rules"], body["policy"]),
        disclosed=_words(body.get("disclosed", ())),
        changed=_words(body.get("changed", ())),
        case=body.get("case", ""),
        action=body["action"],
        policy=body["policy"],
        emergency=body.get("emergency", ""),
        sealed_until=date.fromisoformat(body["sealed"]["until"]) if was_sealed else None,
    )


def _says(action: str) -> Words:
    try:
        return action_named(action).says
    except Undeclared:
        return action


def _rules(names: Sequence[str], policy: str) -> tuple[str, ...]:
    """The rules as they stood when they decided, in the reader's language."""
    language = (get_language() or "en")[:2]
    rules = published.rules_at(bytes.fromhex(policy)).rules
    own = [str(door_rules.SAYS[name]) for name in names if name in door_rules.SAYS]
    found = (rules[name] for name in names if name in rules)
    return (*own, *(rule.says.get(language, rule.says["en"]) for rule in found))


def _words(references: Sequence[str]) -> tuple[Words, ...]:
    return tuple(dict.fromkeys(in_words(reference) for reference in references))
