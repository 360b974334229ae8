"""Page owners learn what was not answered, and nothing about who asked."""

from __future__ import annotations

from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.services.assistant import service
from tests.services.assistant.conftest import PAGES
from tests.town import entry, register, resident


def test_the_report_counts_answers_and_masks_what_was_not_answered(room: None) -> None:
    service.publish(the_node("command"), PAGES)
    service.ask(ANONYMOUS, "How much does a resident parking permit cost?", "en")
    service.ask(ANONYMOUS, "Xylophones on Mars? Call me at +34 600 123 456", "en")
    service.ask(resident(register(entry())[0]), "Zebras on Venus", "en")
    report = service.report()
    assert report.topics == (("parking", 1),)
    assert dict(report.outcomes)["not known"] == 2
    assert report.unanswered == ("Xylophones on Mars? Call me at [phone]",)


def test_the_public_record_names_wrong_answers_beside_coverage() -> None:
    measures = [str(one.measure) for one in service.RECORD.quality]
    assert any("should not" in measure and "while" in measure for measure in measures)
