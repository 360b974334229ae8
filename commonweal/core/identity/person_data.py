"""What identity holds about a person: how they sign in and what they are called elsewhere."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator

from commonweal.core.clock import stamp
from commonweal.core.identity import models
from commonweal.core.identity.actors import Person
from commonweal.core.identity.people import identifiers


def held(person: Person) -> dict[str, Any]:
    """The account, its ways to sign in and sessions, and the person's identifiers."""
    account = models.Account.objects.filter(person_id=person.id).first()
    held: dict[str, Any] = {"identifiers": identifiers(person)}
    if account:
        held["account"] = {"email": account.email, "name": account.name, "created": stamp(account.created)}
        held["ways_to_sign_in"] = [
            {"kind": way.type, "added": stamp(way.created_at)} for way in Authenticator.objects.filter(user=account)
        ]
        held["sessions"] = [{"began": stamp(row.began), "device": row.device} for row in account.sign_ins.all()]
    return held


def erase(person: Person) -> None:
    """Delete identifiers, the account (one that holds a post is only disconnected), and the person: id and secrets."""
    models.ExternalIdentifier.objects.filter(person_id=person.id).delete()
    models.Account.objects.filter(person_id=person.id, posts=None).delete()
    models.Account.objects.filter(person_id=person.id).update(person=None)
    models.Person.objects.filter(id=person.id).delete()
