"""The assistant's pages: ask and read the answer, pages of guidance in every version, the officers' conversations."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import TypeVar
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from commonweal.core.identity import accounts
from commonweal.core.portal.guards import ActingRequest, officers, open_to_all
from commonweal.core.portal.uses import agency_names
from commonweal.services.assistant import frame, service, streaming
from commonweal.services.assistant.alarms import words_for
from commonweal.services.assistant.engine.flows import mermaid
from commonweal.services.assistant.forms import AnswerForm, AskForm, FlowForm, OfficeForm, OptionsForm
from commonweal.services.assistant.judging import pages as judging
from commonweal.services.assistant.limits import count_question
from commonweal.services.assistant.purposes import EDITOR, ENQUIRIES
from commonweal.services.assistant.reporting import pages as reporting
from commonweal.services.assistant.values import Asked, Talk

KEY = "assistant_talk"  # the conversation of this browser
Found = TypeVar("Found")


@open_to_all
def start(request: ActingRequest) -> HttpResponseBase:
    """The conversation of this browser, and the next question."""
    form = AskForm(request.POST or None, initial={"key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        try:
            danger = _ask(request, form)
        except service.NoTalk:
            request.session.pop(KEY, None)
            return redirect("assistant-pages:start")
        except ValueError as error:
            form.add_error("text", str(error))
        else:
            if danger:
                return render(request, "assistant/alarm.html", {"alarm": words_for(danger)})
            return redirect("assistant-pages:start")
    context = {"form": form, "work": _work(request)}
    return render(request, "assistant/talk.html", context | _standing(request, _talk(request)))


def _work(request: ActingRequest) -> list[tuple[str, str]]:
    """The room's pages for those who work in it: names of addresses with their titles."""
    pages = [
        ("queue", _("Conversations"), {ENQUIRIES}),
        ("report", _("What was asked this week"), {EDITOR}),
        ("review", _("Was the answer right?"), {*judging.REVIEWERS}),
        ("curve", _("How sure the assistant must be"), {"operator"}),
    ]
    return [(f"assistant-pages:{name}", title) for name, title, roles in pages if request.actor.roles & roles]


@open_to_all
@require_POST
def stream(request: ActingRequest) -> HttpResponseBase:
    """Ask from a script: what is new in the conversation comes first, then its sources, then plainer words if any.

    Where a page has to answer (a mistake, an alarm), there is no content, and the script sends the form itself.
    """
    form = AskForm(request.POST)
    try:
        danger = not form.is_valid() or _ask(request, form)
        talk = None if danger else service.talk(request.actor, _current(request))
    except (service.NoTalk, ValueError):
        return HttpResponse(status=204)
    if talk is None:
        return HttpResponse(status=204)
    return streaming.answer(request, talk, _standing(request, talk))


def _ask(request: ActingRequest, form: AskForm) -> str:
    """Ask in the conversation of this browser. Returns the kind of an alarm. Raises NoTalk, NotNow, ValueError."""
    given = form.cleaned_data
    count_question(request, request.actor.id or _current(request), given["text"])
    talk_id, reply = service.ask(request.actor, given["text"], _language(), talk_id=_current(request), key=given["key"])
    if reply and reply.alarm:
        return reply.alarm
    request.session[KEY] = talk_id
    return ""


def _standing(request: ActingRequest, talk: Talk | None) -> dict[str, object]:
    """What the page shows of a conversation and of who is there."""
    suggested = service.suggested_office(request.actor, talk.id) if talk and talk.state == "talking" else None
    last = talk.said[-1].reply if talk and talk.said else None
    return {
        "talk": talk,
        "key": uuid4().hex,
        "away_until": service.away_until(),
        "minutes": ceil(wait.total_seconds() / 60) if (wait := service.usual_wait()) else None,
        "rewords": service.has_plainer_words(),
        "suggested": suggested,
        "suggested_name": suggested.name(_language()) if suggested else "",
        "could_be_plainer": bool(service.has_plainer_words() and last and last.citations and not last.plainly),
    }


