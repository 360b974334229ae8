"""Identity: what it offers to other rooms, to its own pages, and to the command.

The functions in the first part only read or write identity's own tables and are called inside the acts of other rooms.
Those in the second part open the door themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from commonweal.core.act import act
from commonweal.core.identity import models, notices
from commonweal.core.identity.accounts import (
    UnknownAccount,
    UnknownAgency,
    account_at,
    agencies,
    agency,
    create_account,
    posts_at,
    posts_of,
    register_agency,
    service_accounts,
)
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.identity.authentication import account_reference, actor_for, actor_of, actor_of_token
from commonweal.core.identity.flows import activation, appointments, demo, recovery, sessions
from commonweal.core.identity.flows.activation import AlreadyConnected, WrongCode
from commonweal.core.identity.people import (
    IdentifierTaken,
    UnknownPerson,
    add_identifier,
    add_identifiers,
    create_people,
    create_person,
    identifiers,
    identify,
    known,
    pairwise,
    people,
    person,
    taken,
)
from commonweal.core.identity.purposes import PROOFING, SECURITY, STAFFING
from commonweal.core.identity.values import Account, DemoOffer, Post, ServiceToken, SignedIn
from commonweal.core.policy.actions import Words, declare

__all__ = [
    "AlreadyConnected", "IdentifierTaken", "UnknownAccount", "UnknownAgency", "UnknownPerson", "WrongCode",
    "account_at", "actor_of", "actor_of_token", "add_identifier", "add_identifiers", "agencies", "agency",
    "appoint", "create_account", "create_people", "create_person", "demo_offers", "end_post", "identifiers",
    "identify", "issue_activation_code", "issue_token", "known", "offer_demo_sign_in", "pairwise", "people",
    "person", "posts_at", "posts_of", "register_agency", "revoke_token", "service_accounts", "taken",
]  # fmt: skip

OFFICE = _("the identity office")


def _change(name: str, says: Words) -> str:
    return declare(name, says, changes=True, ask=OFFICE)


SIGN_IN = _change("identity.sign-in", _("Signed in to your account"))
DEMO_SIGN_IN = _change("identity.demo-sign-in", _("Signed in to your account on the demo page"))
FAILED = _change("identity.sign-in.failed", _("Tried to sign in to your account and failed"))
END_SESSION = _change("identity.session.end", _("Signed your account out on another device"))
ADD_METHOD = _change("identity.method.add", _("Added a way to sign in to your account"))
REMOVE_METHOD = _change("identity.method.remove", _("Removed a way to sign in to your account"))
CHANGE_EMAIL = _change("identity.email.change", _("Changed the e-mail address of your account"))
ASK_RECOVERY = _change("identity.recovery.ask", _("Asked to get back into your account without its devices"))
CANCEL_RECOVERY = _change("identity.recovery.cancel", _("Cancelled the recovery of your account"))
RECOVER = _change("identity.recovery.complete", _("Got back into your account with a new passkey"))
ISSUE_CODE = _change("identity.activation.issue", _("Issued a code that connects an account to your entry"))
CONNECT = _change("identity.account.connect", _("Connected an account to your entry"))
APPOINT = _change("identity.post.appoint", _("Appointed you to a post"))
END_POST = _change("identity.post.end", _("Ended your post"))
ISSUE_TOKEN = _change("identity.token.issue", _("Gave a machine access for an agency"))
REVOKE_TOKEN = _change("identity.token.revoke", _("Took a machine's access away"))

T = TypeVar("T")


# Signing in


def sign_in(request: HttpRequest, account: models.Account, enter: Callable[[], None]) -> None:
    """Let an account in, together with the evidence of it; `enter` renews the session. Raises Refused, NotADemo."""
    actor = actor_for(account, request)
    by_demo = demo.used_in(get_authentication_records(request, account))
    action = DEMO_SIGN_IN if by_demo else SIGN_IN
    with act(actor, action, subject=actor.person, purpose=SECURITY) as evidence:
        enter()
        session = sessions.begin(request, account, demo=by_demo)
        evidence.changed([f"identity/session/{session.id.hex}"])


def record_failed_sign_in(account: models.Account, reason: str) -> None:
    """Show a known account's owner that somebody failed to sign in. The node notes it: nobody proved who it was."""
    owner = account.person.value() if account.person else None
    with act(the_node("sign-in"), FAILED, subject=owner, purpose=SECURITY, object=reason) as evidence:
        evidence.changed([account_reference(account)])


def change_sign_in(actor: Actor, action: str, change: Callable[[], T], *, what: str) -> T:
    """Do a change of the actor's own ways to sign in (`what`: passkey, totp ...) together with its evidence.

    Raises Refused.
    """
    with act(actor, action, subject=actor.person, purpose=SECURITY, object=what) as evidence:
        result = change()
        evidence.changed([f"identity/{what}"])
    return result


def sessions_of(account: models.Account) -> list[SignedIn]:
    """The account's sessions, newest first."""
    return [SignedIn(row.id.hex, row.began, row.seen, row.device, row.demo) for row in sessions.of(account)]


def end_session(actor: Actor, account: models.Account, session: str) -> None:
    """End one session of one's own account; an empty `session` ends all others. Raises Refused."""
    with act(actor, END_SESSION, subject=actor.person, purpose=SECURITY) as evidence:
        if session:
            sessions.end(account, session)
        else:
            sessions.end_others(account, actor.session)
        evidence.changed([f"identity/session/{session or 'others'}"])


