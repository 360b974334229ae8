"""Why the register is used, and which fields each purpose may see: never more than it needs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.core.policy.actions import Purpose, purpose
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.services.registry.values import FIELDS, Field


def _fields(*names: Field) -> tuple[str, ...]:
    return tuple(f"registry/{name}" for name in names)


KEEPING = purpose(
    "registry.keeping",
    _("To keep the population register correct"),
    "legal_obligation",
    "dpv:RecordManagement",
    data=_fields(*FIELDS),
    by=("register",),
    kept=_("as long as the register is kept"),
)
BENEFITS = purpose(
    "benefits.assessment",
    _("To decide on a benefit"),
    "legal_obligation",
    "dpv:ServiceProvision",
    data=_fields("name", "born", "died", "address", "household"),
    by=("benefits",),
    kept=_("with the case, until ten years after its decision"),
)
TAX = purpose(
    "tax.assessment",
    _("To send a tax assessment to the right address"),
    "public_task",
    "dpv:LegalCompliance",
    data=_fields("name", "died", "address"),
    by=("tax",),
    kept=_("with the assessment, ten years"),
)
SCHOOL = purpose(
    "school.enrolment",
    _("To give a child a school place"),
    "legal_obligation",
    "dpv:ServiceProvision",
    data=_fields("name", "born", "address", "relations"),
    by=("schools",),
    kept=_("until the child leaves the school"),
)
HEALTH = purpose(
    "health.identification",
    _("To know who a patient is"),
    "vital_interest",
    "dpv:IdentityVerification",
    data=_fields("name", "born", "died"),
    kept=_("with the health record"),
)
EMERGENCY = purpose(
    "registry.emergency",
    _("To protect somebody’s life in an emergency"),
    "vital_interest",
    "dpv:VitalInterest",
    data=_fields("name", "born", "died", "address", "household"),
    kept=_("with the review of the emergency"),
)
SURVEY = purpose(
    "survey.invitation",
    _("To invite you to a survey that you agreed to"),
    "consent",
    "dpv:ResearchAndDevelopment",
    data=_fields("name", "address"),
    by=("register",),
    kept=_("until the survey is over, or you withdraw"),
)

BY_ROLE = {"registrar": KEEPING, "benefit-officer": BENEFITS, "tax-officer": TAX, "school-officer": SCHOOL}
"""The role that an officer acts in -> the purpose that the officer's pages state for them."""


def visible(why: Purpose) -> tuple[Field, ...]:
    """The fields that a purpose may see; people see all of their own. A purpose that names none sees nothing."""
    if why is OWN_ACCESS:
        return FIELDS
    return tuple(field for field in FIELDS if f"registry/{field}" in why.data)
