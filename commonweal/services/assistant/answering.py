"""What the machine says to the last turn of a dialogue: an alarm's fixed words, a quotation, or honestly nothing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from commonweal.services.assistant import decision_flows, guidance, search, tuning
from commonweal.services.assistant.arrangements import arrangements
from commonweal.services.assistant.engine.deciding import Decision, Outcome, Quotation, answer
from commonweal.services.assistant.engine.finding import Turn
from commonweal.services.assistant.engine.masking import details
from commonweal.services.assistant.engine.models import Mode
from commonweal.services.assistant.engine.parameters import Parameters, Thresholds, shipped
from commonweal.services.assistant.engine.vectors import Vectors
from commonweal.services.assistant.values import Citation, Reply
from commonweal.services.assistant.vectors import filled, vectors


def reply_to(dialogue: Sequence[Turn], language: str) -> Reply:
    """The machine's reply in the reader's language, or from pages in another one where only those answer.

    Other languages are searched by words alone: a question that nothing answers must not wait for their vectors.
    Personal details are left out: no page has them, and what no page has speaks against every page.
    """
    dialogue = [Turn(one.role, _without_details(one.text)) if one.role == "user" else one for one in dialogue]
    near = vectors(language)
    first = _decided(dialogue, language, near)
    for tongue in [language, *(other for other in search.languages() if other != language)]:
        decision = first if tongue == language else _decided(dialogue, tongue, None)
        if decision.outcome not in (Outcome.NOT_KNOWN, Outcome.OUT_OF_SCOPE):
            return _reply(decision, tongue, _mode(near) if tongue == language else Mode.NONE)
    return _reply(first, language, _mode(near))


def likeliest(question: str, language: str) -> tuple[str, Decision, Mode]:
    """The likeliest section, PAGE#ANCHOR ("" where there is none), what is decided now, and with which models."""
    turns, near = [Turn("user", question)], vectors(language)
    decision = _decided(turns, language, near)
    best = decision if decision.quotations else _decided(turns, language, near, Thresholds(0, 0))
    passage = best.quotations[0].passage if best.quotations else None
    return f"{passage.page}#{passage.anchor}" if passage else "", decision, _mode(near)


def standing(language: str) -> Hashable:
    """What the decision on a first question depends on beside it: while this stays the same, so does the decision."""
    mode = _mode(vectors(language))
    return (
        search.file_of(language), search.newest_changes(language), mode, filled(language), _thresholds(shipped(mode)),
        arrangements().agencies,
    )  # fmt: skip


def mode_in_force() -> Mode:
    """With which models the machine answers in the town's first language."""
    return _mode(vectors("en"))


def thresholds_in_force() -> Thresholds:
    """From which chances the machine answers in the town's first language."""
    return _thresholds(shipped(mode_in_force()))


def _decided(
    dialogue: Sequence[Turn], language: str, near: Vectors | None, thresholds: Thresholds | None = None
) -> Decision:
    learnt = shipped(_mode(near))
    learnt = replace(learnt, thresholds=thresholds or _thresholds(learnt))
    return answer(search.index(language), dialogue, language, learnt, others=arrangements().agencies, vectors=near)


def _mode(near: Vectors | None) -> Mode:
    return near.models.mode if near else Mode.NONE


def _thresholds(learnt: Parameters) -> Thresholds:
    return replace(learnt.thresholds, **tuning.chosen())


def _without_details(text: str) -> str:
    for detail in reversed(details(text)):
        text = text[: detail.start] + text[detail.end :]
    return text


def topic_of(reply: Reply | None) -> str:
    """The subject area that evidence names, never what was asked."""
    if not reply or not reply.citations:
        return "none"
    cited = reply.citations[0]
    return guidance.version(cited.slug, cited.language, cited.hash).topic


def _reply(decision: Decision, language: str, mode: Mode) -> Reply:
    citations = tuple(_citation(quotation, language) for quotation in decision.quotations)
    offered = decision_flows.offered_by(citations[0]) if citations else None
    depends = offered is not None and decision_flows.stands_on(offered.flow, citations[0])
    return Reply(
        Outcome.NEEDS_QUESTION if depends else decision.outcome,
        citations,
        office=decision.agency.name if decision.agency else "",
        flow=offered.name if offered else "",
        flow_title=offered.flow.title if offered else "",
        alarm=decision.alarm.kind if decision.alarm else "",
        chance=round(decision.chance, 3),
        mode=mode,
    )


def _citation(quotation: Quotation, language: str) -> Citation:
    """The quoted words with where they stand, taken from the stored version itself."""
    page = guidance.version(quotation.passage.page, language)
    start, end = quotation.spans[0].start, quotation.spans[-1].end
    text = guidance.engine_page(page).readable().text[start:end]
    headings = quotation.passage.headings
    return Citation(
        page.slug, language, page.hash, page.title, headings[-1] if headings else "", quotation.passage.anchor,
        page.since, start, end, text,
    )  # fmt: skip
