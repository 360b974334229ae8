"""The private record of an act, as its commitment covers it (docs/protocols.md, PR-2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from uuid_utils import uuid7

from commonweal.core import clock
from commonweal.core.identity.actors import Person
from commonweal.core.ledger.entries import NODE_CHAIN
from commonweal.core.policy.actions import action_named
from commonweal.core.policy.decide import Decision, Question

MENTION = "act/mention"  # what was shown of somebody beside the subject
Subjects = list[tuple[bytes, dict[str, Any]]]  # (chain, own part of the record)


def new_act_id(action: str = "") -> bytes:
    """A UUIDv7 of now, 16 bytes; of the beginning of the day for an action of which no entry may tell more."""
    return uuid7(nanoseconds=int(_moment(action).timestamp() * 1_000) * 1_000_000).bytes


def _moment(action: str) -> datetime:
    """Now; or the beginning of the day, for an action of which no entry may tell more."""
    now = clock.now()
    day_only = bool(action) and action_named(action).day_only
    return now.replace(hour=0, minute=0, second=0, microsecond=0) if day_only else now


def shared_part(
    act_id: bytes,
    question: Question,
    decision: Decision,
    *,
    disclosed: Sequence[str] = (),
    changed: Sequence[str] = (),
    opened: bytes = b"",
) -> dict[str, Any]:
    """What the records of all subjects of one act have in common, but for its place in their chains."""
    actor = question.actor
    body: dict[str, Any] = {
        "version": 1,
        "time": clock.stamp(_moment(question.action)),
        "act": act_id.hex(),
        "actor": {"kind": actor.kind, "id": actor.id, "name": actor.name, "assurance": actor.assurance},
        "agency": actor.agency,
        "automatic": actor.automatic,
        "action": question.action,
        "purpose": question.purpose.name,
        "basis": question.purpose.basis,
        "decision": "permitted" if decision.permitted else "refused",
        "rules": list(decision.rules),
        "policy": decision.version.hex(),
    }
    optional = {
        "roles": sorted(actor.roles),
        "on_behalf_of": actor.on_behalf_of.id.hex if actor.on_behalf_of else "",
        "mandate": actor.mandate,
        "emergency": question.emergency,
        "opened": {"commitment": opened.hex()} if opened else "",
        "object": question.object,
        "consent": question.consent,
        "case": question.case,
        "disclosed": list(disclosed),
        "changed": list(changed),
    }
    return body | {name: value for name, value in optional.items() if value}


def subjects_part(people: Sequence[Person], mentioned: Sequence[Person], actor: Person | None) -> Subjects:
    """Each subject's chain and own part; people shown beside them after them; the node itself when it is nobody."""
    entries: Subjects = [
        (person.chain, {"subject": person.id.hex} | ({"own": True} if person == actor else {})) for person in people
    ]
    others = [person for person in dict.fromkeys(mentioned) if person not in people]
    entries += [(person.chain, {"subject": person.id.hex, "disclosed": [MENTION], "beside": True}) for person in others]
    return entries or [(NODE_CHAIN, {"subject": "node"})]
