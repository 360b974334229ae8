"""Why the register is used, and which fields each purpose may see: never more than it needs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.core.policy.actions import purpose
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.services.registry.values import FIELDS, Field

KEEPING = purpose(
    "registry.keeping", _("To keep the population register correct"), "legal_obligation", "dpv:RecordManagement"
)
BENEFITS = purpose("benefits.assessment", _("To decide on a benefit"), "legal_obligation", "dpv:ServiceProvision")
TAX = purpose(
    "tax.assessment", _("To send a tax assessment to the right address"), "public_task", "dpv:LegalCompliance"
)
SCHOOL = purpose("school.enrolment", _("To give a child a school place"), "legal_obligation", "dpv:ServiceProvision")
HEALTH = purpose("health.identification", _("To know who a patient is"), "vital_interest", "dpv:IdentityVerification")
SURVEY = purpose(
    "survey.invitation", _("To invite you to a survey that you agreed to"), "consent", "dpv:ResearchAndDevelopment"
)

VISIBLE: dict[str, tuple[Field, ...]] = {
    OWN_ACCESS.name: FIELDS,
    KEEPING.name: FIELDS,
    BENEFITS.name: ("name", "born", "died", "address", "household"),
    TAX.name: ("name", "died", "address"),
    SCHOOL.name: ("name", "born", "address", "relations"),
    HEALTH.name: ("name", "born", "died"),
    SURVEY.name: ("name", "address"),
}
"""Purpose -> the fields it may see. A purpose that is not listed sees nothing."""

BY_ROLE = {"registrar": KEEPING, "benefit-officer": BENEFITS, "tax-officer": TAX, "school-officer": SCHOOL}
"""The role that an officer acts in -> the purpose that the officer's pages state for them."""
