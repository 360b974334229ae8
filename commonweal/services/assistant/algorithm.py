"""The assistant's public record: what it is for, what it stands on, how often it is right, and how often it is not.

The figures are those of docs/assistant.md, measured without a model on questions that people put to other bodies'
pages, and on our own about the demo town. The record is a document of the public log, so it holds nothing that changes
from day to day: a node's own judged questions stand on its curve.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from commonweal.core.algorithms.declared import algorithm
from commonweal.core.algorithms.values import Algorithm, Change, Data, Quality, Risk

FOUND = _("the right page or passage stands first")
ANSWERED_AT_95 = _("answered though it should not, while 95 of 100 of ours are answered")
ANSWERED_AT_90 = _("answered though it should not, while 90 of 100 of ours are answered")
ANSWERED_AT_70 = _("answered though it should not, while 70 of 100 of ours are answered")
ELSEWHERE = _("English, another office’s subject")
TOWN = _("The demo town’s services: English questions that its makers wrote")
RECORD = algorithm(
    Algorithm(
        name="assistant.answers",
        title=_("Answers from guidance"),
        summary=_("It finds sentences of the town’s guidance that answer a question, or says that it cannot."),
        owner="register",
        responsible=_("Head of the enquiry office"),
        contact="enquiries@testford.example",
        phase="pilot",
        scope=_("Questions about the town’s services. Not: decisions about anybody, nor advice on a single case."),
        benefit=_("An answer at any hour, with its source."),
        before=_("People searched the pages or called the office."),
        alternatives=_("A search without refusals, or a language model that writes its own words."),
        method=_(
            "Words of the question are looked up in the pages. A learned model ranks the passages, another one says "
            "how likely the first one answers. What is shown is quoted word by word. Where the town names a language "
            "model, it may add plainer words; a sentence of it is shown only if a quoted one says the same."
        ),
        place=_("Before a person answers. Whoever asks can talk to a person at any time."),
        gives=_("What it would answer, with its source, to the officer who has taken the conversation."),
        scale=_("Every question to the assistant."),
        oversight=_(
            "An officer reads a suggestion, and sends it, changes it or writes another answer. Officers say which "
            "answers were right, and from that the operator chooses from which chance on it answers."
        ),
        training=_("Officers learn what the assistant gets wrong before they use its suggestions."),
        appeals=_("Ask for a person. Nothing that it says decides anything."),
        data=(
            Data(_("Guidance"), _("The pages that the offices publish."), _("The offices of the town"), _("current")),
            Data(
                _("Open dialogues"),
                _("Questions to other public bodies, to learn the ranking."),
                _("Published research data"),
                "2018-2023",
            ),
        ),
        measured=date(2026, 11, 27),
        quality=(
            Quality(_("Everyone: English dialogues on veterans’ benefits"), FOUND, 0.624, 290),
            Quality(_("The same, when the subject has changed"), FOUND, 0.493, 150),
            Quality(_("English questions on savings for old age"), FOUND, 0.468, 626),
            Quality(_("French questions on public services"), FOUND, 0.598, 351),
            Quality(_("Korean questions on social benefits"), FOUND, 0.658, 400),
            Quality(ELSEWHERE, ANSWERED_AT_95, 0.859, 248),
            Quality(ELSEWHERE, ANSWERED_AT_90, 0.383, 248),
            Quality(_("English, the page is missing"), ANSWERED_AT_70, 0.477, 290),
            Quality(TOWN, _("answered, rightly or wrongly, of those that a page answers"), 0.917, 60),
            Quality(TOWN, _("from the wrong page, of those answered"), 0.018, 55),
            Quality(TOWN, _("answered though no page answers"), 0.033, 30),
        ),
        risks=(
            Risk(
                _("It quotes a page that does not answer the question."),
                _("The source stands beside every answer, and a person is offered."),
            ),
            Risk(
                _("It was not measured in Spanish and Arabic, for want of open questions."),
                _("The page owners read each week what was not answered."),
            ),
        ),
        impact=_("Not yet."),
        changes=(
            Change("2", date(2026, 11, 26), _("It compares whole pages, and reads the last turn apart from the rest.")),
            Change("1", date(2026, 11, 25), _("First version.")),
        ),
    )
)