def sign_out(actor: Actor, account: Account) -> int:
    """The operator ends every session of an account, whose owner sees it. Returns how many. Raises Refused."""
    with act(actor, END_SESSION, subject=account.person, purpose=SECURITY, object="by-operator") as evidence:
        ended = sessions.end_all(account.id)
        evidence.changed(["identity/session/all"])
    return ended


# Losing every device


def ask_recovery(email: str) -> None:
    """Begin the recovery of the account at this address, if there is one that can; one mail goes out in every case."""
    account = recovery.account_at(email)
    if account is None or not recovery.may_ask(account):
        notices.no_recovery(email, account)
        return
    owner = account.person.value() if account.person else None
    with act(the_node("recovery"), ASK_RECOVERY, subject=owner, purpose=SECURITY) as evidence:
        request, token = recovery.ask(account)
        evidence.changed([f"identity/recovery/{request.id.hex}"])
    notices.recovery_asked(account, request.opens, token)


def cancel_recovery(request: models.RecoveryRequest) -> None:
    """Cancel a recovery, as whoever holds the token from the mail, or signed in with the account's own device."""
    owner = request.account.person.value() if request.account.person else None
    with act(the_node("recovery"), CANCEL_RECOVERY, subject=owner, purpose=SECURITY) as evidence:
        recovery.cancel(request)
        evidence.changed([f"identity/recovery/{request.id.hex}"])


def recover(request: HttpRequest, account: models.Account, opened: str, add_passkey: Callable[[], T]) -> T:
    """Replace every lost device by one new passkey. `opened` says what opened the recovery: `request:ID` or `code:ID`.

    Raises Refused, NotOpenYet, WrongCode.
    """
    actor = actor_for(account, request)
    how = "delay" if opened.startswith("request:") else "in-person"
    with act(actor, RECOVER, subject=actor.person, purpose=SECURITY, object=how) as evidence:
        recovery.use_up(opened)
        recovery.forget_devices(account)
        added = add_passkey()
        evidence.changed(["identity/passkey", "identity/session"])
    notices.recovered(account)
    return added


# Connecting an account to a person


def issue_activation_code(actor: Actor, subject: Person, *, in_person: bool) -> str:
    """A one-time code, as printed, that connects an account to `subject`; in person it can also replace a lost one.

    Raises Refused.
    """
    how = "in-person" if in_person else "letter"
    with act(actor, ISSUE_CODE, subject=subject, purpose=PROOFING, object=how) as evidence:
        code = activation.issue(subject, actor.agency, in_person=in_person)
        evidence.changed(["identity/activation-code"])
    return code


def connect(actor: Actor, account: models.Account, typed: str) -> Person:
    """Connect the actor's account to the person whose code they typed. Raises Refused, WrongCode, AlreadyConnected."""
    code = activation.pending(typed)
    subject = code.person.value()
    with act(actor, CONNECT, subject=subject, purpose=PROOFING) as evidence:
        replaced = activation.connect(account, code)
        evidence.changed([account_reference(account)] + ([account_reference(replaced)] if replaced else []))
    notices.connected(account, replaced)
    return subject


# Posts and service accounts


def appoint(actor: Actor, account: UUID, agency: str, role: str) -> Post:
    """Give an account a role at an agency. Repeating it changes nothing.

    Raises Refused, UnknownAccount, UnknownAgency.
    """
    with act(actor, APPOINT, subject=appointments.person_of(account), purpose=STAFFING, object=agency) as evidence:
        post = appointments.appoint(account, agency, role)
        evidence.changed([f"identity/post/{post.id}"])
    return post


def end_post(actor: Actor, post: Post) -> None:
    """End a post now. Raises Refused."""
    subject = appointments.person_of(post.account)
    with act(actor, END_POST, subject=subject, purpose=STAFFING, object=post.agency) as evidence:
        appointments.end(post)
        evidence.changed([f"identity/post/{post.id}"])


def issue_token(actor: Actor, name: str, agency: str, roles: frozenset[str]) -> ServiceToken:
    """A service account that acts for an agency, with its bearer token, which is shown this once. Raises Refused."""
    with act(actor, ISSUE_TOKEN, purpose=STAFFING, object=agency) as evidence:
        issued = appointments.issue_token(name, agency, roles)
        evidence.changed([f"identity/service/{issued.id.hex}"])
    return issued


def revoke_token(actor: Actor, token: ServiceToken) -> None:
    """Take a service account's token out of force now. Raises Refused."""
    with act(actor, REVOKE_TOKEN, purpose=STAFFING, object=token.agency) as evidence:
        appointments.revoke_token(token.id)
        evidence.changed([f"identity/service/{token.id.hex}"])


# The demo


def offer_demo_sign_in(account: UUID, label: str) -> None:
    """Put an account on the demo's sign-in page. Raises NotADemo."""
    demo.offer(account, label)


def demo_offers() -> list[DemoOffer]:
    """The accounts on the demo's sign-in page. Raises NotADemo."""
    return [DemoOffer(row.account_id, row.account.name or row.account.email, row.label) for row in demo.offered()]
