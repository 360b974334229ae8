"""What the parts of the Consent API share: its parameters, and how what they name is found."""

from __future__ import annotations

from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from ninja import Path, Query

from commonweal.core.identity import people
from commonweal.core.identity.actors import Person
from commonweal.core.policy import agreements
from commonweal.core.policy import api_schemas as shapes
from commonweal.core.policy.agreements import THE_POLICY, Agreement, NoAgreement, NoRevision, Policy, Revision
from commonweal.core.policy.service import Given
from commonweal.core.portal.api import BadField, OneOf, actor

MOST = 1_000  # people in one act
VERSION = "1.1.0"  # of GovStack's specification
PAIRWISE = r"^[A-Za-z0-9_-]{43}$"
LATER = 2**31


def _names() -> list[str]:
    return [found.id for found in agreements.agreements()]


Offset = Annotated[int, Query(ge=0, le=LATER, description="How many to leave out at the start")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most")]
PolicyId = Annotated[Annotated[str, OneOf(lambda: [THE_POLICY])], Path(description="The node's policy has the id 1")]
AgreementId = Annotated[Annotated[str, OneOf(_names)], Path(description="Purpose and agency")]
WhichAgreement = Annotated[Annotated[str, OneOf(_names)], Query(description="Purpose and agency")]
Who = Annotated[str, Query(pattern=PAIRWISE, description="What the caller's agency calls the person")]
WhoInPath = Annotated[str, Path(pattern=PAIRWISE, description="What the caller's agency calls the person")]
Hash = Annotated[str, Query(pattern="^([0-9a-f]{64})?$", description="The hash of a wording; without it, the newest")]


def policy_called(id_: str) -> Policy:
    """Raises BadField."""
    if id_ != THE_POLICY:
        raise BadField("policyId", "There is no such policy.", f"A node has one policy; its id is {THE_POLICY}")
    return agreements.policy()


def agreement_called(id_: str) -> Agreement:
    """Raises BadField."""
    try:
        return agreements.agreement(id_)
    except NoAgreement as error:
        raise BadField("dataAgreementId", f"{error}.", "Take an id from config/data-agreements/") from None


def wording(hash_: str, schema: str, object_id: str) -> Revision:
    """The wording of this object with this hash. Raises BadField."""
    try:
        found = agreements.revision(hash_)
    except NoRevision:
        found = None
    if found is None or (found.schema, found.object_id) != (schema, object_id):
        raise BadField("revisionId", "There was never such a wording.", "Leave it out for the newest", 404)
    return found


def newest_wording(found: Agreement, hash_: str) -> Revision:
    """The wording now; a person is never asked to agree to an older one. Raises BadField."""
    newest = agreements.revision_of(found)
    if hash_ and hash_ != newest.hash:
        raise BadField("revisionId", "This is not the newest wording.", "Leave it out for the newest", 409)
    return newest


def person_called(request: HttpRequest, id_: str) -> Person:
    """Raises BadField."""
    found = people.called(id_, actor(request).agency)
    if found is None:
        raise BadField("individualId", "Your agency knows nobody by this id.", "Take one from service/individual/", 404)
    return found


def policy_out(found: Policy) -> shapes.Policy:
    return shapes.Policy(id=found.id, name=found.name, version=found.version, url=found.address)


def revision_out(found: Revision) -> shapes.Revision:
    return shapes.Revision(
        id=found.hash, schemaName=found.schema, objectId=found.object_id, signedWithoutObjectId=False,
        serializedSnapshot=found.snapshot, serializedHash=found.hash, timestamp=found.at,
        authorizedByOther=settings.COMMONWEAL.origin, predecessorHash=found.predecessor or None,
    )  # fmt: skip


def agreement_out(found: Agreement) -> shapes.DataAgreement:
    address = settings.COMMONWEAL.address
    return shapes.DataAgreement(
        id=found.id, version=VERSION, purpose=found.says, lawfulBasis=found.basis, dataUse="data_using_service",
        controller=shapes.Controller(id=found.agency, name=found.agency_name, url=address),
        policy=policy_out(agreements.policy()), dpia=f"{address}/processing/", active=True, forgettable=False,
        lifecycle=shapes.Lifecycle(id="complete", name="Complete"),
    )  # fmt: skip


def record_out(given: Given, agency: str) -> shapes.ConsentRecord:
    """A consent as an agency sees it; people by what that agency calls them."""
    consent = given.consent
    found = agreements.agreement(agreements.name(consent.purpose.name, consent.agency))
    text = agreements.revision_at(found, consent.given)
    return shapes.ConsentRecord(
        id=consent.id, dataAgreement=agreement_out(found), dataAgreementRevision=revision_out(text),
        dataAgreementRevisionHash=text.hash, optIn=consent.withdrawn is None, state="signed",
        individual=shapes.Individual(id=people.pairwise(given.person, agency)),
    )  # fmt: skip


def asked_out(found: Agreement, text: Revision, individual: str) -> shapes.ConsentRecord:
    """What a person is asked: no record yet, so it has no id."""
    return shapes.ConsentRecord(
        id="", dataAgreement=agreement_out(found), dataAgreementRevision=revision_out(text),
        dataAgreementRevisionHash=text.hash, individual=shapes.Individual(id=individual), optIn=False, state="unsigned",
    )  # fmt: skip


def one_record(request: HttpRequest, found: list[Given]) -> shapes.RecordAnswer:
    """Raises BadField when there is none."""
    if not found:
        raise BadField("consentRecordId", "There is no such decision.", "Ask for one of your agency's agreements", 404)
    record = record_out(found[0], actor(request).agency)
    return shapes.RecordAnswer(consentRecord=record, revision=record.dataAgreementRevision)


def records(request: HttpRequest, found: list[Given]) -> shapes.RecordsAnswer:
    return shapes.RecordsAnswer(consentRecords=[record_out(one, actor(request).agency) for one in found])


def some_agreements(offset: int, limit: int) -> list[shapes.DataAgreement]:
    return [agreement_out(one) for one in agreements.agreements()[offset : offset + limit]]