@open_to_all
@require_POST
def plainly(request: ActingRequest) -> HttpResponseBase:
    """Say the last answer in plainer words, for whoever has no script."""
    try:
        if not list(service.plainly(request.actor, _current(request))):
            messages.info(request, _("There are no plainer words for this answer. The quotation stands."))
    except service.NoTalk:
        pass
    return redirect("assistant-pages:start")


@open_to_all
@require_POST
def person(request: ActingRequest) -> HttpResponseBase:
    """Ask for a person; the machine is silent from now on."""
    try:
        service.hand_over(request.actor, _current(request), _office(request))
    except (service.NoTalk, service.NotNow) as error:
        messages.error(request, str(error))
    return redirect("assistant-pages:start")


@open_to_all
@require_POST
def transcript(request: ActingRequest) -> HttpResponseBase:
    """Send the conversation to the inbox of whoever is signed in."""
    try:
        service.send_transcript(request.actor, _current(request))
        messages.success(request, _("The conversation is in your inbox."))
    except service.NoTalk as error:
        messages.error(request, str(error))
    return redirect("assistant-pages:start")


@open_to_all
@require_POST
def send(request: ActingRequest) -> HttpResponseBase:
    """Send the conversation to the office that the officer suggests."""
    try:
        service.send_to_office(request.actor, _current(request))
        messages.success(request, _("Your conversation was sent. The answer comes to your inbox there."))
    except service.NotTold:
        messages.error(request, _("That office does not answer now. Nothing was sent; you can go on here."))
    except (service.NoTalk, service.NotNow) as error:
        messages.error(request, str(error))
    return redirect("assistant-pages:start")


@open_to_all
@require_POST
def anew(request: ActingRequest) -> HttpResponseBase:
    """Begin a new conversation; this browser forgets the old one."""
    request.session.pop(KEY, None)
    return redirect("assistant-pages:start")


@open_to_all
def questions(request: ActingRequest) -> HttpResponseBase:
    """The open question of a decision flow, one a page; its result stands in the conversation."""
    talk = _talk(request)
    asked = talk.place if talk and isinstance(talk.place, Asked) else None
    form = OptionsForm(request.POST if "question" in request.POST else None, asked=asked) if asked else None
    if request.method == "POST":
        try:
            if done := _stepped(request, talk, form):
                return done
        except (service.NoTalk, service.NotNow, service.NoFlow) as error:
            messages.error(request, str(error))
            return redirect("assistant-pages:start")
    if talk is None or asked is None or form is None:
        return redirect("assistant-pages:start")
    form.initial = {"question": asked.question, "key": uuid4().hex}
    on_offer = service.facts_on_offer(request.actor, talk.id)
    return render(request, "assistant/question.html", {"asked": asked, "form": form, "on_offer": on_offer})


def _stepped(request: ActingRequest, talk: Talk | None, form: OptionsForm | None) -> HttpResponseBase | None:
    """Do what a button of a flow asks for; None when the question has to be shown again."""
    given = request.POST
    talk_id = talk.id if talk and talk.state != "ended" else ""
    if "begin" in given:
        language = given.get("language", "")[:5]
        talk_id = service.begin_flow(request.actor, given["begin"], language, talk_id=talk_id, key=given.get("key", ""))
        request.session[KEY] = talk_id
    elif "back" in given:
        service.go_back(request.actor, talk_id, key=given.get("key", ""))
    elif "leave" in given:
        service.leave_flow(request.actor, talk_id)
    elif "use-facts" in given:
        _use_facts(request, talk_id)
    elif form is not None and "option" not in given:
        form.is_valid()
        return None
    else:
        service.choose(
            request.actor, talk_id, given.get("question", ""), given.get("option", ""), key=given.get("key", "")
        )
    place = service.talk(request.actor, talk_id).place
    return redirect("assistant-pages:questions" if isinstance(place, Asked) else "assistant-pages:start")


