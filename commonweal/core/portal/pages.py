"""The resident's pages: start, "Your data", one use, asking about it, checking the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from commonweal.core.exchange import membership
from commonweal.core.identity.actors import Person
from commonweal.core.ledger import service as ledger
from commonweal.core.ledger.verify import HistoryReport, VerifierKey, verify_history
from commonweal.core.policy.actions import Words
from commonweal.core.portal import service, uses
from commonweal.core.portal.guards import ActingRequest, open_to_all, signed_in
from commonweal.core.portal.question_forms import AskForm
from commonweal.core.portal.uses import Narrowing, UsesPage

LARGEST = 2**63 - 1
NARROWINGS = ("others", "automatic", "refused")


@dataclass(frozen=True)
class ServiceCard:
    """A service as the start page lists it."""

    title: Words
    text: Words
    href: str


def about_oneself(view: Callable[[ActingRequest], HttpResponseBase]) -> Callable[[ActingRequest], HttpResponseBase]:
    """For pages about whoever is signed in, or whom they act for. An officer in a post, and an account that is nobody's
    yet, learn what to do first."""

    @wraps(view)
    def asked(request: ActingRequest) -> HttpResponseBase:
        if request.actor.kind == "officer" and request.actor.on_behalf_of is None:
            agency = uses.agency_names().get(request.actor.agency, request.actor.agency)
            return render(request, "portal/your_data/in_post.html", {"agency": agency})
        if request.actor.whose is None:
            return render(request, "portal/your_data/unconnected.html")
        return view(request)

    return asked


def about_an_entry(view: Callable[[ActingRequest, int], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Entries count from 1; there is nothing at numbers that no table can hold."""

    @wraps(view)
    def found(request: ActingRequest, n: int) -> HttpResponseBase:
        if not 0 < n <= LARGEST:
            raise Http404
        return view(request, n)

    return found


@open_to_all
def start(request: HttpRequest) -> HttpResponse:
    """The front page: what can be done here."""
    return render(request, "portal/start.html", {"services": _services()})


@signed_in
def begin(request: ActingRequest) -> HttpResponseBase:
    """Where somebody lands who has signed in: residents at what concerns them, officers at their work."""
    desks = {"auditor": "portal:audit", "operator": "portal:status"}
    if request.actor.kind != "officer":
        return redirect("portal:your_data")
    return redirect(next((page for role, page in desks.items() if role in request.actor.roles), "cases:list"))


@signed_in
@about_oneself
def your_data(request: ActingRequest) -> HttpResponse:
    """Who used the signed-in person's data, newest first."""
    person = _connected(request)
    narrowing = Narrowing(
        agency=request.GET.get("agency", ""), **{name: request.GET.get("only") == name for name in NARROWINGS}
    )
    found = service.uses_of(request.actor, person, _whole(request, "page") or 1, narrowing)
    if found.page > found.pages:
        raise Http404
    context = {
        "found": found,
        "page": _Pages(found).page(found.page),
        "narrowing": narrowing,
        "agencies": uses.agency_names(),
        "services": _services(),
        "federated": membership.joined(settings.COMMONWEAL),
    }
    return render(request, "portal/your_data/uses.html", context)


@signed_in
@about_an_entry
def use(request: ActingRequest, n: int) -> HttpResponse:
    """One use: everything that was written down about it."""
    person = _connected(request)
    found = service.use_of(request.actor, person, n)
    if found is None:
        raise Http404
    questions = service.questions_of(request.actor, person, n)
    return render(request, "portal/your_data/use.html", {"use": found, "questions": questions})


