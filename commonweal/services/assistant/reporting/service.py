"""The weekly report: read by whoever may, and sent to the editors of each agency once a week is over."""

from __future__ import annotations

import logging

from commonweal.core import clock
from commonweal.core.act import act
from commonweal.core.identity import accounts
from commonweal.core.identity.actors import the_node
from commonweal.services.assistant import purposes
from commonweal.services.assistant.reporting import editors
from commonweal.services.assistant.reporting import report as reports
from commonweal.services.assistant.reporting.report import week_before
from commonweal.services.assistant.values import Report

__all__ = ["report", "send_reports", "week_before"]

log = logging.getLogger(__name__)


def report(agency: str, week: str = "") -> Report:
    """What was asked of an agency's pages in a week (2026-W47), or lately; whoever may read it is asked by the guard.

    Raises ValueError for what is no week.
    """
    begins = reports.beginning(week) if week else clock.now() - reports.WEEK
    return reports.report(editors.read_by(agency), begins, begins + reports.WEEK)


def send_reports() -> int:
    """Send the editors of each agency the report on the last week that is over, once; returns how many were told.

    An agency whose report cannot be made does not keep the others from theirs.
    """
    week, told = reports.week_before(clock.now()), 0
    for agency in [one.code for one in accounts.agencies()]:
        try:
            told += _send_report(agency, week)
        except Exception:
            log.exception("the weekly report of %s could not be sent; the worker tries again", agency)
    return told


def _send_report(agency: str, week: str) -> int:
    readers, about = editors.of(agency), editors.read_by(agency)
    if not readers or not about:
        return 0
    people = list({one.person.id: one.person for one in readers if one.person}.values())
    with act(
        the_node("housekeeping"), purposes.REPORT, subject=people or None, purpose=purposes.ANSWERING,
        key=f"{agency}|{week}",
    ) as evidence:  # fmt: skip
        if evidence.repeated:
            return 0
        found = report(agency, week)
        for person in people:
            editors.tell(person, agency, found, week)
        for one in readers:
            if one.person is None:
                editors.tell_by_mail.enqueue(one.email, week)
        evidence.changed(["cases/notice"])
    return len(readers)