def _use_facts(request: ActingRequest, talk_id: str) -> None:
    try:
        service.use_facts(request.actor, talk_id, key=request.POST.get("key", ""))
        messages.success(request, _("What the population register knows is not asked."))
    except service.NotTold:
        messages.error(request, _("The population register does not answer now. Answer the questions yourself."))


@open_to_all
@require_safe
def flow(request: ActingRequest, name: str, language: str, version: str = "") -> HttpResponse:
    """A decision flow for everyone to read: each question, where each answer leads, and what follows by which page."""
    found = _found(service.flow, name, language, version)
    context = {
        "found": found,
        "flow": found.flow,
        "diagram": mermaid(found.flow),
        "questions": [
            (one, [(words, one.next[id_]) for id_, words in one.options.items()])
            for one in found.flow.questions.values()
        ],
        "outcomes": [(one, *one.source.split("#")) for one in found.flow.outcomes.values()],
        "owner": _owner(found.flow.owner),
        "key": uuid4().hex,
    }
    return render(request, "assistant/flow.html", context)


@open_to_all
@require_safe
def guidance(request: ActingRequest) -> HttpResponse:
    """Every page of guidance in the reader's language, by subject."""
    return render(
        request, "assistant/pages.html", {"pages": service.pages(_language()), "flows": service.flows(_language())}
    )


@open_to_all
@require_safe
def page(request: ActingRequest, slug: str, language: str, version: str = "") -> HttpResponse:
    """A page of guidance as it is now, or a version that was cited, with the dates between which it was in force."""
    found = _found(service.page, slug, language, version)
    context = {
        "page": found,
        "blocks": service.blocks(found),
        "versions": service.versions(slug, language),
        "owner": _owner(found.owner),
    }
    return render(request, "assistant/page.html", context)


@officers(ENQUIRIES)
@require_safe
def queue(request: ActingRequest) -> HttpResponse:
    """Who waits, longest first, and whom the officer talks with."""
    waiting, talking = service.queue(request.actor)
    unedited, suggested = service.accepted_unedited()
    context = {"waiting": waiting, "talking": talking, "unedited": unedited, "suggested": suggested}
    return render(request, "assistant/queue.html", context)


@officers(ENQUIRIES)
def desk(request: ActingRequest, talk_id: UUID) -> HttpResponseBase:
    """The conversation that the officer has: read it, answer, pass it on, give it back, end it."""
    form = AnswerForm(request.POST if "text" in request.POST else None, initial={"key": uuid4().hex})
    offices = OfficeForm(request.POST if "office" in request.POST else None, offices=_offices(request))
    try:
        if request.method == "POST" and (done := _done(request, str(talk_id), form, offices)):
            return done
        found = service.read(request.actor, str(talk_id))
    except service.NotNow as error:
        messages.error(request, str(error))
        return redirect("assistant-pages:queue")
    except service.NoTalk:
        raise Http404 from None
    suggested = service.suggestion(request.actor, str(talk_id))
    context = {"talk": found, "form": form, "offices_form": offices, "key": uuid4().hex, "suggested": suggested}
    context["suggestion"] = service.suggestion_text(suggested) if suggested else ""
    return render(
        request, "assistant/desk.html", context | {"steps": _steps(found, context["key"]), "asked": found.place}
    )


def _steps(talk: Talk, key: object) -> OptionsForm | FlowForm:
    """The open question of a flow as a form, or which flow to begin."""
    if isinstance(talk.place, Asked):
        return OptionsForm(asked=talk.place, auto_id="step_%s", initial={"question": talk.place.question, "key": key})
    return FlowForm(flows=service.flows(talk.language) or service.flows("en"))


