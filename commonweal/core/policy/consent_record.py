"""Consent records as JSON-LD: the fields of ISO/IEC TS 27560:2023 in the terms of the Data Privacy Vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings

from commonweal.core.clock import stamp
from commonweal.core.identity.actors import Person

if TYPE_CHECKING:
    from commonweal.core.policy.service import Consent

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def document(person: Person, consents: Sequence[Consent]) -> dict[str, Any]:
    """All of a person's records as one JSON-LD document."""
    return {"@context": CONTEXT, "@graph": [_record(person, consent) for consent in consents]}


def _record(person: Person, consent: Consent) -> dict[str, Any]:
    why = consent.purpose
    events = [_event("dpv:ConsentGiven", stamp(consent.given))]
    if consent.withdrawn:
        events.append(_event("dpv:ConsentWithdrawn", stamp(consent.withdrawn)))
    return {
        "@id": f"urn:uuid:{consent.id}",
        "@type": "dpv:ConsentRecord",
        "dct:identifier": consent.id,
        "dct:conformsTo": "ISO/IEC TS 27560:2023",
        "dpv:hasDataSubject": f"urn:uuid:{person.id}",
        "dpv:hasDataController": {
            "@id": f"{settings.COMMONWEAL.address}/#{consent.agency}",
            "dpv:hasName": consent.agency,
        },
        "dpv:hasPurpose": {"@type": why.dpv, "dct:identifier": why.name, "dct:description": str(why.says)},
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:hasPersonalData": list(why.data),
        "dpv:hasStorageCondition": str(why.kept),
        "dpv:hasConsentStatus": events,
        "dpv:hasRight": "dpv:WithdrawConsent",
    }


def _event(status: str, when: str) -> dict[str, Any]:
    return {"@type": status, "dct:date": {"@type": "xsd:dateTime", "@value": when}}
