"""Giving and ending posts and machine access."""
from __future__ import annotations

from uuid import UUID

from commonweal.core import clock
from commonweal.core.identity import accounts, codes, models, values
from commonweal.core.identity.actors import Person


def person_of(account: UUID) -> Person | None:
    """The person an account is connected to, if any. Raises UnknownAccount."""
    row = models.Account.objects.select_related("person").filter(pk=account).first()
    if row is None:
        raise accounts.UnknownAccount(f"no account {account}")
    return row.person.value() if row.person else None


def appoint(account: UUID, agency: str, role: str) -> values.Post:
    """Give an account a role at an agency from now on. Raises UnknownAgency, NotItsRole."""
    accounts.check_role(agency, role)
    row, _ = models.Post.objects.get_or_create(account_id=account, agency_id=agency, role=role, ended=None)
    return values.Post(row.id, row.account_id, row.agency_id, row.role, row.since)


def end(post: values.Post) -> None:
    """End a post. Repeating it changes nothing."""
    models.Post.objects.filter(pk=post.id, ended=None).update(ended=clock.now())


def issue_token(name: str, agency: str, roles: frozenset[str]) -> values.ServiceToken:
    """A service account and its token. Raises UnknownAgency, NotItsRole."""
    for role in roles:
        accounts.check_role(agency, role)
    token = codes.new_token()
    row = models.ServiceAccount.objects.create(
        name=name, agency_id=agency, roles=sorted(roles), token_hash=codes.token_hash(token)
    )
    return values.ServiceToken(row.id, name, agency, roles, token)


def revoke_token(service: UUID) -> None:
    """Take a token out of force. Repeating it changes nothing."""
    models.ServiceAccount.objects.filter(pk=service, revoked=None).update(revoked=clock.now())