@signed_in
@about_an_entry
def ask(request: ActingRequest, n: int) -> HttpResponseBase:
    """Ask the agency about one use."""
    person = _connected(request)
    found = service.use_of(request.actor, person, n)
    if found is None:
        raise Http404
    form = AskForm(request.POST or None, initial={"key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"].strip()
        try:
            # After a broken line the browser sends the same question with another key.
            if all(one.answered or one.text != text for one in service.questions_of(request.actor, person, n)):
                service.ask(request.actor, person, n, text, key=form.cleaned_data["key"])
        except ValueError as error:
            form.add_error("text", str(error))
        else:
            messages.success(request, _("Your question was sent. The answer will appear on this page."))
            return redirect("portal:use", n=n)
    return render(request, "portal/your_data/ask.html", {"form": form, "use": found})


@signed_in
@about_an_entry
def receipt(request: ActingRequest, n: int) -> HttpResponse:
    """The receipt of one use, to keep and to check anywhere."""
    try:
        found = service.receipt(request.actor, _connected(request), n)
    except (ledger.NoSuchEntry, FileNotFoundError):
        raise Http404 from None
    return _file(found, f"receipt-{n}.json")


@signed_in
def history(request: ActingRequest) -> HttpResponse:
    """The entries that the device checks, without proofs: it fetches the public log itself."""
    first, stop = _whole(request, "start") or 1, _whole(request, "stop")
    try:
        found = service.history_for_device(request.actor, _connected(request), first, stop)
    except FileNotFoundError:
        raise Http404 from None
    return JsonResponse(found.as_json())


@signed_in
def download(request: ActingRequest) -> HttpResponse:
    """The whole history with its proofs, as a file."""
    try:
        return _file(service.download(request.actor, _connected(request)), "history.json")
    except FileNotFoundError:
        raise Http404 from None


@signed_in
@about_oneself
def check(request: ActingRequest) -> HttpResponse:
    """Check the record: on the device with JavaScript; without it, on the node, which says so."""
    report, unpublished = None, False
    if request.method == "POST":
        try:
            report = _checked_here(request, _connected(request))
        except FileNotFoundError:  # a new node publishes within seconds
            unpublished = True
    context = {"report": report, "unpublished": unpublished, "words": _finding_words(), "log": _log_address()}
    return render(request, "portal/your_data/check.html", context)


@open_to_all
def log(request: HttpRequest) -> HttpResponse:
    """The public log, for people: what it is, how big, how to check it."""
    try:
        head = ledger.checkpoint()
    except FileNotFoundError:
        head = None
    vkeys = settings.COMMONWEAL.log / "vkeys"
    keys = vkeys.read_text("utf-8").split() if vkeys.exists() else []
    return render(request, "portal/log.html", {"head": head, "keys": keys, "log": _log_address()})


class _Pages(Paginator[Any]):
    """Page numbers for a list that the database has cut already."""

    def __init__(self, found: UsesPage) -> None:
        super().__init__(range(found.total), uses.PAGE)


def _services() -> list[ServiceCard]:
    found = []
    for name, module in settings.SERVICES.items():
        config = next(config for config in apps.get_app_configs() if config.name == module)
        try:
            href = reverse(f"{name}-pages:start")
        except NoReverseMatch:
            continue
        found.append(ServiceCard(config.verbose_name, getattr(config, "lead", ""), href))
    return found


def _connected(request: ActingRequest) -> Person:
    if request.actor.whose is None:
        raise Http404
    return request.actor.whose


def _whole(request: HttpRequest, name: str) -> int | None:
    """The number under a name of the query; None when there is none, or it is longer than any number of entries."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _file(found: ledger.History, name: str) -> HttpResponse:
    response = HttpResponse(found.text(), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _checked_here(request: ActingRequest, person: Person) -> HistoryReport:
    found = service.download(request.actor, person)
    return verify_history(found.as_json(), [VerifierKey.parse(key) for key in found.vkeys])


def _log_address() -> str:
    return reverse("ledger:file", args=["checkpoint"]).removesuffix("checkpoint")


def _finding_words() -> dict[str, str]:
    """What each finding means for the person, by its code (see ledger/verify.py)."""
    return {
        "signature": _("The public log is not signed with the key that it should be signed with."),
        "tree": _("The files of the public log do not fit together."),
        "counter": _("An entry is missing: the entries are not numbered without gaps."),
        "link": _("An entry was changed, removed or put in another place: the chain is broken."),
        "label": _("The entries belong to another person's chain."),
        "leaf": _("An entry is not what the public log says it was."),
        "unlogged": _("An entry is not in the public log although later ones are."),
        "erased": _("An entry is gone, and no record says that it was erased."),
        "sealed": _("An entry that was under seal was changed, or was not in the public log before it was opened."),
        "tail": _("The newest entries are missing."),
        "head": _("The node's own summary names another entry than the one shown here."),
        "epoch": _("The node's summary of all chains is not in the public log."),
        "epoch_old": _("The node's summary of all chains is older than it should be."),
        "anchor_log": _("The public log was rewritten since you last checked on this device."),
        "anchor_entry": _("Your entries were rewritten since you last checked on this device."),
    }
