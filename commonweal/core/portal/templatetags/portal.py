"""`{% load portal %}`: Commonweal's own components, on top of GOV.UK's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import HttpRequest
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.core.portal.components import render

register = template.Library()

Text = str | Promise

TONES = ("good", "waiting", "bad", "note", "plain")
KINDS = {
    "human": gettext_lazy("By a person"),
    "automatic": gettext_lazy("Automatic"),
    "on-behalf": gettext_lazy("On your behalf"),
}
PROOFS = {
    "checked": gettext_lazy("In the public log, checked"),
    "pending": gettext_lazy("Waiting for the public log"),
    "broken": gettext_lazy("Does not match the public log"),
}


@register.inclusion_tag("portal/ours/icon.html")
def icon(name: str) -> dict[str, str]:
    """A small decorative drawing: person, automatic, on-behalf, checked, pending, broken, refused."""
    return {"name": name}


@register.inclusion_tag("portal/ours/status.html")
def status(text: Text, tone: str = "plain") -> dict[str, Any]:
    """Where something stands, in words; the tone (good, waiting, bad, note, plain) only colours it."""
    return {"text": text, "tone": tone if tone in TONES else "plain"}


@register.inclusion_tag("portal/ours/evidence_card.html")
def evidence_card(
    action: Text,
    *,
    who: Text,
    when: dt.datetime,
    why: Text,
    rule: Text = "",
    agency: Text = "",
    kind: str = "human",
    on_behalf_of: Text = "",
    refused: bool = False,
    proof: str = "",
    href: str = "",
    level: int = 3,
) -> dict[str, Any]:
    """One use of a person's data: who, when, why, under which rule.

    kind: human, automatic or on-behalf. proof: checked, pending, broken, or nothing to say.
    href: the page with the whole entry. level: of its heading.
    """
    return {
        "action": action,
        "who": who,
        "when": when,
        "why": why,
        "rule": rule,
        "agency": agency,
        "kind": kind if kind in KINDS else "human",
        "kind_text": KINDS.get(kind, KINDS["human"]),
        "on_behalf_of": on_behalf_of,
        "refused": refused,
        "proof": proof if proof in PROOFS else "",
        "proof_text": PROOFS.get(proof, ""),
        "href": href,
        "level": level,
    }


@register.inclusion_tag("portal/ours/timeline.html")
def timeline(entries: Iterable[Any], level: int = 3) -> dict[str, Any]:
    """What happened in order. Each entry has `when`, `title`, and may have `text`, `status`, `tone`, `href`."""
    return {"entries": entries, "level": level}


@register.inclusion_tag("portal/ours/person.html")
def person_summary(name: Text, details: Iterable[tuple[Text, Any]], level: int = 2) -> dict[str, Any]:
    """A person: their name, and what is known about them as pairs of label and value."""
    initials = "".join(word[0] for word in str(name).split()[:2] if word)
    return {"name": name, "initials": initials, "details": details, "level": level}


@register.inclusion_tag("portal/ours/data_table.html")
def data_table(
    caption: Text, columns: Sequence[Text], rows: Iterable[Sequence[Any]], numeric: str = ""
) -> dict[str, Any]:
    """A table whose rows become small cards on narrow screens; the first cell names its row.

    numeric: the positions, from 1, of columns of numbers, such as "3 4".
    """
    numbers = {int(position) - 1 for position in numeric.split()}
    labelled = [(label, position in numbers) for position, label in enumerate(columns)]
    cells = [
        [(label, is_number, cell) for (label, is_number), cell in zip(labelled, row, strict=True)] for row in rows
    ]
    return {"caption": caption, "columns": labelled, "rows": cells}


@register.inclusion_tag("portal/ours/service_card.html")
def service_card(title: Text, href: str, text: Text = "", level: int = 3) -> dict[str, Any]:
    """A service on the front page; put several into `<ul class="cw-cards">`."""
    return {"title": title, "href": href, "text": text, "level": level}


@register.simple_tag(takes_context=True)
def pages(context: Context, page: Page[Any], parameter: str = "page") -> SafeString:
    """Links to the pages of a list, keeping the rest of the address; nothing if there is one page only."""
    if page.paginator.num_pages < 2:
        return SafeString()
    request: HttpRequest = context["request"]

    def address(number: int) -> str:
        query = request.GET.copy()
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    items: list[dict[str, Any]] = [
        {"number": number, "href": address(number), "current": number == page.number}
        if isinstance(number, int)
        else {"ellipsis": True}
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    return render(
        "pagination",
        landmark_label=_("Pages"),
        items=items,
        previous={"href": address(page.previous_page_number())} if page.has_previous() else None,
        next={"href": address(page.next_page_number())} if page.has_next() else None,
    )


@register.inclusion_tag("portal/ours/masthead.html")
def masthead(title: Text, lead: Text = "", href: str = "", action: Text = "") -> dict[str, Any]:
    """The opening of the front page: a title, one sentence, at most one thing to do."""
    return {"title": title, "lead": lead, "href": href, "action": action}
