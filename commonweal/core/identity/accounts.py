"""Accounts and agencies as other rooms see them: plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from commonweal.core.clock import NotADemo
from commonweal.core.identity import models, values
from commonweal.core.identity.actors import Person
from commonweal.core.identity.flows.sessions import LONGEST

ADMINISTRATOR = "administrator"


class UnknownAccount(LookupError):
    """No account has this id."""


class NotItsRole(ValueError):
    """The role cannot be held at this agency; the text says which can."""


class UnknownAgency(LookupError):
    """The node hosts no agency with this code."""


def create_account(email: str, name: str, *, language: str = "", person: Person | None = None) -> values.Account:
    """An account with a verified address. With a `person` it is connected without any check, so only on a demo node.

    Raises NotADemo.
    """
    if person is not None and not settings.COMMONWEAL.demo:
        raise NotADemo("an account is connected to a person by an activation code, except on a demo node")
    with transaction.atomic():
        account = models.Account.objects.create_user(
            email.lower(), name=name, language=language, person_id=person.id if person else None
        )
        EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    return value(account)


def account_at(email: str) -> values.Account | None:
    """The account with this verified address, for the operator's command."""
    verified = EmailAddress.objects.filter(email=email.strip().lower(), verified=True)
    address = verified.select_related("user__person").first()
    return value(address.user) if address else None


def signed_in() -> list[values.Account]:
    """The accounts that have a session."""
    rows = models.Account.objects.filter(id__in=models.SignIn.objects.values("account")).select_related("person")
    return [value(row) for row in rows]


def value(account: models.Account) -> values.Account:
    """The frozen value of an account."""
    person = account.person.value() if account.person else None
    return values.Account(account.id, account.email, account.name, person)


def register_agency(
    code: str, names: dict[str, str], contact: dict[str, str] | None = None, *, roles: Sequence[str] = ()
) -> values.Agency:
    """Note an agency that the node hosts, or what has changed about it. About nobody's data, so no act.

    `roles` are those that may be held there, besides `administrator`.
    """
    told = {"names": names, "contact": contact or {}, "roles": sorted(roles)}
    row, _created = models.Agency.objects.update_or_create(code=code, defaults=told)
    return _agency(row)


def check_role(agency_code: str, role: str) -> None:
    """Raises UnknownAgency; NotItsRole when nobody may hold this role there."""
    allowed = {ADMINISTRATOR, *agency(agency_code).roles}
    if role not in allowed:
        raise NotItsRole(
            _("Nobody can hold the role “%(role)s” at this agency. Roles there: %(roles)s")
            % {"role": role, "roles": ", ".join(sorted(allowed))}
        )


def agency(code: str) -> values.Agency:
    """The agency with this code. Raises UnknownAgency."""
    row = models.Agency.objects.filter(code=code).first()
    if row is None:
        raise UnknownAgency(f"this node hosts no agency {code!r}")
    return _agency(row)


def agencies() -> list[values.Agency]:
    """Every agency of the node, by code."""
    return [_agency(row) for row in models.Agency.objects.order_by("code")]


def posts_of(account: UUID) -> list[values.Post]:
    """The posts that an account holds now, oldest first."""
    rows = models.Post.objects.filter(account_id=account, ended=None).order_by("since", "id")
    return [values.Post(row.id, row.account_id, row.agency_id, row.role, row.since) for row in rows]


def posts_at(agency: str) -> list[tuple[values.Post, values.Account]]:
    """The posts at an agency now and who holds them, oldest first."""
    rows = models.Post.objects.filter(agency_id=agency, ended=None).select_related("account__person").order_by("since")
    return [
        (values.Post(row.id, row.account_id, row.agency_id, row.role, row.since), value(row.account)) for row in rows
    ]


def service_accounts(agency: str) -> list[values.ServiceToken]:
    """The service accounts of an agency whose tokens are in force."""
    rows = models.ServiceAccount.objects.filter(agency_id=agency, revoked=None).order_by("created")
    return [values.ServiceToken(row.id, row.name, row.agency_id, frozenset(row.roles)) for row in rows]


def forget_abandoned(now: datetime) -> None:
    """Delete accounts whose address was never confirmed within a week, and the notes of sessions that have ended."""
    week_ago = now - timedelta(days=7)
    confirmed = EmailAddress.objects.filter(verified=True).values("user_id")
    models.Account.objects.filter(created__lt=week_ago, person=None, posts=None).exclude(id__in=confirmed).delete()
    models.SignIn.objects.filter(began__lt=now - LONGEST).delete()


def _agency(row: models.Agency) -> values.Agency:
    return values.Agency(row.code, row.names, row.contact, tuple(row.roles))
