"""The assistant in a frame on the town's own site, for questions of people who are not signed in.

A frame of another site gets no cookies, and needs none: the conversation's id, which is its key, travels in the form.
So nothing here has anybody's authority, whoever is signed in beside it, and no form has to be guarded against forgery.
Only the sites that `assistant.toml` names may show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from commonweal.core.identity.actors import ANONYMOUS
from commonweal.core.portal.guards import ActingRequest, open_to_all
from commonweal.services.assistant import service
from commonweal.services.assistant.alarms import AlarmWords, words_for
from commonweal.services.assistant.arrangements import arrangements
from commonweal.services.assistant.forms import AskForm
from commonweal.services.assistant.limits import TooMany, count_question
from commonweal.services.assistant.values import Talk


@dataclass(frozen=True)
class Shown:
    """What the frame shows: a conversation so far, the next question's form, or an alarm."""

    form: AskForm
    talk: Talk | None = None
    danger: AlarmWords | None = None


@csrf_exempt
@xframe_options_exempt
@open_to_all
def frame(request: ActingRequest, language: str) -> HttpResponseBase:
    """Ask, choose an option, or ask for a person; all by plain forms."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with override(language):
        shown = _answered(request, language) if request.method == "POST" else Shown(_empty())
        context = {"shown": shown, "talk": shown.talk, "form": shown.form, "away_until": service.away_until()}
        response = render(request, "assistant/frame.html", context)
    response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    origins = arrangements().origins
    return csp_replace({"frame-ancestors": list(origins)})(lambda _request: response)(request) if origins else response


def _answered(request: ActingRequest, language: str) -> Shown:
    given = request.POST
    talk_id = given.get("talk", "")
    try:
        if "person" in given:
            service.hand_over(ANONYMOUS, talk_id)
        elif "look" not in given:
            form = AskForm(given)
            if not form.is_valid():
                return Shown(form, _talk(talk_id))
            count_question(request, talk_id, given["text"])
            talk_id, reply = service.ask(
                ANONYMOUS, form.cleaned_data["text"], language, talk_id=talk_id, key=form.cleaned_data["key"]
            )
            if reply and reply.alarm:
                return Shown(_empty(), _talk(given.get("talk", "")), words_for(reply.alarm))
    except (TooMany, service.NoTalk, service.NotNow) as error:
        form = AskForm(given)
        form.add_error("text", str(error))
        return Shown(form, _talk(talk_id))
    return Shown(_empty(), _talk(talk_id))


def _empty() -> AskForm:
    return AskForm(initial={"key": uuid4().hex})


def _talk(talk_id: str) -> Talk | None:
    try:
        return service.talk(ANONYMOUS, talk_id) if talk_id else None
    except service.NoTalk:
        return None
