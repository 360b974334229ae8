"""The Consent API's consent records: asked for and checked by agencies, given and withdrawn by people alone."""
# ruff: noqa: N803 - the names are the standard's

from __future__ import annotations

from typing import NoReturn
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from commonweal.core.policy import api_schemas as shapes
from commonweal.core.policy import service
from commonweal.core.policy.api_objects import (
    MOST,
    AgreementId,
    Hash,
    Limit,
    Offset,
    WhichAgreement,
    Who,
    agreement_called,
    agreement_out,
    asked_out,
    newest_wording,
    one_record,
    person_called,
    records,
    revision_out,
    some_agreements,
)
from commonweal.core.policy.service import Given
from commonweal.core.portal.api import BadField, NotHere, actor

router = Router(tags=["service"], exclude_none=True)
audit = Router(tags=["auditor"], exclude_none=True)
ONLY_THE_PERSON = "Only the person gives or withdraws a consent, signed in."
ASK = "Ask them: POST service/individual/record/data-agreement/{dataAgreementId}/"


@router.get(
    "verification/consent-records/",
    response=shapes.RecordsAnswer,
    operation_id="serviceVerificationConsentRecordList",
)
def verify_records(request: HttpRequest, offset: Offset = 0, limit: Limit = 100) -> shapes.RecordsAnswer:
    """Every consent to a use by the caller's agency."""
    return records(request, service.consents_given(actor(request), start=offset, most=limit))


@router.get(
    "verification/consent-record/{consentRecordId}/", response=shapes.RecordAnswer,
    operation_id="serviceVerificationConsentRecordRead",
)  # fmt: skip
def verify_record(request: HttpRequest, consentRecordId: UUID) -> shapes.RecordAnswer:
    """Whether a consent stands."""
    return one_record(request, service.consents_given(actor(request), consent=consentRecordId))


@router.post(
    "individual/record/data-agreement/{dataAgreementId}/", response=shapes.RecordAnswer,
    operation_id="serviceIndividualConsentRecordCreate",
)  # fmt: skip
def request_record(
    request: HttpRequest, dataAgreementId: AgreementId, individualId: Who, revisionId: Hash = ""
) -> shapes.RecordAnswer:
    """Ask the person: they find it in their inbox. The answer is `unsigned`, or the consent that stands already."""
    person, found = person_called(request, individualId), agreement_called(dataAgreementId)
    text = newest_wording(found, revisionId)
    try:
        standing = service.request_consent(actor(request), person, found)
    except ValueError as error:
        raise BadField("dataAgreementId", str(error), "Ask only where the agreement's basis is consent", 409) from None
    if standing is not None:
        return one_record(request, [Given(person, standing)])
    record = asked_out(found, text, individualId)
    return shapes.RecordAnswer(consentRecord=record, revision=revision_out(text))


@router.get(
    "individual/record/data-agreement/{dataAgreementId}/", response=shapes.RecordAnswer,
    operation_id="serviceIndividualConsentRecordRead",
)  # fmt: skip
def read_record(request: HttpRequest, dataAgreementId: AgreementId, individualId: Who) -> shapes.RecordAnswer:
    """The newest decision of a person on an agreement."""
    found = agreement_called(dataAgreementId)
    person = person_called(request, individualId)
    given = service.consents_given(actor(request), person=person, purpose=found.purpose, most=MOST)
    return one_record(request, [one for one in given if one.consent.agency == found.agency][-1:])


@router.get(
    "individual/record/data-agreement/{dataAgreementId}/all/", response=shapes.RecordsAnswer,
    operation_id="serviceIndividualDataAgreementConsentRecordList",
)  # fmt: skip
def list_agreement_records(
    request: HttpRequest, dataAgreementId: AgreementId, offset: Offset = 0, limit: Limit = 100
) -> shapes.RecordsAnswer:
    """Every decision on an agreement of the caller's agency."""
    found = agreement_called(dataAgreementId)
    if found.agency != actor(request).agency:
        raise NotHere("This agreement is another agency's.", "Ask for one of your own: see data-agreements")
    given = service.consents_given(actor(request), purpose=found.purpose, start=offset, most=limit)
    return records(request, given)


