"""Consent, as GovStack's Consent API 1.1.0 has it, for the machines of agencies that rely on consents.

A data agreement is a purpose and an agency; the policy is the node's rules; an individual is named by the id that the
caller's own agency has for them. A machine asks a person for a consent and checks whether it stands; only the person
gives or withdraws it, signed in. Purposes and rules are declared in the node's rooms and published, never written here.
"""

from __future__ import annotations

from commonweal.core.policy import api_configuration, api_individuals, api_records
from commonweal.core.portal.api import machine_api
from commonweal.core.portal.guards import guarded_api

api = machine_api("policy:consent", "Consent", __doc__ or "")
api.add_router("config", api_configuration.router)
api.add_router("service", api_records.router)  # before individual/{individualId}/, which individual/record/ would match
api.add_router("service", api_individuals.router)
api.add_router("audit", api_records.audit)
urlpatterns = guarded_api(api)
