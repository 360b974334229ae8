"""What the machine says to the last turn of a dialogue: an alarm's fixed words, a quotation, or honestly nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from commonweal.services.assistant import decision_flows, guidance, search
from commonweal.services.assistant.engine.deciding import Agency, Decision, Outcome, Quotation, Thresholds, answer
from commonweal.services.assistant.engine.finding import Turn
from commonweal.services.assistant.engine.parameters import shipped
from commonweal.services.assistant.values import Citation, Reply

SETTINGS = "assistant.toml"  # in the node's folder; docs/assistant.md tells what may stand in it
ANSWERED = (Outcome.ANSWERED, Outcome.PARTLY)


def reply_to(dialogue: Sequence[Turn], language: str) -> Reply:
    """The machine's reply in the reader's language, or from pages in another one where only those answer."""
    thresholds, agencies = _settings(settings.COMMONWEAL.home / SETTINGS)
    first = None
    for tongue in [language, *(other for other in search.languages() if other != language)]:
        decision = answer(search.index(tongue), dialogue, tongue, shipped(), thresholds=thresholds, others=agencies)
        first = first or decision
        if decision.outcome not in (Outcome.NOT_KNOWN, Outcome.OUT_OF_SCOPE):
            return _reply(decision, tongue)
    return _reply(first, language) if first else Reply(Outcome.NOT_KNOWN)


def topic_of(reply: Reply | None) -> str:
    """The subject area that evidence names, never what was asked."""
    if not reply or not reply.citations:
        return "none"
    cited = reply.citations[0]
    return guidance.version(cited.slug, cited.language, cited.hash).topic


def _reply(decision: Decision, language: str) -> Reply:
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


def _settings(path: Path) -> tuple[Thresholds, tuple[Agency, ...]]:
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return Thresholds(), ()


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> tuple[Thresholds, tuple[Agency, ...]]:
    found = tomllib.loads(path.read_text("utf-8"))
    agencies = tuple(Agency(one["name"], tuple(one["subjects"])) for one in found.get("agency", []))
    return Thresholds(**found.get("thresholds", {})), agencies