@router.post(
    "individual/record/consent-record/draft/", response=shapes.RecordAnswer,
    operation_id="serviceIndividualConsentRecordDraftCreate",
)  # fmt: skip
def draft_record(
    request: HttpRequest, individualId: Who, dataAgreementId: WhichAgreement, revisionId: Hash = ""
) -> shapes.RecordAnswer:
    """What the person would be asked. Nothing is kept and nobody is told."""
    person_called(request, individualId)
    found = agreement_called(dataAgreementId)
    text = newest_wording(found, revisionId)
    return shapes.RecordAnswer(consentRecord=asked_out(found, text, individualId))


@router.get(
    "individual/record/consent-record/",
    response=shapes.RecordsAnswer,
    operation_id="serviceIndividualConsentRecordList",
)
def list_records(
    request: HttpRequest, individualId: Who, offset: Offset = 0, limit: Limit = 100
) -> shapes.RecordsAnswer:
    """A person's consents to uses by the caller's agency."""
    person = person_called(request, individualId)
    return records(request, service.consents_given(actor(request), person=person, start=offset, most=limit))


@router.post(
    "individual/record/consent-record/", response=shapes.RecordAnswer,
    operation_id="serviceIndividualConsentRecordSignatureCreate",
)  # fmt: skip
def create_signed_record(request: HttpRequest, body: shapes.SignedRecordBody) -> NoReturn:
    raise NotHere(ONLY_THE_PERSON, ASK)


@router.put(
    "individual/record/consent-record/{consentRecordId}/", response=shapes.RecordAnswer,
    operation_id="serviceIndividualConsentRecordUpdate",
)  # fmt: skip
def update_record(request: HttpRequest, consentRecordId: UUID, body: shapes.RecordBody) -> shapes.RecordAnswer:
    """Say for a person that they agree or withdraw. The rules refuse a machine, and the person sees that it tried."""
    caller = actor(request)
    found = service.consents_given(caller, consent=consentRecordId)
    if found and body.consentRecord.optIn:
        service.give_consent(caller, found[0].person, found[0].consent.purpose, found[0].consent.agency)
    elif found:
        service.withdraw_consent(caller, found[0].person, found[0].consent.id)
    return one_record(request, service.consents_given(caller, consent=consentRecordId))


@router.post(
    "individual/record/consent-record/{consentRecordId}/signature/", response=shapes.SignatureAnswer,
    operation_id="serviceIndividualSignatureCreate",
)  # fmt: skip
def create_signature(request: HttpRequest, consentRecordId: UUID, body: shapes.SignatureBody) -> NoReturn:
    raise NotHere(ONLY_THE_PERSON, ASK)


@router.put(
    "individual/record/consent-record/{consentRecordId}/signature/", response=shapes.SignatureAnswer,
    operation_id="serviceIndividualSignatureUpdate",
)  # fmt: skip
def update_signature(request: HttpRequest, consentRecordId: UUID, body: shapes.SignatureBody) -> NoReturn:
    raise NotHere(ONLY_THE_PERSON, ASK)


@router.delete("individual/record/", operation_id="serviceIndividualConsentRecordDeleteAll")
def delete_records(request: HttpRequest) -> NoReturn:
    raise NotHere("Erasing what is kept about a person is decided as a case.", "The person asks for it in “Your data”")


@audit.get("consent-records/", response=shapes.RecordsAnswer, operation_id="auditConsentRecordList")
def audit_records(request: HttpRequest, offset: Offset = 0, limit: Limit = 100) -> shapes.RecordsAnswer:
    return records(request, service.consents_audited(actor(request), start=offset, most=limit))


@audit.get("consent-record/{consentRecordId}/", response=shapes.RecordAnswer, operation_id="auditConsentRecordRead")
def audit_record(request: HttpRequest, consentRecordId: UUID) -> shapes.RecordAnswer:
    return one_record(request, service.consents_audited(actor(request), consent=consentRecordId))


@audit.get("data-agreements/", response=shapes.AgreementsAnswer, operation_id="auditDataAgreementList")
def audit_agreements(request: HttpRequest, offset: Offset = 0, limit: Limit = 100) -> shapes.AgreementsAnswer:
    return shapes.AgreementsAnswer(dataAgreements=some_agreements(offset, limit))


@audit.get("data-agreement/{dataAgreementId}/", response=shapes.AgreementAnswer, operation_id="auditDataAgreementRead")
def audit_agreement(request: HttpRequest, dataAgreementId: AgreementId) -> shapes.AgreementAnswer:
    found = agreement_called(dataAgreementId)
    return shapes.AgreementAnswer(dataAgreement=agreement_out(found))