def _done(request: ActingRequest, talk_id: str, form: AnswerForm, offices: OfficeForm) -> HttpResponseBase | None:
    """Do what a button asks for; None when a form has to be shown again."""
    given = request.POST
    if "take" in given:
        service.take(request.actor, talk_id)
    elif "flow" in given:
        begun = next((one for one in service.flows(given.get("language", "")) if one.name == given["flow"]), None)
        service.begin_flow(
            request.actor, given["flow"], begun.flow.language if begun else "en", talk_id=talk_id, key=given["key"]
        )
    elif "option" in given:
        service.choose(request.actor, talk_id, given["question"], given["option"], key=given["key"])
    elif "back" in given:
        service.go_back(request.actor, talk_id)
    elif "leave" in given:
        service.leave_flow(request.actor, talk_id)
    elif "give-back" in given:
        service.give_back(request.actor, talk_id)
        return redirect("assistant-pages:queue")
    elif "close" in given:
        service.close(request.actor, talk_id)
        return redirect("assistant-pages:queue")
    elif offices.is_bound and offices.is_valid():
        return _passed_on(request, talk_id, offices.cleaned_data["office"])
    elif form.is_bound and form.is_valid():
        service.answer(request.actor, talk_id, form.cleaned_data["text"], key=form.cleaned_data["key"])
    elif form.is_bound or offices.is_bound:
        return None
    return redirect("assistant-pages:desk", talk_id)


def _passed_on(request: ActingRequest, talk_id: str, office: str) -> HttpResponseBase:
    """To an office of this node at once; to one on another node once the person agrees."""
    if any(one.service == office for one in service.offices_elsewhere()):
        try:
            service.suggest_office(request.actor, talk_id, office)
            messages.success(request, _("The person is asked whether the conversation may be sent there."))
        except service.NotNow as error:
            messages.error(request, str(error))
        return redirect("assistant-pages:desk", talk_id)
    service.pass_on(request.actor, talk_id, office)
    messages.success(request, _("The other office sees it in its list now."))
    return redirect("assistant-pages:queue")


def _found(get: Callable[[str, str, str], Found], name: str, language: str, version: str) -> Found:
    """A page or a flow, in this version if one is given. Raises Http404."""
    try:
        return get(name, language, version)
    except (service.NoPage, service.NoFlow):
        raise Http404 from None


def _owner(code: str) -> str:
    return agency_names().get(code, code)


def _talk(request: ActingRequest) -> Talk | None:
    if not _current(request):
        return None
    try:
        return service.talk(request.actor, _current(request))
    except service.NoTalk:
        request.session.pop(KEY, None)
        return None


def _current(request: ActingRequest) -> str:
    return str(request.session.get(KEY, ""))


def _office(request: ActingRequest) -> str:
    wanted = request.POST.get("office", "")
    return wanted if wanted in agency_names() else ""


def _offices(request: ActingRequest) -> list[tuple[str, str]]:
    here = [(one.code, one.name(_language())) for one in accounts.agencies() if one.code != request.actor.agency]
    elsewhere = [(one.service, one.name(_language())) for one in service.offices_elsewhere()]
    return here + [(path, _("%(office)s, on its own system") % {"office": name}) for path, name in elsewhere]


def _language() -> str:
    return (get_language() or "en")[:2]


urlpatterns = [
    path("", start, name="start"),
    path("stream/", stream, name="stream"),
    path("frame/<slug:language>/", frame.frame, name="frame"),
    path("plainly/", plainly, name="plainly"),
    path("person/", person, name="person"),
    path("new/", anew, name="anew"),
    path("transcript/", transcript, name="transcript"),
    path("send/", send, name="send"),
    path("questions/", questions, name="questions"),
    path("flows/<slug:language>/<slug:name>/", flow, name="flow"),
    path("flows/<slug:language>/<slug:name>/<slug:version>/", flow, name="flow-version"),
    path("guidance/", guidance, name="guidance"),
    path("guidance/<slug:language>/<slug:slug>/", page, name="page"),
    path("guidance/<slug:language>/<slug:slug>/<slug:version>/", page, name="version"),
    path("queue/", queue, name="queue"),
    path("queue/<uuid:talk_id>/", desk, name="desk"),
    *judging.urlpatterns,
    *reporting.urlpatterns,
]
