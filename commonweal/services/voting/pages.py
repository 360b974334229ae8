"""The room's pages for everybody: the list of elections, one election, the pass, the board, what trustees do."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commonweal.core import clock
from commonweal.core.portal.guards import ActingRequest, open_to_all, signed_in
from commonweal.services.voting import office_pages, records, results, service
from commonweal.services.voting.board_search import state_on_board
from commonweal.services.voting.engine.passes import base64url, from_base64url
from commonweal.services.voting.engine.refusal import Refused as Broken
from commonweal.services.voting.forms import TrackerForm
from commonweal.services.voting.values import Standing

SHOWN_HEADS = 5


@open_to_all
def start(request: ActingRequest) -> HttpResponse:
    """All elections; whoever is signed in sees which are theirs."""
    known = [one for one in service.standings() if one.state != "draft"]
    return render(request, "voting/start.html", {"elections": _cards(request, known)})


@open_to_all
def election(request: ActingRequest, election: str) -> HttpResponse:
    """One election: what is asked, what it protects and what not, the way to the booth."""
    known = public(election)
    (card,) = _cards(request, [known])
    frozen = known.frozen
    context = {
        "card": card, "known": known, "plan": frozen.plan, "questions": frozen.election.questions,
        "weighted": frozen.credentials.weighted,
    }  # fmt: skip
    return render(request, "voting/election.html", context)


@signed_in
def draw_pass(request: ActingRequest, election: str) -> HttpResponseBase:
    """Sign the voter's blinded pass, and send it back to the booth behind #, which no server sees."""
    known = public(election)
    plan, given = known.frozen.plan, request.GET if request.method == "GET" else request.POST
    blinded, back = given.get("blinded", ""), given.get("return", "")
    if not back.startswith(f"{plan.box}/"):
        raise Http404
    answer: HttpResponseBase
    problem = _cannot_draw(request)
    if request.method == "POST" and not problem:
        try:
            signature = service.draw_pass(request.actor, request.actor.person, election, from_base64url(blinded))  # type: ignore[arg-type]
        except (service.NotNow, service.NotOnTheRoll, service.PassDrawn) as refused:
            problem = str(refused)
        except Broken:
            problem = _("The booth’s request cannot be read. Go back to the booth and try again.")
        else:
            answer = HttpResponse(status=303)
            answer["Location"] = f"{back.partition('#')[0]}#blind_signature={base64url(signature)}"
            return answer
    context = {"known": known, "blinded": blinded, "back": back, "problem": problem}
    answer = render(request, "voting/pass.html", context, status=409 if problem and request.method == "POST" else 200)
    return csp_update({"form-action": [plan.box]})(lambda _request: answer)(request)


@open_to_all
def board(request: ActingRequest, election: str) -> HttpResponse:
    """For observers: the checkpoints in the log, a search for a tracker, the ceremony, the result with its proofs.

    The tracker is posted: in the address it would stand in a log beside the voter's network address.
    """
    known = public(election)
    copy = service.board(election)
    form, drawn = TrackerForm(request.POST or None), service.passes_drawn(election)
    context: dict[str, Any] = {
        "known": known,
        "plan": known.frozen.plan,
        "phase": known.phase(clock.now()),
        "form": form,
        "heads": list(reversed(known.heads))[:SHOWN_HEADS],
        "record": copy.exists(),
        "trustees": known.frozen.trustees.public_keys,
        "passes": drawn,
    }
    if form.is_bound and form.is_valid() and copy.exists():
        tracker = form.cleaned_data["tracker"].strip()
        context |= {"tracker": tracker, "state": state_on_board(copy, tracker)}
    if finished := service.finished(election):
        context |= {"verified": finished, "stuffed": finished.counted > drawn}
        if finished.result:
            context["outcomes"] = _outcomes(election, get_language() or "en")
    return render(request, "voting/board.html", context)


@open_to_all
def trustees(request: ActingRequest, election: str) -> HttpResponse:
    """What a trustee does, step by step."""
    known = public(election)
    return render(request, "voting/trustees.html", {"known": known, "plan": known.frozen.plan, "address": _address()})


@open_to_all
def package(request: HttpRequest, election: str) -> HttpResponse:
    """The frozen package, for every role and observer."""
    return HttpResponse(public(election).frozen.content(), content_type="application/json")


@open_to_all
def record(request: HttpRequest, election: str) -> HttpResponseBase:
    """Our copy of the board."""
    public(election)
    copy = service.board(election)
    if not copy.exists():
        raise Http404
    return FileResponse(
        copy.open("rb"), as_attachment=True, filename=f"{election}.bel", content_type="application/x-tar"
    )


@open_to_all
def checkpoints(request: HttpRequest, election: str) -> HttpResponse:
    """Every checkpoint in the log, for `commonweal voting audit --checkpoint FILE`."""
    found = [
        {"height": one.checkpoint.height, "digest": one.checkpoint.digest, "size": one.size, "document": one.document}
        for one in public(election).heads
    ]
    return JsonResponse(found, safe=False)


def public(election: str) -> Standing:
    """A frozen election. Raises Http404."""
    try:
        known = service.standing(election)
    except records.NoElection:
        raise Http404 from None
    if known.package is None:
        raise Http404
    return known


def _cards(request: ActingRequest, known: list[Standing]) -> list[dict[str, Any]]:
    actor, now = request.actor, clock.now()
    person = actor.person if actor.kind == "resident" and not actor.on_behalf_of else None
    own = service.mine(actor, person) if person else frozenset()
    return [
        {"known": one, "phase": one.phase(now), "mine": one.uuid in own, "asked": person is not None} for one in known
    ]


@lru_cache(maxsize=64)
def _outcomes(election: str, language: str) -> list[results.Outcome]:
    """The counts of a finished election, which never change, in one language."""
    found = service.finished(election)
    return results.outcomes(public(election).frozen.election, found.result) if found and found.result else []


def _cannot_draw(request: ActingRequest) -> str:
    actor = request.actor
    if actor.kind != "resident" or actor.on_behalf_of:
        return _("You can draw only your own voting pass. Sign in as yourself, not in a post or for somebody else.")
    if actor.person is None:
        return _("Your account is not connected to the register yet.")
    return ""


def _address() -> str:
    return str(settings.COMMONWEAL.address)


urlpatterns = [
    path("", start, name="start"),
    *office_pages.urlpatterns,
    path("<str:election>/", election, name="election"),
    path("<str:election>/pass/", draw_pass, name="pass"),
    path("<str:election>/board/", board, name="board"),
    path("<str:election>/trustees/", trustees, name="trustees"),
    path("<str:election>/package.json", package, name="package"),
    path("<str:election>/checkpoints.json", checkpoints, name="checkpoints"),
    path("<str:election>/record.bel", record, name="record"),
]
