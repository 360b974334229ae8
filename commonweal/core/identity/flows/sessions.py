"""Signed-in sessions: when they end, and how their owner sees and ends them. Limits after login.gov and NIST AAL2."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from commonweal.core import clock
from commonweal.core.identity import models
from commonweal.core.identity.authentication import SIGN_IN_KEY
from commonweal.core.identity.flows import posts

LONGEST = timedelta(hours=12)
IDLE_OFFICER = timedelta(minutes=15)
IDLE_RESIDENT = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=1)


def begin(request: HttpRequest, account: models.Account, *, demo: bool) -> models.SignIn:
    """Note that a session was signed in."""
    now = clock.now()
    row = models.SignIn.objects.create(account=account, began=now, seen=now, device=_device(request), demo=demo)
    request.session[SIGN_IN_KEY] = row.id.hex
    request.session.set_expiry(int(LONGEST.total_seconds()))
    return row


def still_stands(request: HttpRequest, account: models.Account) -> bool:
    """True while the session is neither ended, idle, too old, nor a demo session on a node that is none."""
    row = models.SignIn.objects.filter(id=_id(request.session.get(SIGN_IN_KEY, "")), account=account).first()
    if row is None or (row.demo and not settings.COMMONWEAL.demo):
        return False
    now = clock.now()
    idle = IDLE_OFFICER if posts.acting_in(account, request.session) else IDLE_RESIDENT
    if now - row.began >= LONGEST or now - row.seen >= idle:
        row.delete()
        return False
    if now - row.seen >= NOTED_EVERY:
        models.SignIn.objects.filter(pk=row.pk).update(seen=now)
    return True


def of(account: models.Account) -> list[models.SignIn]:
    """The sessions of an account that may still be in use, newest first."""
    return list(models.SignIn.objects.filter(account=account, began__gt=clock.now() - LONGEST).order_by("-seen"))


def end(account: models.Account, session: str) -> bool:
    """End one session of the account. False when it has none by that id."""
    return bool(models.SignIn.objects.filter(account=account, id=_id(session)).delete()[0])


def end_others(account: models.Account, session: str) -> None:
    """End every session of the account but this one."""
    models.SignIn.objects.filter(account=account).exclude(id=_id(session)).delete()


def end_all(account: UUID) -> int:
    """End every session of the account with this id; how many there were."""
    return models.SignIn.objects.filter(account_id=account).delete()[0]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _device(request: HttpRequest) -> str:
    """Browser and system in two words, and no more of what a browser tells about itself."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " · ".join(filter(None, [browser, system]))


_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("OPR", "Opera"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip
