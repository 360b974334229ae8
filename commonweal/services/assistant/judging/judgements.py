"""What officers say of the machine's answers. A resident's words are read to judge an answer and never kept with it."""

from __future__ import annotations

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from commonweal.core import clock
from commonweal.core.identity.actors import Actor
from commonweal.services.assistant import guidance, models
from commonweal.services.assistant.conversations import STEP
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.engine.masking import mask
from commonweal.services.assistant.purposes import EDITOR
from commonweal.services.assistant.values import Given, Verdict

MOST = 50  # answers on a page


class NotJudged(ValueError):
    """A judgement or test question that cannot be kept; `field` says of what, the text why and what to do."""

    def __init__(self, text: str, field: str = "verdict") -> None:
        super().__init__(text)
        self.field = field


def given(actor: Actor) -> list[Given]:
    """The latest answers that nobody has judged yet and that this officer may read; their questions are masked.

    Those to people who were not signed in and who asked nobody or this officer's agency (an editor reads all), and
    those in conversations that the officer has now.
    """
    return [_given(row, actor) for row in _open_to(actor).order_by("-at", "-pk")[:MOST]]


def given_answer(actor: Actor, number: int) -> Given:
    """One of them. Raises NotJudged."""
    return _given(row_of(actor, number), actor)


def row_of(actor: Actor, number: int) -> models.Message:
    """The answer itself, with its conversation and what was asked. Raises NotJudged."""
    row = _open_to(actor).filter(pk=number).first()
    if row is None:
        raise NotJudged(_("This answer was judged already, or is not kept any more"))
    return row


def judge(actor: Actor, number: int, verdict: Verdict, slug: str) -> tuple[models.Message, str, str]:
    """Keep what the officer says; returns the answer, and the language and name of the page that answers, or "".

    Raises NotJudged.
    """
    models.Message.objects.select_for_update().filter(pk=number).first()  # whoever comes second finds it judged
    row = row_of(actor, number)
    found = _given(row, actor)
    if verdict == "answers":
        if not found.slug:
            raise NotJudged(_("Nothing was quoted: choose the page that answers, or that no page does"))
        slug = found.slug
    elif verdict == "none":
        slug = ""
    elif slug not in {page.slug for page in guidance.current(found.language)}:
        raise NotJudged(_("Choose the page that answers"), "page")
    models.Judgement.objects.create(
        message=row, mode=found.mode, chance=found.chance, quoted=bool(found.slug), verdict=verdict, by=actor.id,
        at=clock.now(),
    )  # fmt: skip
    return row, found.language, slug


def _open_to(actor: Actor) -> QuerySet[models.Message]:
    """The answers that nobody has judged, as far as this officer may read them."""
    nobody = Q(conversation__person_id=None)
    if EDITOR not in actor.roles:
        nobody &= Q(conversation__office__in=("", actor.agency))
    held = Q(conversation__state="talking", conversation__officer=actor.id)
    before = models.Message.objects.filter(conversation=OuterRef("conversation"), n__lt=OuterRef("n"), role="user")
    rows = models.Message.objects.filter(nobody | held, role="agent", judgement=None, details__has_key="chance")
    rows = rows.exclude(outcome=STEP).select_related("conversation")
    return rows.annotate(asked=Subquery(before.order_by("-n").values("text")[:1])).exclude(asked=None)


def _given(row: models.Message, actor: Actor) -> Given:
    talk, cited = row.conversation, (row.details.get("citations") or [{}])[0]
    held = row.outcome == Outcome.OUT_OF_SCOPE  # the directory of agencies keeps it from being quoted at any threshold
    return Given(
        row.pk, mask(row.asked), row.text, cited.get("slug", ""), cited.get("title", ""),  # type: ignore[attr-defined]
        cited.get("language") or talk.language, row.outcome,
        0.0 if held else float(row.details["chance"]), row.details.get("mode") or "none", row.at,
        mine=talk.state == "talking" and talk.officer == actor.id,
    )  # fmt: skip
