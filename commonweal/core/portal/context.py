"""What the page frame needs on every page: brand, languages, navigation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_bidi, get_language_info
from django.utils.translation import gettext as _

from commonweal.core.cases.notices import unread
from commonweal.core.exchange import membership
from commonweal.core.exchange import overview as exchanges
from commonweal.core.mandates import acting


@dataclass(frozen=True)
class Language:
    """One language of the switcher: its code, its name in itself, its direction, and this page in it."""

    lang: str
    text: str
    dir: str
    href: str
    current: bool


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation."""

    href: str
    text: str
    current: bool
    active: bool


def portal(request: HttpRequest) -> dict[str, object]:
    """The template context that every page shares.

    Returns: `brand`, the node's name; `demo`, whether everything here is made up; `languages`, `direction`,
    `navigation`, built only when the page shows it, and `acting_for`, whom the page is about if not oneself.
    """
    return {
        "brand": settings.COMMONWEAL.name,
        "demo": settings.COMMONWEAL.demo,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "languages": languages(request),
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "acting_for": _acting_for(request),
    }


def _acting_for(request: HttpRequest) -> str:
    """What the person is called for whom whoever is signed in acts; "" for oneself."""
    actor = getattr(request, "actor", None)
    return acting.name(request.session) if actor and actor.on_behalf_of else ""


def languages(request: HttpRequest) -> list[Language]:
    """The languages of the node, each with the address of this page in it (`?lang=`)."""
    current = get_language()
    found = []
    for code, name in settings.LANGUAGES:
        query = request.GET.copy()
        query["lang"] = code
        direction = "rtl" if get_language_info(code)["bidi"] else "ltr"
        found.append(Language(code, name, direction, f"{request.path}?{query.urlencode()}", code == current))
    return found


def navigation(request: HttpRequest) -> list[Entry]:
    """The main entries for this person. An entry whose page is not installed on this node is left out."""
    entries = []
    for name, text in _entries_for(request):
        try:
            href = reverse(name)
        except NoReverseMatch:
            continue
        inside = href != "/" and request.path.startswith(href)
        entries.append(Entry(href, text, current=request.path == href, active=inside))
    return entries


def _entries_for(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Names of pages with their titles. Views behind a guard know the actor; error pages know the account only."""
    actor = getattr(request, "actor", None)
    signed_in = hasattr(request, "user") and request.user.is_authenticated  # errors may come before sign-in is known
    yield "portal:start", _("Services")
    if signed_in:
        yield "portal:your_data", _("Your data")
    if actor and actor.whose:
        waiting = unread(actor.person) if actor.whose == actor.person else 0
        yield "cases:inbox", _("Inbox (%(count)s)") % {"count": waiting} if waiting else _("Inbox")
    if actor and "counter-officer" in actor.roles:
        yield "mandates:counter", _("Counter")
    if actor and actor.kind == "officer":
        yield "cases:list", _("Cases")
        yield "portal:questions", _("Questions")
    if actor and "erasure-officer" in actor.roles:
        yield "erasure:find", _("Erase data")
    if actor and "investigator" in actor.roles:
        yield "investigations:read", _("Data under seal")
    if actor and "auditor" in actor.roles:
        yield "portal:audit", _("Audit")
    if actor and "operator" in actor.roles:
        yield "portal:status", _("Status")
    if actor and actor.roles & {"auditor", "operator"} and membership.joined(settings.COMMONWEAL):
        yield "exchange:exchanges", str(exchanges.TITLE)
    yield "portal:log", _("Public log")
    if signed_in:
        yield "mfa_index", _("Sign-in and security")
        yield "account_logout", _("Sign out")
    else:
        yield "account_login", _("Sign in")
