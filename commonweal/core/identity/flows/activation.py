"""Connecting an account to a person with a code that came by letter or was given after an in-person check."""
from __future__ import annotations

from datetime import timedelta

from django.db.models import F

from commonweal.core import clock
from commonweal.core.identity import codes, models
from commonweal.core.identity.actors import Person

VALID_FOR = timedelta(days=30)


class WrongCode(ValueError):
    """The code was never issued, has been used, replaced, or is too old."""


class AlreadyConnected(ValueError):
    """The account has an entry already, or the entry has an account that this code cannot replace."""


def issue(person: Person, agency: str, *, in_person: bool) -> str:
    """A new code for this person, which voids the ones before. Returns it as printed; it is not kept."""
    now = clock.now()
    models.ActivationCode.objects.filter(person_id=person.id, used=None, expires__gt=now).update(expires=now)
    code = codes.new_code()
    models.ActivationCode.objects.create(
        person_id=person.id,
        code_hash=codes.code_hash(code),
        in_person=in_person,
        agency_id=agency or None,
        issued=now,
        expires=now + VALID_FOR,
    )
    return codes.shown(code)


def pending(typed: str) -> models.ActivationCode:
    """The unused code that somebody typed. Raises WrongCode."""
    code = codes.read(typed)
    row = models.ActivationCode.objects.select_related("person").filter(
        code_hash=codes.code_hash(code or ""), used=None, expires__gt=clock.now()
    )
    found = row.first() if code else None
    if found is None:
        raise WrongCode("no such code is waiting to be used")
    return found


def use_up(row: models.ActivationCode) -> None:
    """Mark a code as used, once for ever. Raises WrongCode when somebody else was quicker."""
    waiting = models.ActivationCode.objects.filter(pk=row.pk, used=None, expires__gt=clock.now())
    if not waiting.update(used=clock.now(), expires=F("expires")):
        raise WrongCode("the code has been used")


def connect(account: models.Account, row: models.ActivationCode) -> models.Account | None:
    """Connect the account to the code's person. Returns the account that it replaces, if any.

    Raises WrongCode, AlreadyConnected.
    """
    account.refresh_from_db()
    if account.person_id is not None:
        raise AlreadyConnected("this account is connected to an entry already")
    before = models.Account.objects.filter(person_id=row.person_id).first()
    if before is not None and not row.in_person:
        raise AlreadyConnected("this entry has an account; only an in-person check can replace it")
    use_up(row)
    if before is not None:
        models.Account.objects.filter(pk=before.pk).update(person=None)
        models.SignIn.objects.filter(account=before).delete()
        models.Post.objects.filter(account=before, ended=None).update(ended=clock.now())
    models.Account.objects.filter(pk=account.pk).update(person_id=row.person_id)
    account.refresh_from_db()
    return before
