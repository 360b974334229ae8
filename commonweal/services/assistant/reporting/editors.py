"""Who reads the weekly report: the guidance editors of each agency, and how they are told.

The pages of an agency that has no editor are read by the editors of all agencies that have one, so none is forgotten.
"""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django_tasks import task

from commonweal.core.cases import notices
from commonweal.core.identity import accounts
from commonweal.core.identity.actors import Person
from commonweal.core.identity.values import Account
from commonweal.core.policy.actions import Words
from commonweal.core.portal.uses import agency_names
from commonweal.services.assistant.purposes import EDITOR
from commonweal.services.assistant.reporting import report as reports
from commonweal.services.assistant.values import Report

SUBJECT = gettext_lazy("What was asked of your pages last week")


def of(agency: str) -> list[Account]:
    """The guidance editors of an agency, each once."""
    found = {account.id: account for post, account in accounts.posts_at(agency) if post.role == EDITOR}
    return list(found.values())


def read_by(agency: str) -> list[str]:
    """The owners of pages of which an agency's editors are told: their own agency first."""
    owners = reports.owners()
    return [agency] * (agency in owners) + [one for one in owners if one != agency and not of(one)]


def tell(person: Person, agency: str, found: Report, week: str) -> None:
    """Put the report into an editor's inbox, in their language, inside the caller's act."""
    notices.write(person, agency, SUBJECT, _text(found, week), None)


@task()
def tell_by_mail(address: str, week: str) -> None:
    """Tell an editor whose account belongs to no person here, and who so has no inbox, where the report is."""
    with override(settings.LANGUAGE_CODE):
        send_mail(str(SUBJECT), _("Read it here: %(address)s") % {"address": _address(week)}, None, [address])


def _text(found: Report, week: str) -> Words:
    """The numbers; people's words stay on the page, from which they go when conversations are deleted."""

    def written() -> str:
        names = agency_names()
        owners = [(names.get(one.owner, one.owner), one) for one in found.owners]
        return render_to_string(
            "assistant/report.txt", {"report": found, "owners": owners, "address": _address(week)}
        ).strip()

    return lazy(written, str)()  # in the reader's language, which is known where it is written down


def _address(week: str) -> str:
    return f"{settings.COMMONWEAL.address}{reverse('assistant-pages:report')}?week={week}"
