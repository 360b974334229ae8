"""The officers' pages: the list of what waits, one case, asking the person, handing over."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.core.cases import service
from commonweal.core.cases.forms import AskForm, ConfirmForm, DecisionForm, HandOverForm, OneButtonForm
from commonweal.core.cases.titles import SHOWN, STAGES
from commonweal.core.cases.values import Case, Line, Queue
from commonweal.core.cases.worklist import COUNTED, SHOWS
from commonweal.core.portal.guards import ActingRequest, signed_in
from commonweal.core.portal.refusals import refused_page

View = Callable[[ActingRequest, UUID], HttpResponseBase]


def about_a_case(view: View) -> View:
    """A case that is not there is 404; the door refuses those whom it does not concern."""

    @wraps(view)
    def found(request: ActingRequest, case_id: UUID) -> HttpResponseBase:
        try:
            return view(request, case_id)
        except service.NoCase:
            raise Http404 from None

    return found


@signed_in
def listed(request: ActingRequest) -> HttpResponseBase:
    """What waits for the officer, by due date."""
    if request.actor.kind != "officer":
        return refused_page(request)
    narrowing = _narrowing(request)
    found = service.worklist(request.actor, narrowing, request.GET.get("after", ""))
    context = {
        "columns": [_("Case"), _("What"), _("Due"), _("Stage"), _("With"), _("Language")],
        "rows": [_row(line) for line in found.lines],
        "narrowing": narrowing,
        "shows": [(name, SHOWN[name], _count(found.counts.get(name))) for name in SHOWS],
        "queues": service.queues_of(request.actor),
        "spoken": settings.LANGUAGES,
        "after": found.after,
    }
    return render(request, "cases/list.html", context)


@signed_in
@about_a_case
def case(request: ActingRequest, case_id: UUID) -> HttpResponseBase:
    """One case: take it, give it back, decide, or confirm what a colleague proposes."""
    found = service.read(request.actor, str(case_id))
    wish = request.POST.get("do", "")
    if wish in ("claim", "release"):
        return _taken_or_given_back(request, found, wish)
    form = _form(request, found)
    if request.method == "POST" and form.is_valid():
        try:
            done = _decide(request, found, form)
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return redirect("cases:list")
    button = OneButtonForm(initial={"key": uuid4().hex}, auto_id="button_%s")
    return render(request, "cases/case.html", {"case": found, "form": form, "button": button})


@signed_in
@about_a_case
def ask(request: ActingRequest, case_id: UUID) -> HttpResponseBase:
    """Ask the person whom the case is about."""
    found = service.read(request.actor, str(case_id))
    form = AskForm(request.POST or None, initial={"key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            service.ask(request.actor, found.id, given["text"], key=given["key"])
        except ValueError as error:
            form.add_error("text", str(error))
        else:
            messages.success(request, _("Your question was sent."))
            return redirect("cases:case", case_id)
    return render(request, "cases/ask.html", {"case": found, "form": form})


@signed_in
@about_a_case
def hand_over(request: ActingRequest, case_id: UUID) -> HttpResponseBase:
    """Hand the case to a colleague or to another office."""
    found = service.read(request.actor, str(case_id))
    choices = service.colleagues(request.actor, found.id)
    form = HandOverForm(request.POST or None, initial={"key": uuid4().hex}, case=found, colleagues=choices)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        to = Queue.parse(given["to"]) if "/" in given["to"] else given["to"]
        try:
            service.hand_over(request.actor, found.id, to, given["text"], key=given["key"])
        except ValueError as error:
            form.add_error("to", str(error))
        else:
            messages.success(request, _("The case was handed over."))
            return redirect("cases:list")
    return render(request, "cases/hand_over.html", {"case": found, "form": form})


def _taken_or_given_back(request: ActingRequest, found: Case, wish: str) -> HttpResponseBase:
    key = request.POST.get("key", "")[:64]
    try:
        if wish == "claim":
            service.claim(request.actor, found.id, key=key)
            return redirect("cases:case", found.id)
        service.release(request.actor, found.id, key=key)
        messages.success(request, _("The case is back in its list."))
    except service.NotNow as error:
        messages.error(request, str(error))
    return redirect("cases:list")


def _form(request: ActingRequest, found: Case) -> Any:
    form = ConfirmForm if found.status == "proposed" else DecisionForm
    return form(request.POST or None, initial={"key": uuid4().hex}, case=found)


def _decide(request: ActingRequest, found: Case, form: Any) -> str:
    given = form.cleaned_data
    if isinstance(form, ConfirmForm):
        service.confirm(request.actor, found.id, given["agree"] == "yes", given["reason"], key=given["key"])
        return _("Your answer was recorded.")
    service.decide(request.actor, found.id, given["outcome"], form.written_reason(), key=given["key"])
    if found.type.four_eyes:
        return _("Your decision was recorded. It takes effect when a colleague agrees.")
    return _("Your decision was recorded, and the person can read it.")


def _narrowing(request: ActingRequest) -> service.Narrowing:
    show = request.GET.get("show", "open")
    return service.Narrowing(
        show if show in SHOWS else "open", request.GET.get("queue", ""), request.GET.get("language", "")[:5]
    )


def _count(found: int | None) -> str:
    """How many there are, behind the words that say what: counted up to a thousand, so that it stays fast."""
    if found is None:
        return ""
    return f" ({localize(COUNTED)}+)" if found > COUNTED else f" ({found})"


def _row(line: Line) -> list[Any]:
    link = format_html('<a class="govuk-link" href="{}">{}</a>', reverse("cases:case", args=[line.id]), line.number)
    owner = _("You") if line.mine else line.owner or _("Nobody")
    return [link, line.says, _due(line), _stage(line), owner, dict(settings.LANGUAGES).get(line.language, "")]


def _stage(line: Line) -> str:
    return str(STAGES[line.status, line.appeal])


def _due(line: Line) -> SafeString | str:
    days = line.days_left
    if line.status == "closed":
        return _("Decided")
    if days < 0:
        words = ngettext("%(days)s day late", "%(days)s days late", -days) % {"days": -days}
        return _tag(words, "bad")
    words = ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days} if days else _("today")
    return _tag(words, "waiting" if days < 3 else "plain")


def _tag(words: str, tone: str) -> SafeString:
    return format_html('<strong class="govuk-tag cw-status cw-status--{}">{}</strong>', tone, words)
